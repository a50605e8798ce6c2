import type { CallRecord } from '../call';
import type { PlacedMessage } from '../correlator';
import { attempt, type MessageRecord } from '../message';
import { readReferTo, sameTarget } from '../refer-to';
import { nameIn } from '../words';
import type { Lint, LintContext } from './lint';
import { headerPlace } from './places';
import { isReferral, referralOf } from './referral';

/** Redirections followed back at most; Max-Forwards begins with 70 (RFC 3261 section 8.1.1.6). */
const mostHops = 70;

/** T13, a transfer or a forwarding that comes back to where it was. */
export class CircleLint implements Lint {
  readonly methods = ['INVITE', 'REFER'];
  readonly #context: LintContext;

  constructor(context: LintContext) {
    this.#context = context;
  }

  onMessage({ record, sip, facts, transaction }: PlacedMessage): void {
    if (sip.kind === 'request') {
      if (facts.method === 'REFER') this.#onRefer(record);
      return;
    }
    if (sip.status === 482 || sip.status === 483) {
      this.#onTooManyHops(record, transaction.request, sip.status);
    } else if (facts.method === 'INVITE' && sip.status >= 300 && sip.status < 400) {
      this.#onRedirect(record);
    }
  }

  #onRefer(refer: MessageRecord): void {
    const { sip } = refer;
    const destination = sip === undefined ? undefined : readReferTo(sip);
    if (sip?.kind !== 'request' || destination === undefined || destination.replaces !== undefined) return;
    const isOwn = attempt(() => sameTarget(destination.uri, sip.uri) || sameTarget(destination.uri, sip.to.uri));
    if (isOwn !== true) return;
    const referral = refer.transfers.find(isReferral);
    const [transferor, transferee] =
      referral === undefined ? ['the sender', 'the receiver'] : [nameIn(referral.transferor), nameIn(referral.asked)];
    this.#context.report({
      id: 'T13',
      clause: `${transferor} transfers ${transferee} to ${transferee}: a circle`,
      message: refer,
      range: headerPlace(sip, 'Refer-To'),
    });
  }

  #onTooManyHops(answer: MessageRecord, request: MessageRecord | undefined, status: number): void {
    if (answer.sip === undefined) return;
    const referral = referralOf(answer.call);
    const what = request?.facts?.method === 'REFER' ? 'the REFER' : 'the call';
    this.#context.report({
      id: 'T13',
      clause: `${what} went in a circle until it was stopped (${status})`,
      message: answer,
      range: answer.sip.startLineRange,
      related: [referral?.opened, request],
    });
  }

  #onRedirect(answer: MessageRecord): void {
    const { sip, call } = answer;
    if (sip === undefined || call?.final !== answer) return;
    const contacts = (attempt(() => sip.contacts) ?? []).flatMap((contact) => (contact === '*' ? [] : [contact.uri]));
    const before = chainOf(call);
    // Only when nobody new is left to be called is it a circle and not a detour.
    const again = contacts.map((uri) => before.find(({ invite }) => goesTo(invite, uri)));
    const [first] = again;
    if (first === undefined || again.includes(undefined)) return;
    this.#context.report({
      id: 'T13',
      clause: `${nameIn(call.callee)} sends the call back to where it came from: a circle`,
      message: answer,
      range: headerPlace(sip, 'Contact'),
      related: [first.invite],
    });
  }
}

/** The call, and those whose redirection led to it. */
function chainOf(call: CallRecord): readonly CallRecord[] {
  const chain: CallRecord[] = [];
  for (let at: CallRecord | undefined = call; at !== undefined && chain.length < mostHops; at = at.redirectedFrom) chain.push(at);
  return chain;
}

function goesTo({ sip }: MessageRecord, uri: Parameters<typeof sameTarget>[0]): boolean {
  return sip?.kind === 'request' && attempt(() => sameTarget(sip.uri, uri)) === true;
}
