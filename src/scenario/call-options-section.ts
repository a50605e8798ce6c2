import type { CallOptions } from '../lab';
import { readDuration } from './read-duration';
import type { YamlValue } from './yaml-value';

type SessionTimer = NonNullable<CallOptions['sessionTimer']>;

/** The keys of a phone that say how it makes and takes its calls, and what each sets. */
export const callOptionReaders: Readonly<Record<string, (value: YamlValue) => CallOptions>> = {
  reliable: (value) => option('reliable', value.word('how provisional responses are sent', ['off', 'supported', 'required'])),
  'early-media': (value) => option('earlyMedia', value.boolean()),
  'session-timer': (value) => option('sessionTimer', readSessionTimer(value)),
  dtmf: (value) => option('dtmf', value.word('how keys travel', ['rtp', 'info'])),
  'connected-identity': (value) => option('connectedIdentity', value.boolean()),
};

function option<Key extends keyof CallOptions>(key: Key, value: CallOptions[Key] | undefined): CallOptions {
  return value === undefined ? {} : { [key]: value };
}

function readSessionTimer(value: YamlValue): SessionTimer {
  const fields = value.fields('a session timer, such as "expires: 30min"', ['expires', 'min', 'refresher', 'method']);
  const [expires, min] = ['expires', 'min'].map((name) => {
    const field = fields.get(name);
    return field === undefined ? undefined : readDuration(field);
  });
  const refresher = fields.get('refresher')?.word('who refreshes', ['uac', 'uas']);
  const method = fields.get('method')?.word('how the session is refreshed', ['invite', 'update']);
  return {
    ...(expires === undefined ? {} : { expires }),
    ...(min === undefined ? {} : { min }),
    ...(refresher === undefined ? {} : { refresher }),
    ...(method === undefined ? {} : { method }),
  };
}
