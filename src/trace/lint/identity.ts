import type { Milliseconds } from '../../core';
import type { CallRecord } from '../call';
import type { PlacedMessage } from '../correlator';
import { attempt, type MessageRecord } from '../message';
import { sameParty } from '../party';
import { sameTarget } from '../refer-to';
import { readSipfrag } from '../sipfrag';
import { nameIn } from '../words';
import type { Lint, LintContext } from './lint';
import { headerPlace } from './places';
import { isReferral, type Referral, referralOf } from './referral';

/** How long a server may take to tell the target who is there now. */
const patience: Milliseconds = 2_500;
/** How many of the newest calls are looked at for the server's other leg. */
const mostCompared = 200;

/** T20, whom the target's phone shows after an attended transfer. */
export class IdentityLint implements Lint {
  readonly methods = ['INVITE', 'UPDATE', 'NOTIFY'];
  readonly #context: LintContext;
  /** When each call's callee was last told who is there. */
  readonly #told = new WeakMap<CallRecord, MessageRecord>();

  constructor(context: LintContext) {
    this.#context = context;
  }

  onMessage({ record, sip, facts }: PlacedMessage): void {
    if (sip.kind !== 'request') return;
    if (facts.method === 'NOTIFY') {
      const referral = record.transfers.find(isReferral);
      const status = readSipfrag(sip)?.status ?? 100;
      if ((referral?.kind === 'attended' || referral?.kind === 'blonde') && status >= 200 && status < 300) this.#onSuccess(referral, record);
    } else if (facts.toTag !== '') {
      if (record.call !== undefined && namesSomebody(record)) this.#told.set(record.call, record);
    } else if (facts.method === 'INVITE') {
      this.#onInvite(record);
    }
  }

  /** The new call of a transfer must come from the one who was transferred. */
  #onInvite(invite: MessageRecord): void {
    const referral = referralOf(invite.call);
    const { sip } = invite;
    const refer = referral?.opened.sip;
    if (referral === undefined || sip === undefined || refer === undefined) return;
    const place = namesOf(invite).find(({ uri }) => attempt(() => sameTarget(uri, refer.from.uri) && !sameTarget(uri, refer.to.uri)));
    if (place === undefined) return;
    const { called: target, transferor, asked: transferee } = referral;
    this.#context.report({
      id: 'T20',
      clause: `${nameIn(target)}'s phone shows ${nameIn(transferor)}, but it is ${nameIn(transferee)} who calls`,
      message: invite,
      range: headerPlace(sip, place.header),
      related: [referral.opened],
    });
  }

  /** A server joined its two calls without a new INVITE: it must tell the target so. */
  #onSuccess(referral: Referral, news: MessageRecord): void {
    const [, consultation] = referral.replacedCalls;
    if (referral.survivingCall !== undefined || consultation === undefined) return;
    const far = this.#context.calls.calls
      .slice(-mostCompared)
      .find(
        (call) =>
          call !== consultation &&
          call.state === 'up' &&
          sameParty(call.caller, consultation.callee) &&
          call.startedAt >= consultation.startedAt &&
          (call.upAt ?? 0) <= (consultation.upAt ?? 0),
      );
    if (far === undefined) return;
    this.#context.later(patience, () => {
      const told = this.#told.get(far);
      if (far.isOver || (told !== undefined && told.index > referral.opened.index)) return;
      this.#context.report({
        id: 'T20',
        clause: `nobody tells ${nameIn(far.callee)}'s phone who is there now: it still shows ${nameIn(referral.transferor)}`,
        message: news,
        range: news.sip?.startLineRange ?? { start: 0, end: 0 },
        related: [referral.opened, far.invite],
      });
    });
  }
}

interface Name {
  readonly header: string;
  readonly uri: Parameters<typeof sameTarget>[0];
}

/** Whom a request says that it comes from, in the order in which phones believe it (RFC 3325 section 9.1). */
function namesOf({ sip }: MessageRecord): readonly Name[] {
  const from = sip === undefined ? undefined : attempt(() => sip.from.uri);
  return from === undefined ? [] : [{ header: 'From', uri: from }];
}

function namesSomebody({ sip, call, dialog }: MessageRecord): boolean {
  if (sip === undefined) return false;
  if (sip.header('P-Asserted-Identity') !== undefined || sip.header('Remote-Party-ID') !== undefined) return true;
  // RFC 4916 section 3: a new From URI with the same tag.
  const first = call?.invite.sip;
  const isByCaller = dialog?.sideOf(sip.fromTag ?? '') === 'caller';
  return first !== undefined && isByCaller && attempt(() => first.from.uriText !== sip.from.uriText) === true;
}
