import { type Disposable, DisposableStore, randomToken } from '../../../core';
import { Dialog } from '../../dialog';
import { formatReplaces, type Replaces, respond, type SipRequest } from '../../message';
import type { ServerTransaction } from '../../transaction';
import type { DigestServer } from '../../auth';
import { blame } from '../blame';
import { isAuthentic } from '../challenge';
import type { DialogTable } from '../dialog-table';
import { ReferEvents, echoable } from './events';
import { grantedSeconds } from './notifier';
import { checkRefer, type ReferRefusal } from './policy';
import type { Referral } from './referral';
import { Tombstones } from '../replaced';
import type { RequestDispatch } from '../request-dispatch';
import type { AgentServices } from '../services';
import type { Session } from '../session';

/** Does what REFERs ask. */
export interface ReferDeskUser {
  onReferral(session: Session, referral: Referral): void;
}

/**
 * Where REFERs come in: whose they are, whether they are allowed, and the 2xx that fits what they ask (RFC 3515, RFC 4488, RFC
 * 4538, RFC 7614). What they ask is then done by whoever `onReferral` tells.
 */
export class ReferDesk {
  readonly #services: AgentServices;
  readonly #sessions: ReadonlySet<Session>;
  readonly #dialogs: DialogTable;
  readonly #user: ReferDeskUser;
  readonly #digest: DigestServer | undefined;
  readonly #events: ReferEvents;
  /** Dialogs that calls of ours have replaced, as their Replaces named them. */
  readonly #replaced: Tombstones;

  /** With `digest`, who refers must authenticate as callers must (RFC 3515 section 5.1). */
  constructor(
    services: AgentServices,
    sessions: ReadonlySet<Session>,
    dialogs: DialogTable,
    user: ReferDeskUser,
    digest?: DigestServer,
  ) {
    this.#digest = digest;
    this.#services = services;
    this.#sessions = sessions;
    this.#dialogs = dialogs;
    this.#user = user;
    this.#events = new ReferEvents(services);
    this.#replaced = new Tombstones(services.clock);
  }

