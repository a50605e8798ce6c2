import type { Milliseconds } from '../../../src/core';
import type { CallOptions, Credentials, PhoneOptions, RegisterOptions, ServerOptions, TransferOptions } from '../../../src/lab';
import { formatDuration, parseDuration } from '../../../src/scenario';

/** A phone as it stands in a scenario file, with every option that a story draws; null when all is as usual. */
export function describePhone(phone: PhoneOptions): unknown {
  const { transport, behaviour, holdStyle, holdTone, laws, ringLimit, credentials, requires, defects, refer, referStatus, transfer, register, outboundProxy } = phone;
  const entries = {
    ...(transport !== undefined && transport !== 'udp' && { transport }),
    ...(defects !== undefined && { defects: [...defects] }),
    ...describeBehaviour(behaviour),
    ...(holdStyle !== undefined && holdStyle !== 'sendonly' && { 'hold-style': holdStyle }),
    ...(holdTone === false && { 'hold-tone': false }),
    ...(laws !== undefined && { laws }),
    ...(ringLimit !== undefined && { 'ring-limit': exactDuration(ringLimit) }),
    ...(refer !== undefined && { refer }),
    ...(referStatus !== undefined && { 'refer-status': referStatus }),
    ...(transfer !== undefined && { transfer: describeTransfer(transfer) }),
    ...describeCallOptions(phone),
    ...(register !== undefined && { register: describeRegister(register) }),
    ...(outboundProxy !== undefined && { 'outbound-proxy': outboundProxy }),
    ...(credentials !== undefined && { credentials }),
    ...(requires !== undefined && {
      requires: { realm: requires.realm, users: describeUsers(requires.users) },
    }),
  };
  return Object.keys(entries).length === 0 ? null : entries;
}

/** A server as it stands in a scenario file, with every option that a story draws. */
export function describeServer({ kind, recordRoute, fork, registrar }: ServerOptions): unknown {
  return {
    kind,
    ...(recordRoute !== undefined && { 'record-route': recordRoute }),
    ...(fork !== undefined && { fork }),
    ...(registrar !== undefined && {
      registrar: {
        ...(registrar.users !== undefined && { users: describeUsers(registrar.users) }),
        ...(registrar.challengeCalls !== undefined && { 'challenge-calls': registrar.challengeCalls }),
      },
    }),
  };
}

function describeUsers(users: readonly Credentials[]): Record<string, string> {
  return Object.fromEntries(users.map(({ username, password }) => [username, password]));
}

function describeRegister({ registrar, password, expires }: RegisterOptions): unknown {
  if (password === undefined && expires === undefined) return registrar;
  return { registrar, ...(password !== undefined && { password }), ...(expires !== undefined && { expires }) };
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

function describeCallOptions({ reliable, earlyMedia, sessionTimer, dtmf, connectedIdentity }: CallOptions): Record<string, unknown> {
  return {
    ...(reliable !== undefined && { reliable }),
    ...(earlyMedia !== undefined && { 'early-media': earlyMedia }),
    ...(sessionTimer !== undefined && { 'session-timer': describeSessionTimer(sessionTimer) }),
    ...(dtmf !== undefined && { dtmf }),
    ...(connectedIdentity !== undefined && { 'connected-identity': connectedIdentity }),
  };
}

function describeSessionTimer({ expires, min, refresher, method }: NonNullable<CallOptions['sessionTimer']>): Record<string, unknown> {
  return {
    ...(expires !== undefined && { expires: exactDuration(expires) }),
    ...(min !== undefined && { min: exactDuration(min) }),
    ...(refresher !== undefined && { refresher }),
    ...(method !== undefined && { method }),
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
