import type { DigestServer } from '../auth';
import { Dialog } from '../dialog';
import { type Replaces, respond, type SipRequest } from '../message';
import type { ServerTransaction, StatelessAnswer } from '../transaction';
import { blame } from './blame';
import { isAuthentic } from './challenge';
import type { DialogTable } from './dialog-table';
import type { Intake } from './intake';
import { newTag, refuse, turnDown } from './refuse';
import { judgeReplaces } from './replaced';
import type { AgentServices } from './services';
import { refusalOfInterval } from './session-timer';
import type { Session } from './session';
import type { IncomingCall } from './session-state';

/** What the calls that come in need from the user agent. */
export interface IncomingCallsUser {
  /** Makes and keeps the session of a call, and tells its owner. */
  onCall(call: Omit<IncomingCall, 'id'>): Session;
  /** The session is there and can be found: whoever rings may ring. */
  onIncoming(session: Session): void;
}

/** Calls that may wait for an answer, or for the ACK to one, at a time: no person and no test needs more. */
const mostWaiting = 256;

function waits({ state }: Session): boolean {
  return state !== 'connected' && state !== 'ended';
}

/** The calls that come in: INVITE outside any dialog, with its challenge and its Replaces, and the CANCEL to it. */
export class IncomingCalls {
  readonly #services: AgentServices;
  readonly #intake: Intake;
  readonly #dialogs: DialogTable;
  readonly #digest: DigestServer | undefined;
  readonly #user: IncomingCallsUser;
  /** Sessions by the INVITE that made them, for CANCEL. */
  readonly #invites = new Map<ServerTransaction, Session>();
  /** Calls that were not up when last looked at. */
  readonly #waiting = new Set<Session>();

  constructor(
    services: AgentServices,
    { intake, dialogs, digest }: { readonly intake: Intake; readonly dialogs: DialogTable; readonly digest: DigestServer | undefined },
    user: IncomingCallsUser,
  ) {
    this.#services = services;
    this.#intake = intake;
    this.#dialogs = dialogs;
    this.#digest = digest;
    this.#user = user;
  }

  onInvite(request: SipRequest, transaction: ServerTransaction): void {
    if (!isAuthentic(this.#digest, this.#services, request, transaction) || this.#refuseTerms(request, transaction)) return;
    const replaced = request.replaces === undefined ? undefined : this.#findReplaced(request.replaces, request, transaction);
    if (request.replaces !== undefined && replaced === undefined) return;
    const dialog = Dialog.asCallee(request, newTag(this.#services), transaction.source.transport);
    const session = this.#user.onCall({ transaction, dialog, replaces: replaced });
    this.#dialogs.add(dialog, session);
    this.#invites.set(transaction, session);
    this.#waiting.add(session);
    this.#user.onIncoming(session);
  }

  onCancel(cancel: SipRequest, transaction: ServerTransaction, invite: ServerTransaction | undefined): void {
    if (this.#intake.refuseMalformed(cancel, transaction)) return;
    if (invite === undefined) {
      turnDown(this.#services, transaction, 481); // RFC 3261 9.2
      return;
    }
    const session = this.#invites.get(invite);
    const toTag = session?.dialog?.localTag ?? invite.localTag ?? newTag(this.#services);
    // RFC 3261 9.2: 200 to the CANCEL with the To tag of the INVITE's responses; it has no effect after a final one.
    transaction.respond(respond(cancel, 200, { source: transaction.source, toTag }));
    if (invite.finalStatus === undefined) session?.cancelled();
  }

  /** Who calls now is told that the phone is busy: enough others wait for an answer, or owe us their ACK. */
  turnAway(request: SipRequest): StatelessAnswer | undefined {
    if (request.method !== 'INVITE' || request.toTag !== undefined || this.#waiting.size < mostWaiting) return undefined;
    for (const session of this.#waiting) if (!waits(session)) this.#waiting.delete(session);
    if (this.#waiting.size < mostWaiting) return undefined;
    const text = `INVITE refused with 486 Busy Here: ${String(this.#waiting.size)} calls wait for an answer already`;
    this.#services.reportProblem(blame('CL2009', text, request, 'from'));
    return { status: 486 };
  }

  /** The session is finished: no CANCEL can mean it any more. */
  forget(session: Session): void {
    this.#waiting.delete(session);
    for (const [transaction, owner] of this.#invites) if (owner === session) this.#invites.delete(transaction);
  }

  clear(): void {
    this.#invites.clear();
    this.#waiting.clear();
  }

  /** The call to be replaced; undefined when there is none, and the INVITE is refused then. */
  #findReplaced(replaces: Replaces, request: SipRequest, transaction: ServerTransaction): Session | undefined {
    const { session, refusal } = judgeReplaces(replaces, this.#dialogs.findReplaced(replaces), this.#services.settings.replacesRefusal);
    if (refusal !== undefined) {
      this.#services.reportProblem(blame('CL2008', refusal.text, request, 'replaces'));
      refuse(this.#services, transaction, refusal.status);
    }
    return session;
  }

  /** Refuses a call before it rings when we would not have it on the caller's terms. */
  #refuseTerms(request: SipRequest, transaction: ServerTransaction): boolean {
    const { settings } = this.#services;
    const interval = refusalOfInterval(request, settings);
    const isReliable = [...request.supported, ...request.require].some((tag) => tag.toLowerCase() === '100rel');
    if (interval !== undefined) {
      turnDown(this.#services, transaction, interval.status, { headers: interval.headers });
    } else if (settings.reliable === 'required' && !isReliable) {
      turnDown(this.#services, transaction, 421, { headers: [['Require', '100rel']] }); // RFC 3261 21.4.15
    } else {
      return false;
    }
    return true;
  }
}
