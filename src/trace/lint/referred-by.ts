import type { PlacedMessage } from '../correlator';
import { attempt, type MessageRecord } from '../message';
import { sameTarget } from '../refer-to';
import { nameIn } from '../words';
import type { Lint, LintContext } from './lint';
import { headerPlace } from './places';
import { isReferral, referralOf } from './referral';

/** T12, Referred-By: copied from each REFER into the INVITE it asks for, and from nowhere else. */
export class ReferredByLint implements Lint {
  readonly methods = ['INVITE', 'REFER'];
  readonly #context: LintContext;

  constructor(context: LintContext) {
    this.#context = context;
  }

  onMessage({ record, sip, facts }: PlacedMessage): void {
    if (sip.kind !== 'request') return;
    if (facts.method === 'REFER') this.#onRefer(record);
    else if (facts.toTag === '') this.#onInvite(record);
  }

  #onInvite(invite: MessageRecord): void {
    const referral = referralOf(invite.call);
    const asked = referral === undefined ? undefined : referrerOf(referral.opened);
    if (referral === undefined || asked === undefined || invite.sip === undefined) return;
    const given = referrerOf(invite);
    if (given !== undefined && sameReferrer(given, asked)) return;
    const { asked: transferee, transferor, called: target } = referral;
    const what =
      given === undefined ? `does not say that ${nameIn(transferor)} transferred the call` : `names another referrer than ${nameIn(transferor)}`;
    this.#context.report({
      id: 'T12',
      clause: `${nameIn(transferee)}'s INVITE to ${nameIn(target)} ${what}`,
      message: invite,
      range: headerPlace(invite.sip, 'Referred-By'),
      related: [referral.opened],
    });
  }

  /** A REFER with the Referred-By of the transfer that brought its sender this call. */
  #onRefer(refer: MessageRecord): void {
    const { call, sip } = refer;
    const named = referrerOf(refer);
    const before = call === undefined ? undefined : referrerOf(call.invite);
    if (sip === undefined || named === undefined || before === undefined || !sameReferrer(named, before)) return;
    const from = attempt(() => sip.from.uri);
    const to = attempt(() => sip.to.uri);
    if (from === undefined || sameTarget(from, named) || (to !== undefined && sameTarget(to, named))) return;
    const transferor = refer.transfers.find(isReferral)?.transferor;
    this.#context.report({
      id: 'T12',
      clause: `${transferor === undefined ? 'the sender' : nameIn(transferor)} still names the referrer of an earlier transfer`,
      message: refer,
      range: headerPlace(sip, 'Referred-By'),
      related: [call?.invite],
    });
  }
}

type Uri = Parameters<typeof sameTarget>[0];

function referrerOf({ sip }: MessageRecord): Uri | undefined {
  return sip === undefined ? undefined : attempt(() => sip.referredBy?.uri);
}

function sameReferrer(a: Uri, b: Uri): boolean {
  return attempt(() => sameTarget(a, b)) === true;
}
