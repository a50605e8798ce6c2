import type { Replaces } from '../../sip';
import type { CallRecord, DialogRecord, Side } from '../call';
import type { PlacedMessage } from '../correlator';
import type { MessageRecord } from '../message';
import { type Party, sameParty } from '../party';
import { nameIn } from '../words';
import type { Lint, LintContext } from './lint';
import { replacesPlace } from './places';
import { referralOf } from './referral';

/** How many of the newest dialogs are compared with a Replaces that fits none. */
const mostCompared = 500;

/** T4 and T15, a Replaces that its receiver knows no call for: what is wrong with it. */
export class WrongReplacesLint implements Lint {
  readonly methods = ['INVITE'];
  readonly #context: LintContext;

  constructor(context: LintContext) {
    this.#context = context;
  }

  onMessage({ record, sip }: PlacedMessage): void {
    if (sip.kind !== 'response' || (sip.status !== 481 && sip.status !== 400)) return;
    const { call } = record;
    const written = call?.invite.sip?.header('Replaces');
    if (call === undefined || written === undefined || call.final !== record) return;
    const { replaces } = call;
    const asked = nameIn(call.callee);
    if (replaces === undefined) {
      if (!/;\s*(?:to|from)-tag=/i.test(written)) {
        this.#report('T4', `the Replaces sent to ${asked} has no tags`, call, record);
      } else if (!/;\s*to-tag=/i.test(written) || !/;\s*from-tag=/i.test(written)) {
        const lacks = /;\s*to-tag=/i.test(written) ? 'from-tag' : 'to-tag';
        this.#report('T4', `the Replaces sent to ${asked} lacks its ${lacks}`, call, record);
      }
    } else if (sip.status === 481) {
      this.#explain(replaces, call, record);
    }
  }

  #explain(replaces: Replaces, call: CallRecord, refusal: MessageRecord): void {
    const asked = call.callee;
    const { calls } = this.#context;
    const dialog = calls.findDialog(replaces.callId, replaces.toTag, replaces.fromTag);
    const side = dialog?.call === undefined ? undefined : sideAt(dialog.call, asked);
    if (dialog === undefined) {
      const twin = this.#twinOf(replaces, asked);
      const sameCallId = calls.dialogsOf(replaces.callId).find((other) => other.call !== undefined && sideAt(other.call, asked));
      if (twin !== undefined) {this.#reportRewritten(call, twin, refusal);}
      else if (sameCallId !== undefined) {
        this.#report('T4', `the Replaces sent to ${nameIn(asked)} has the Call-ID of their call and other tags`, call, refusal);
      }
      return;
    }
    if (side === undefined) {
      // Who replaces the call to be transferred itself (T3) has not met with a server.
      const far = dialog.call === referralOf(call)?.askedIn ? undefined : this.#farLegOf(dialog, asked);
      if (far !== undefined) this.#reportRewritten(call, far, refusal);
      return;
    }
    const tag = side === 'caller' ? dialog.callerTag : dialog.calleeTag;
    if (tag === replaces.toTag || dialog.callerTag === dialog.calleeTag) return;
    this.#report('T4', `the Replaces sent to ${nameIn(asked)} has its tags exchanged: to-tag must be the tag of ${nameIn(asked)}`, call, refusal);
  }

  /** A dialog of the one asked with these tags and another Call-ID: somebody between changed the one and not the other. */
  #twinOf(replaces: Replaces, asked: Party): DialogRecord | undefined {
    return this.#newest().find(
      ({ call, callerTag, calleeTag }) =>
        call !== undefined &&
        sideAt(call, asked) !== undefined &&
        ((callerTag === replaces.fromTag && calleeTag === replaces.toTag) ||
          (callerTag === replaces.toTag && calleeTag === replaces.fromTag)),
    );
  }

  /** The other leg of a call that goes through a server: the server is an end of both. */
  #farLegOf({ call: near }: DialogRecord, asked: Party): DialogRecord | undefined {
    if (near === undefined) return undefined;
    return this.#newest().find(
      ({ call }) =>
        call !== undefined &&
        call !== near &&
        call.upAt !== undefined &&
        sideAt(call, asked) !== undefined &&
        (sideAt(call, near.callee) !== undefined || sideAt(call, near.caller) !== undefined),
    );
  }

  #newest(): readonly DialogRecord[] {
    return this.#context.calls.dialogs.slice(-mostCompared).reverse();
  }

  #reportRewritten(call: CallRecord, far: DialogRecord, refusal: MessageRecord): void {
    const asked = nameIn(call.callee);
    const clause = `the Replaces sent to ${asked} has a Call-ID that ${asked} has never seen: a server between has changed that of the call and not this one`;
    this.#report('T15', clause, call, refusal, far.call?.invite);
  }

  /** The REFER is where it first went wrong, if one asked for this. */
  #report(id: 'T4' | 'T15', clause: string, call: CallRecord, refusal: MessageRecord, other?: MessageRecord): void {
    const refer = referralOf(call)?.opened;
    const message = refer ?? call.invite;
    if (message.sip === undefined) return;
    this.#context.report({
      id,
      clause,
      message,
      range: replacesPlace(message.sip),
      related: [other, refer === undefined ? undefined : call.invite, refusal],
    });
  }
}

function sideAt(call: CallRecord, party: Party): Side | undefined {
  if (sameParty(call.callee, party)) return 'callee';
  return sameParty(call.caller, party) ? 'caller' : undefined;
}