  /** Takes part in the dispatch of requests. */
  serve(dispatch: RequestDispatch): void {
    dispatch.inCall('REFER', (request, transaction, session) => {
      if (!isAuthentic(this.#digest, this.#services, request, transaction)) return;
      if (session.dialog !== undefined) this.#take(session, session.dialog, transaction);
    });
    dispatch.outside('REFER', (_request, transaction) => this.#onReferOutside(transaction));
    dispatch.claimOutside('SUBSCRIBE', (_request, transaction) => this.#onSubscribeOutside(transaction));
    const { referDialogs } = this.#services;
    for (const method of ['NOTIFY', 'SUBSCRIBE']) {
      dispatch.withoutDialog(method, (request, transaction) => referDialogs.receive(request, transaction));
    }
  }

  /** A REFER outside any dialog: only the peer of a call knows its identifiers (RFC 4538 section 4). */
  #onReferOutside(transaction: ServerTransaction): void {
    const { request } = transaction;
    const session = this.#targetOf(request);
    if (session === undefined) {
      const stranger = 'A REFER outside any call was refused: it would let a stranger dial on our behalf';
      const wrong = 'A REFER outside any call was refused: its Target-Dialog names no call that is up here';
      const text = request.header('target-dialog') === undefined ? stranger : wrong;
      this.#refuse(transaction, { status: 403, text }, 'to'); // reference 9.2
      return;
    }
    if (!isAuthentic(this.#digest, this.#services, request, transaction)) return;
    const localTag = randomToken(this.#services.random, 64);
    this.#take(session, Dialog.asCallee(request, localTag, transaction.source.transport), transaction, localTag);
  }

  /** A SUBSCRIBE outside any dialog, if it is to the events of a REFER (RFC 7614); false when it is not. */
  #onSubscribeOutside(transaction: ServerTransaction): boolean {
    const { request, source } = transaction;
    if (request.event?.package !== 'refer') return false;
    const referral = this.#events.find(request);
    const localTag = randomToken(this.#services.random, 64);
    const respondWith = (status: number, headers: [string, string][] = []): void => {
      transaction.respond(respond(request, status, { source, toTag: localTag, headers }));
    };
    if (referral === undefined || referral.isFull) {
      respondWith(referral === undefined ? 481 : 480); // RFC 7614 4.4: over, or never there; or asked for by too many
      return true;
    }
    const { settings } = this.#services;
    const dialog = Dialog.asCallee(request, localTag, source.transport);
    dialog.confirm();
    const seconds = grantedSeconds(request);
    const contact: [string, string] = ['Contact', `<${settings.contactUri(source.transport)}>`];
    respondWith(200, [['Expires', String(seconds)], contact]);
    const notifier = referral.watch(dialog, seconds, () => registration.dispose());
    const registration = this.#services.referDialogs.add(dialog, {
      dialog,
      onNotify: refuseNotify,
      onSubscribe: (refresh, again) => notifier.refresh(refresh, again),
    });
    return true;
  }

  #noteReplaced(replaces: Replaces, { status }: Referral): void {
    if (status >= 200 && status < 300) this.#replaced.add(formatReplaces(replaces));
  }

  #take(session: Session, dialog: Dialog, transaction: ServerTransaction, toTag?: string): void {
    const { request, source } = transaction;
    const { settings } = this.#services;
    const checked = checkRefer(session, request, settings, {
      atWork: [...this.#sessions].filter((one) => one.hasLiveReferral).length,
      wasReplaced: (replaces) => this.#replaced.has(formatReplaces(replaces)),
    });
    if (checked.refusal !== undefined) {
      this.#refuse(transaction, checked.refusal, 'refer-to', toTag);
      return;
    }
    if (checked.stripped.length > 0) {
      const text = `Refer-To may not set ${checked.stripped.join(', ')} of our INVITE: left out`;
      this.#services.reportProblem(blame('CL2007', text, request, 'refer-to'));
    }
    const contactUri = settings.contactUri(source.transport);
    const { replaces } = checked.request;
    const held = new DisposableStore();
    const referral = session.acceptRefer(request, checked.request, dialog, () => held.dispose());
    held.add({ dispose: () => this.#events.forget(referral) });
    // Field failure T13: once it has worked, the same REFER again would chase a call that is gone.
    if (replaces !== undefined) held.add({ dispose: () => this.#noteReplaced(replaces, referral) });
    if (dialog !== session.dialog) held.add(this.#keepDialog(dialog, referral));
    const headers: [string, string][] = [['Contact', `<${contactUri}>`]];
    if (echoable(request)) headers.push(['Refer-Sub', 'false']); // RFC 4488 4
    if (checked.request.events === 'explicit') {
      headers.push(['Refer-Events-At', `<${this.#events.publish(referral, contactUri)}>`]); // RFC 7614 4.1
    }
    // RFC 7614 4: 200 where there is no implicit subscription; RFC 7647 wants it always, the field says 202.
    const status = checked.request.events === 'implicit' ? (settings.referStatus ?? 202) : 200;
    transaction.respond(respond(request, status, { source, toTag, headers }));
    referral.begin();
    this.#user.onReferral(session, referral);
  }

  /** A REFER outside the call made a dialog, which its subscription lives in. */
  #keepDialog(dialog: Dialog, referral: Referral): Disposable {
    dialog.confirm();
    return this.#services.referDialogs.add(dialog, {
      dialog,
      onNotify: refuseNotify,
      onSubscribe: (subscribe, transaction) => {
        const notifier = referral.find(dialog, subscribe.event?.id);
        if (notifier === undefined) transaction.respond(respond(subscribe, 481, { source: transaction.source }));
        else notifier.refresh(subscribe, transaction);
      },
    });
  }

  /** The call whose peer a REFER with Target-Dialog comes from. */
  #targetOf(request: SipRequest): Session | undefined {
    const target = parseTargetDialog(request.header('target-dialog'));
    if (target === undefined) return undefined;
    // RFC 4538 section 3: the tags are written as we see them.
    const found = this.#dialogs.findReplaced({ ...target, earlyOnly: false });
    if (found === undefined || found === 'over' || found.dialog !== found.session.dialog) return undefined;
    return found.session;
  }

  #refuse(transaction: ServerTransaction, { status, reason, text }: ReferRefusal, header: string, toTag?: string): void {
    const { request, source } = transaction;
    this.#services.reportProblem(blame('CL2007', text, request, header));
    transaction.respond(respond(request, status, { source, toTag: toTag ?? randomToken(this.#services.random, 64), reason }));
  }
}

/** `Call-ID;local-tag=L;remote-tag=R` (RFC 4538 section 7); in the words of Replaces, whose to-tag is ours as well. */
function parseTargetDialog(value: string | undefined): { callId: string; toTag: string; fromTag: string } | undefined {
  const [callId = '', ...parameters] = (value ?? '').split(';').map((part) => part.trim());
  const tag = (name: string): string | undefined =>
    parameters.find((parameter) => parameter.toLowerCase().startsWith(`${name}=`))?.slice(name.length + 1);
  const [toTag, fromTag] = [tag('local-tag'), tag('remote-tag')];
  return callId === '' || toTag === undefined || fromTag === undefined ? undefined : { callId, toTag, fromTag };
}

/** We watch nobody in a dialog that a REFER of theirs made (RFC 6665 section 4.1.3). */
function refuseNotify(notify: SipRequest, transaction: ServerTransaction): void {
  transaction.respond(respond(notify, 481, { source: transaction.source }));
}
