import type { Milliseconds } from '../../../src/core';
import type { PhoneOptions, TransferOptions } from '../../../src/lab';
import { formatDuration, parseDuration } from '../../../src/scenario';

/** A phone as it stands in a scenario file, with every option that a story draws; null when all is as usual. */
export function describePhone({ transport, behaviour, holdStyle, holdTone, laws, ringLimit, credentials, requires, defects, refer, transfer }: PhoneOptions): unknown {
  const entries = {
    ...(transport !== undefined && transport !== 'udp' && { transport }),
    ...(defects !== undefined && { defects: [...defects] }),
    ...describeBehaviour(behaviour),
    ...(holdStyle !== undefined && holdStyle !== 'sendonly' && { 'hold-style': holdStyle }),
    ...(holdTone === false && { 'hold-tone': false }),
    ...(laws !== undefined && { laws }),
    ...(ringLimit !== undefined && { 'ring-limit': exactDuration(ringLimit) }),
    ...(refer !== undefined && { refer }),
    ...(transfer !== undefined && { transfer: describeTransfer(transfer) }),
    ...(credentials !== undefined && { credentials }),
    ...(requires !== undefined && {
      requires: { realm: requires.realm, users: Object.fromEntries(requires.users.map(({ username, password }) => [username, password])) },
    }),
  };
  return Object.keys(entries).length === 0 ? null : entries;
}

function describeTransfer({ hangUp, referSub, referredBy, subscription, place, refer, blonde }: TransferOptions): Record<string, unknown> {
  return {
    ...(hangUp !== undefined && { 'hang-up': hangUp }),
    ...(referSub !== undefined && { 'refer-sub': referSub }),
    ...(subscription !== undefined && { subscription }),
    ...(referredBy !== undefined && { 'referred-by': referredBy }),
    ...(place !== undefined && { place }),
    ...(refer !== undefined && { refer }),
    ...(blonde !== undefined && { blonde }),
  };
}

function describeBehaviour(behaviour: PhoneOptions['behaviour']): Record<string, unknown> {
  switch (behaviour?.kind) {
    case undefined:
    case 'manual':
      return {};
    case 'answer':
      return { answers: behaviour.after === 0 ? 'at once' : `after ${exactDuration(behaviour.after)}` };
    case 'busy':
      return { busy: true };
    case 'decline':
      return { declines: true };
    case 'ignore':
      return { answers: 'never' };
    case 'redirect':
      return { redirects: behaviour.to };
  }
}

/** To the millisecond, as the story has it. */
function exactDuration(duration: Milliseconds): string {
  const text = formatDuration(duration);
  return parseDuration(text) === duration ? text : `${String(duration)} ms`;
}
