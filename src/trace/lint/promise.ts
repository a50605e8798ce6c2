import { formatAddress } from '../../net';
import type { CallRecord, Side } from '../call';
import type { PlacedMessage } from '../correlator';
import { attempt, type MessageRecord } from '../message';
import { sameParty } from '../party';
import { readReferTo } from '../refer-to';
import { nameIn } from '../words';
import type { Lint, LintContext } from './lint';
import { headerPlace } from './places';
import { isReferral } from './referral';

/** How many of the newest calls are looked at for a consultation. */
const mostCompared = 200;

/** T11, "replaces" in Supported: there and not true, or not there, so that the consultation is wasted. */
export class PromiseLint implements Lint {
  readonly methods = ['INVITE', 'REFER'];
  readonly #context: LintContext;

  constructor(context: LintContext) {
    this.#context = context;
  }

  onMessage({ record, sip, facts }: PlacedMessage): void {
    if (facts.method === 'REFER') {
      if (sip.kind === 'request') this.#onRefer(record);
      return;
    }
    const { call } = record;
    if (sip.kind !== 'response' || sip.status !== 420 || call?.replaces === undefined) return;
    const refused = attempt(() => sip.unsupported) ?? [];
    if (!refused.includes('replaces')) return;
    const { callId, toTag, fromTag } = call.replaces;
    const replaced = this.#context.calls.findDialog(callId, toTag, fromTag)?.call;
    const side = replaced !== undefined && sameParty(replaced.caller, call.callee) ? 'caller' : 'callee';
    const promise = replaced === undefined ? undefined : helloOf(replaced, side);
    if (promise === undefined || !supportsReplaces(promise)) return;
    this.#context.report({
      id: 'T11',
      clause: `${nameIn(call.callee)}'s phone promises that it can take over a call and then refuses to (420)`,
      message: record,
      range: headerPlace(sip, 'Unsupported'),
      related: [promise, call.invite],
    });
  }

  /** A REFER without Replaces to somebody whom the sender is talking to. */
  #onRefer(refer: MessageRecord): void {
    const referral = refer.transfers.find(isReferral);
    const destination = refer.sip === undefined ? undefined : readReferTo(refer.sip);
    if (referral === undefined || destination?.address === undefined) return;
    if (destination.uri.headers.some(([name]) => name.toLowerCase() === 'replaces')) return;
    const { transferor } = referral;
    const wanted = formatAddress(destination.address);
    for (const call of this.#context.calls.calls.slice(-mostCompared)) {
      if (call.state !== 'up' || call === refer.call) continue;
      const own = sideOf(call, (party) => sameParty(party, transferor));
      if (own === undefined) continue;
      const other: Side = own === 'caller' ? 'callee' : 'caller';
      const { address, name } = call[other];
      if (address === undefined || formatAddress(address) !== wanted) continue;
      if (destination.uri.user !== undefined && destination.uri.user !== name) continue;
      const hello = helloOf(call, other);
      if (hello === undefined || supportsReplaces(hello)) continue;
      this.#context.report({
        id: 'T11',
        clause: `${nameIn(transferor)} has a call with ${nameIn(call[other])} and cannot use it: that phone does not say that it supports Replaces`,
        message: refer,
        range: refer.sip === undefined ? { start: 0, end: 0 } : headerPlace(refer.sip, 'Refer-To'),
        related: [hello],
      });
      return;
    }
  }
}

function sideOf(call: CallRecord, is: (party: CallRecord['caller']) => boolean): Side | undefined {
  if (is(call.caller)) return 'caller';
  return is(call.callee) ? 'callee' : undefined;
}

/** The message in which a party of a call said what its phone can do. */
function helloOf(call: CallRecord, side: Side): MessageRecord | undefined {
  return side === 'caller' ? call.invite : call.final;
}

function supportsReplaces({ sip }: MessageRecord): boolean {
  return sip !== undefined && (attempt(() => sip.supported) ?? []).includes('replaces');
}
