import type { CallOptions } from '../../lab';
import { parseDuration } from '../../scenario';
import type { Checker } from './checker';

type Fields = NonNullable<ReturnType<Checker['fields']>>;
type SessionTimer = NonNullable<CallOptions['sessionTimer']>;
type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

/** The fields of a phone that say how it makes and takes its calls; the manifest's schema has the same. */
export const callOptionKeys: readonly string[] = ['reliable', 'earlyMedia', 'sessionTimer', 'dtmf', 'connectedIdentity'];

export const sessionTimerKeys: readonly string[] = ['expires', 'min', 'refresher', 'method'];

/** What is wrong is named and left out. */
export function checkCallOptions(fields: Fields): CallOptions {
  const options: Mutable<CallOptions> = {};
  const reliable = fields.word('reliable', ['off', 'supported', 'required']);
  if (reliable !== undefined) options.reliable = reliable;
  const earlyMedia = fields.boolean('earlyMedia');
  if (earlyMedia !== undefined) options.earlyMedia = earlyMedia;
  const sessionTimer = checkSessionTimer(fields.fields('sessionTimer', sessionTimerKeys));
  if (sessionTimer !== undefined) options.sessionTimer = sessionTimer;
  const dtmf = fields.word('dtmf', ['rtp', 'info']);
  if (dtmf !== undefined) options.dtmf = dtmf;
  const connectedIdentity = fields.boolean('connectedIdentity');
  if (connectedIdentity !== undefined) options.connectedIdentity = connectedIdentity;
  return options;
}

function checkSessionTimer(fields: Fields | undefined): SessionTimer | undefined {
  if (fields === undefined) return undefined;
  const timer: Mutable<SessionTimer> = {};
  for (const name of ['expires', 'min'] as const) {
    const text = fields.text(name);
    const time = text === undefined ? undefined : parseDuration(text);
    if (time !== undefined) timer[name] = time;
    else if (text !== undefined) fields.complain(name, `"${text}" is no time; write 90s or 30min`);
  }
  const refresher = fields.word('refresher', ['uac', 'uas']);
  if (refresher !== undefined) timer.refresher = refresher;
  const method = fields.word('method', ['invite', 'update']);
  if (method !== undefined) timer.method = method;
  return timer;
}
