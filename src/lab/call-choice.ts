import { CallLabError } from '../core';
import type { Call } from './call';
import type { CallHolder, Phone } from './phone';
import type { TransferAsk } from './phone-transfers';
import { isAtWork } from './registration-actions';
import type { VerbName } from './verb';

/** The calls of `phone` that `verb` could act on, the likeliest first. */
export function callsFor<OwnCall extends Call>(phone: CallHolder<OwnCall>, verb: VerbName): readonly OwnCall[] {
  const { calls } = phone;
  const up = calls.filter((call) => call.isUp);
  switch (verb) {
    case 'answer':
    case 'reject':
    case 'redirect':
      return calls.filter((call) => call.state === 'incoming');
    case 'hold':
      return calls.filter((call) => call.canHold && !call.holding).sort(byAttention);
    case 'dtmf':
      return up.filter((call) => !call.holding).sort(byAttention);
    case 'resume':
      return calls.filter((call) => call.canHold && call.holding).sort(byAttention);
    case 'hangup':
      return [...calls].sort((a, b) => Number(a.holding) - Number(b.holding) || byAttention(a, b));
    case 'transfer':
      return [...up].sort(byAttention);
    case 'attended-transfer':
    case 'blonde-transfer':
      return [...up].sort((a, b) => Number(b.holding) - Number(a.holding) || byAttention(a, b));
    case 'allow-transfer':
    case 'refuse-transfer':
      return calls.filter((call) => phone.asks.some((ask) => ask.call === call.id));
    case 'swap':
      return canSwap(phone) ? up : [];
    default:
      return [];
  }
}

/** Whether `verb` makes sense on this phone now. */
export function canAct(phone: Phone, verb: VerbName): boolean {
  if (!phone.isWorking) return false;
  const own = phone.can(verb);
  if (own !== undefined) return own;
  if (verb === 'place' || verb === 'crash' || verb === 'restart') return true;
  if (verb === 'register') return phone.registration !== undefined && !isAtWork(phone);
  if (verb === 'unregister') return phone.registration !== undefined && phone.registration.state !== 'unregistered';
  if (verb === 'consult') return phone.calls.some((call) => call.isUp);
  if (verb === 'allow-transfer' || verb === 'refuse-transfer') return phone.asks.length > 0;
  return callsFor(phone, verb).length > 0;
}

export function canSwap(phone: Pick<CallHolder, 'calls'>): boolean {
  const up = phone.calls.filter((call) => call.isUp);
  return up.length === 2 && up.filter((call) => call.holding).length === 1;
}

function byAttention(a: Call, b: Call): number {
  return b.attention - a.attention;
}

/** The call a person means; `word` names the other party or the call, and may be left out where only one call fits. */
export function chooseCall<OwnCall extends Call>(phone: CallHolder<OwnCall>, verb: VerbName, word: string | undefined): OwnCall {
  const able = callsFor(phone, verb);
  if (word !== undefined) {
    const meant = able.find((call) => call.isMeantBy(word));
    if (meant !== undefined) return meant;
    const other = phone.calls.find((call) => call.isMeantBy(word));
    if (other === undefined) throw new CallLabError('CL3002', `${phone.name} has no call with ${word}`);
    throw new CallLabError('CL3003', `${phone.name} cannot ${verb}: the call with ${word} is ${describeCall(other)}`);
  }
  const [first, second] = able;
  if (first === undefined) {
    const [any] = phone.calls;
    const why = any === undefined ? `${phone.name} has no call` : `the call with ${any.peer} is ${describeCall(any)}`;
    throw new CallLabError(any === undefined ? 'CL3002' : 'CL3003', `${phone.name} cannot ${verb}: ${why}`);
  }
  // Hanging up, holding or pressing keys means the call the person is in; for the rest a guess could hit the wrong party.
  const takesTheFirst = verb === 'hangup' || verb === 'hold' || verb === 'dtmf';
  if (second === undefined || takesTheFirst) return first;
  const peers = able.map((call) => call.peer).join(', ');
  throw new CallLabError('CL3006', `${phone.name} cannot ${verb}: several calls fit (${peers}); name one`);
}

function describeCall(call: Call): string {
  if (call.isUp && call.holding) return 'on hold';
  return call.isUp ? 'up' : call.state;
}

/** The transfer a person answers; `word` names who asks, or the call, and is needed where several ask. */
export function chooseAsk(phone: CallHolder, word: string | undefined): TransferAsk {
  const asks = phone.asks.filter(({ by, call }) => word === undefined || word === by || word === call);
  const [ask, second] = asks;
  if (ask === undefined) {
    const who = word === undefined ? 'Nobody asks' : `${word} does not ask`;
    throw new CallLabError('CL3003', `${who} to transfer ${phone.name}`);
  }
  if (second !== undefined) {
    throw new CallLabError('CL3006', `Several ask to transfer ${phone.name} (${asks.map(({ by }) => by).join(', ')}); name one`);
  }
  return ask;
}

/** The error that a call ended instead of doing what was asked. */
export function endedError(call: Call): CallLabError {
  const cause = call.end;
  return new CallLabError('CL3004', `The call with ${call.peer} ended: ${String(cause?.status ?? '')} ${cause?.text ?? ''}`);
}
