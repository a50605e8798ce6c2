import type { SipRequest } from '../message';
import type { ServerTransaction } from '../transaction';
import type { DialogTable, TableEntry } from './dialog-table';
import type { Intake } from './intake';
import { refuse, turnDown } from './refuse';
import { type AgentServices, methodsOf, optionsOf, sdpContentType } from './services';
import type { Session } from './session';

/** Answers a request, now or later. */
export type RequestHandler = (request: SipRequest, transaction: ServerTransaction) => void;

/** Answers a request if it is meant for it; false leaves it to others, and nothing has been sent then. */
export type RequestClaim = (request: SipRequest, transaction: ServerTransaction) => boolean;

/** Answers a request in the dialog of a call. */
export type CallRequestHandler = (request: SipRequest, transaction: ServerTransaction, session: Session) => void;

/**
 * Gives each request that begins a server transaction to whom it is for: the dialog it is in, or whoever registered for
 * its method outside any dialog. What nobody wants is refused. RFC 3261 sections 8.2 and 12.2.2.
 *
 * A new usage (a subscription, say) takes part by `outside`, for the request that makes its dialog; by
 * `DialogTable.addUsage`, for the requests inside; by `inCall`, for those inside a call's dialog that are not the call's;
 * and by `withoutDialog`, for one that comes before we know its dialog.
 */
export class RequestDispatch {
  readonly #services: AgentServices;
  readonly #intake: Intake;
  readonly #dialogs: DialogTable;
  readonly #outside = new Map<string, RequestHandler>();
  readonly #inCall = new Map<string, CallRequestHandler>();
  readonly #withoutDialog: (readonly [method: string, claim: RequestClaim])[] = [];
  readonly #outsideClaims: (readonly [method: string, claim: RequestClaim])[] = [];

  constructor(services: AgentServices, intake: Intake, dialogs: DialogTable) {
    this.#services = services;
    this.#intake = intake;
    this.#dialogs = dialogs;
    this.outside('OPTIONS', (_request, transaction) => {
      this.#answerOptions(transaction);
    });
    this.inCall('OPTIONS', (_request, transaction) => {
      this.#answerOptions(transaction);
    });
    this.outside('SUBSCRIBE', (_request, transaction) => {
      turnDown(services, transaction, 489, { headers: [['Allow-Events', 'refer']] }); // RFC 6665 4.2.1.1, 8.2.2
    });
  }

  /** Names who answers the requests of `method` that have no To tag. Whoever is named last does. */
  outside(method: string, handler: RequestHandler): void {
    this.#outside.set(method, handler);
  }

  /** Names who answers the requests of `method` in the dialogs of calls; the session answers the rest. */
  inCall(method: string, handler: CallRequestHandler): void {
    this.#inCall.set(method, handler);
  }

  /** Names who may claim the requests of `method` that have a To tag and belong to no dialog we know; all are asked. */
  withoutDialog(method: string, claim: RequestClaim): void {
    this.#withoutDialog.push([method, claim]);
  }

  /** Names who may claim the requests of `method` that have no To tag, before their handler gets what is left. */
  claimOutside(method: string, claim: RequestClaim): void {
    this.#outsideClaims.push([method, claim]);
  }

  receive(request: SipRequest, transaction: ServerTransaction): void {
    if (this.#intake.refuseMalformed(request, transaction)) return;
    if (request.toTag !== undefined) {
      this.#receiveInDialog(request, transaction);
      return;
    }
    // RFC 3261 8.2.2.2: the same request over a second path.
    if (this.#services.transactions.isMerged(request, transaction)) {
      turnDown(this.#services, transaction, 482);
      return;
    }
    if (isClaimed(this.#outsideClaims, request, transaction)) return;
    const handler = this.#outside.get(request.method);
    // RFC 3261 12.2.2, RFC 6665 4.1.3: NOTIFY, BYE, INFO belong to a dialog.
    if (handler === undefined) turnDown(this.#services, transaction, 481);
    else handler(request, transaction);
  }

  #receiveInDialog(request: SipRequest, transaction: ServerTransaction): void {
    const entry = this.#dialogs.find(request);
    if (entry === undefined || entry.dialog.state === 'terminated') {
      const usage = this.#dialogs.findUsage(request);
      if (usage !== undefined && usage.dialog.state !== 'terminated') {
        if (this.#isInOrder(request, transaction, usage.dialog)) usage.receive(request, transaction);
        return;
      }
      this.#receiveStray(request, transaction, entry);
    } else if (this.#isInOrder(request, transaction, entry.dialog)) {
      this.#receiveInCall(request, transaction, entry);
    }
  }

  #isInOrder(request: SipRequest, transaction: ServerTransaction, dialog: TableEntry['dialog']): boolean {
    if (dialog.acceptSequence(request.cseq.sequence)) return true;
    turnDown(this.#services, transaction, 500, { reason: 'CSeq out of order' }); // RFC 3261 12.2.2
    return false;
  }

  #receiveInCall(request: SipRequest, transaction: ServerTransaction, { dialog, session }: TableEntry): void {
    if (dialog !== session.dialog) {
      this.#receiveInBranch(request, transaction, { dialog, session });
      return;
    }
    const handler = this.#inCall.get(request.method);
    if (handler === undefined) session.receive(request, transaction);
    else handler(request, transaction, session);
  }

  /** Another branch of a forked call: its end is not the end of the call (RFC 3261 section 13.2.2.4). */
  #receiveInBranch(request: SipRequest, transaction: ServerTransaction, { dialog, session }: TableEntry): void {
    if (request.method === 'BYE') {
      refuse(this.#services, transaction, 200);
      dialog.terminate();
    } else if (request.method !== 'UPDATE' || !session.receiveUpdateInBranch(dialog, request, transaction)) {
      turnDown(this.#services, transaction, 481);
    }
  }

  #receiveStray(request: SipRequest, transaction: ServerTransaction, entry: TableEntry | undefined): void {
    if (request.method === 'BYE' && entry === undefined && this.#dialogs.isOver(request)) {
      refuse(this.#services, transaction, 200); // Two BYEs that crossed: both sides are right (reference 4.3)
    } else if (!isClaimed(this.#withoutDialog, request, transaction)) {
      turnDown(this.#services, transaction, 481); // RFC 3261 12.2.2
    }
  }

  #answerOptions(transaction: ServerTransaction): void {
    // RFC 3261 11.2: what an INVITE would find here.
    refuse(this.#services, transaction, 200, {
      headers: [
        ['Allow', methodsOf(this.#services.settings).join(', ')],
        ['Accept', sdpContentType],
        ['Supported', optionsOf(this.#services.settings).join(', ')],
      ],
    });
  }
}

function isClaimed(
  claims: readonly (readonly [method: string, claim: RequestClaim])[],
  request: SipRequest,
  transaction: ServerTransaction,
): boolean {
  return claims.some(([method, claim]) => method === request.method && claim(request, transaction));
}
