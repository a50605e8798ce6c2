import type { CallInfo, Lab } from '../lab';
import type { LintFinding, LintId, TraceMessage, Transfer } from '../trace';
import { callMatches, type CallPhrase } from './condition';
import { describeCalls, describeHearing, distinctTransfers, hearsExactly, liveCalls } from './facts';
import type { CallsExpectation, Expectations, Expected, HearsExpectation, MessageExpectation, TransferExpectation } from './scenario';

/** A sentence for every expectation that does not hold now. */
export function verify(expectations: Expectations, lab: Lab): readonly string[] {
  const { hears, calls, transfers, messages, lints } = expectations;
  return [
    ...hears.flatMap((expected) => located(expected, verifyHearing(expected, lab))),
    ...calls.flatMap((expected) => located(expected, verifyCalls(expected, lab))),
    ...(transfers === undefined ? [] : located(transfers, ...verifyTransfers(transfers.list, distinctTransfers(lab)))),
    ...messages.flatMap((expected) => located(expected, verifyMessages(expected, lab.trace.messages))),
    ...(lints === undefined ? [] : located(lints, ...verifyLints(lints.ids, lab.trace.lints))),
  ];
}

function located({ range }: Expected<object>, ...faults: readonly (string | undefined)[]): readonly string[] {
  return faults.flatMap((fault) => (fault === undefined ? [] : [`line ${range.from.line}: ${fault}`]));
}

function verifyHearing(expected: HearsExpectation, lab: Lab): string | undefined {
  const { hears } = lab.phone(expected.phone);
  if (hearsExactly(hears, expected)) return undefined;
  return `${describeHearing(expected.phone, expected).replace(' hears ', ' should hear ')}, but ${describeHearing(expected.phone, hears)}.`;
}

function verifyCalls({ phone, calls }: CallsExpectation, lab: Lab): string | undefined {
  const { calls: all } = lab.phone(phone);
  const wantsEnded = (phrase: CallPhrase): boolean => phrase.word === 'ended';
  const live = calls.filter((phrase) => !wantsEnded(phrase));
  const ended = calls.filter(wantsEnded);
  const holds = matchAll(live, liveCalls(lab, phone)) && ended.every((phrase) => all.some((call) => callMatches(phrase, call)));
  if (holds) return undefined;
  return `${phone} should ${calls.length === 0 ? 'be idle' : `have: ${calls.map(describePhrase).join('; ')}`}, but ${describeCalls(phone, all)}.`;
}

/** Whether each phrase has a call of its own, and each call a phrase. */
function matchAll([phrase, ...phrases]: readonly CallPhrase[], calls: readonly CallInfo[]): boolean {
  if (phrase === undefined) return calls.length === 0;
  return calls.some((call) => callMatches(phrase, call) && matchAll(phrases, calls.filter((other) => other !== call)));
}

function describePhrase({ word, peer, status }: CallPhrase): string {
  return [word, ...(peer === undefined ? [] : ['with', peer]), ...(status === undefined ? [] : [status])].join(' ');
}

function verifyTransfers(list: readonly TransferExpectation[], transfers: readonly Transfer[]): readonly (string | undefined)[] {
  if (list.length !== transfers.length) return [`${countOf(list.length, 'transfer')} should have been made, but there ${isOrAre(transfers.length)}.`];
  return list.map((expected, index) => {
    const transfer = transfers[index];
    return transfer === undefined ? undefined : verifyTransfer(expected, transfer, list.length > 1 ? `transfer ${index + 1}` : 'the transfer');
  });
}

function verifyTransfer({ reason, ...expected }: TransferExpectation, transfer: Transfer, what: string): string | undefined {
  const found = {
    kind: transfer.kind,
    transferor: transfer.transferor.name,
    transferee: transfer.transferee.name,
    target: transfer.target.name,
    verdict: transfer.verdict,
  };
  const faults = Object.entries(expected).flatMap(([key, wanted]) => {
    const is = found[key as keyof typeof found];
    return is === wanted ? [] : [`its ${key} should be ${wanted}, not ${is}`];
  });
  if (reason !== undefined && !transfer.reason.toLowerCase().includes(reason.toLowerCase())) faults.push(`its reason should speak of "${reason}"`);
  return faults.length === 0 ? undefined : `${what}: ${faults.join(', ')}. ${transfer.reason}`;
}

function verifyMessages(expected: MessageExpectation, messages: readonly TraceMessage[]): string | undefined {
  const count = messages.filter((message) => isOf(expected, message)).length;
  if (count >= expected.min && count <= expected.max) return undefined;
  return `${expected.text} should have been sent ${describeCount(expected)}, but was sent ${times(count)}.`;
}

function verifyLints(wanted: readonly LintId[], found: readonly LintFinding[]): readonly string[] {
  const missing = wanted.filter((id) => !found.some((finding) => finding.id === id));
  const tooMuch = found.filter(({ id }) => !wanted.includes(id));
  return [
    ...missing.map((id) => `the lint ${id} should have found something, but did not.`),
    ...tooMuch.map(({ id, text, message }) => `the lint ${id} should have found nothing, but did in ${message.id}: ${text}`),
  ];
}

function isOf({ method, status }: MessageExpectation, { sip, iax, retransmissionOf }: TraceMessage): boolean {
  if (retransmissionOf !== undefined) return false;
  if (iax !== undefined) return status === undefined && (iax.command === method || iax.title === `CONTROL ${method ?? ''}`);
  if (sip === undefined) return false;
  if (sip.kind === 'request') return status === undefined && sip.method === method;
  return sip.status === status && (method === undefined || sip.cseq.method === method);
}

function describeCount({ min, max }: MessageExpectation): string {
  if (min === max) return times(min);
  if (max === Number.POSITIVE_INFINITY) return `at least ${times(min)}`;
  return min === 0 ? `at most ${times(max)}` : `${min} to ${times(max)}`;
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

function countOf(count: number, what: string): string {
  return `${count === 0 ? 'no' : count} ${what}${count === 1 ? '' : 's'}`;
}

function isOrAre(count: number): string {
  return count === 1 ? 'is 1' : `are ${count === 0 ? 'none' : count}`;
}
