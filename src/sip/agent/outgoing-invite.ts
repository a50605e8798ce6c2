import type { Dialog } from '../dialog';
import type { SipResponse } from '../message';
import type { MediaNegotiation } from '../sdp';
import { blame, blameSession } from './blame';
import { Branch } from './branch';
import type { Exchange } from './exchange';
import { type Invitation, InviteAttempt } from './invite-attempt';
import type { AgentServices } from './services';
import type { EndCause } from './session-state';
import type { SessionTimer } from './session-timer';

export interface OutgoingInviteUser {
  /** The exchange of a branch heard of for the first time. */
  createExchange(dialog: Dialog): Exchange;
  /** A callee is heard of, and may say who it is; its dialog is one of the call's. */
  onBranch(exchange: Exchange, response: SipResponse): void;
  /** It rings somewhere. */
  onRinging(why: string): void;
  /** What may be heard has changed. */
  onMedia(): void;
  /** A callee answered, and its ACK is sent: from now on `exchange` is the call. */
  onAnswered(exchange: Exchange, response: SipResponse): void;
  /** The answer counts, and is in order: the call is up. */
  onConnected(response: SipResponse): void;
  /** The call is over. `goodbye` is the Reason of the BYE that an answered call still owes. */
  onOver(cause: EndCause, goodbye: string | undefined): void;
  /** A 2xx of another branch, or one that crossed our CANCEL: acknowledged, to be hung up. */
  onUnwanted(dialog: Dialog): void;
}

const unusable: EndCause = { by: 'us', status: 488, text: 'the answer to our offer cannot be used' };

/** The Reason of a BYE or CANCEL when a session description cannot be used (RFC 3326). */
export const notAcceptable = 'SIP;cause=488;text="Not Acceptable Here"';

/** The INVITE that makes an outgoing call, with the branches that it may fork into (RFC 3261 section 13.2). */
export class OutgoingInvite {
  readonly #services: AgentServices;
  readonly #negotiation: MediaNegotiation;
  readonly #user: OutgoingInviteUser;
  readonly #attempt: InviteAttempt;
  readonly #branches = new Map<Dialog, Branch>();
  /** Whose session description came last, and so who may be heard. */
  #heard: Branch | undefined;

  constructor(
    services: AgentServices,
    { invitation, negotiation, timer }: { readonly invitation: Omit<Invitation, 'offer'>; readonly negotiation: MediaNegotiation; readonly timer: SessionTimer },
    user: OutgoingInviteUser,
  ) {
    this.#services = services;
    this.#negotiation = negotiation;
    this.#user = user;
    this.#attempt = new InviteAttempt(services, { ...invitation, offer: negotiation.createOffer() }, timer, {
      onProgress: (response, dialog) => {
        this.#onProgress(response, dialog);
      },
      onAnswer: (response, dialog) => {
        this.#onAnswer(response, dialog);
      },
      onUnreachable: (error, response) => {
        const text = `the other side cannot be reached where it wants to be: ${error.message}`;
        services.reportProblem(blame('CL2002', text, response, 'contact'));
        user.onOver({ by: 'network', status: 503, text }, undefined);
      },
      onFailure: (failure) => {
        this.#dropAll();
        const by = failure.response === undefined ? (failure.status === 487 ? 'us' : 'network') : 'peer';
        user.onOver({ by, status: failure.status, text: failure.reason }, undefined);
      },
      onUnwanted: (dialog) => {
        user.onUnwanted(dialog);
      },
    });
  }

  get callId(): string {
    return this.#attempt.callId;
  }

  /** Whom a redirection has led to, as text. */
  get redirectedTo(): string | undefined {
    return this.#attempt.redirectedTo?.toString();
  }

  /** Neither answered nor refused nor given up: something may still come. */
  get isOpen(): boolean {
    return this.#attempt.isOpen;
  }

  /** Its person hung up: no answer is wanted any more. */
  get isGivenUp(): boolean {
    return this.#attempt.isGivenUp;
  }

  /** What is to be heard now: the early media of a branch, or nothing yet. */
  get negotiation(): MediaNegotiation {
    return this.#heard?.negotiation ?? this.#negotiation;
  }

  start(): void {
    this.#attempt.start();
  }

  cancel(reason?: string): void {
    this.#attempt.cancel(reason);
  }

  /** Gives up as well, but an answer that comes first is taken. */
  withdraw(): void {
    this.#attempt.withdraw();
  }

  /** The call is over: no branch can change anything any more. */
  close(): void {
    this.#dropAll();
    this.#attempt.close();
  }

  /** Forgets everything at once: the lab is stopping. */
  abandon(): void {
    this.#dropAll();
    this.#attempt.abandon();
  }

  /** The branch that holds `dialog`, if it can still become the call. */
  branchOf(dialog: Dialog): Branch | undefined {
    return this.#branches.get(dialog);
  }

  #onProgress(response: SipResponse, dialog: Dialog | undefined): void {
    const branch = dialog === undefined ? undefined : this.#branch(dialog);
    let isHeard: boolean;
    try {
      isHeard = branch?.onProvisional(response) === true;
    } catch (error) {
      // A reliable response answered our offer, and not in a way that a call could come of.
      this.#services.reportProblem(blameSession(error, response));
      this.#attempt.cancel(notAcceptable);
      this.#user.onOver(unusable, undefined);
      return;
    }
    if (isHeard) this.#heard = branch;
    const isOver = response.status === 199;
    if (isOver && branch !== undefined) this.#end(branch); // RFC 6228 4
    else if (branch !== undefined) this.#user.onBranch(branch.exchange, response);
    if (response.status > 100 && !isOver) this.#user.onRinging(`${String(response.status)} received`);
    if (isHeard) this.#user.onMedia();
  }

  #onAnswer(response: SipResponse, dialog: Dialog): void {
    const branch = this.#branch(dialog);
    this.#heard = branch;
    for (const other of [...this.#branches.values()]) if (other !== branch) this.#drop(other);
    this.#user.onAnswered(branch.exchange, response);
    try {
      branch.onAnswer(response);
    } catch (error) {
      // RFC 3261 13.2.2.4: the ACK is out; an answer that cannot be used ends the call.
      this.#services.reportProblem(blameSession(error, response));
      this.#user.onOver(unusable, notAcceptable);
      return;
    }
    this.#user.onConnected(response);
  }

  #branch(dialog: Dialog): Branch {
    let branch = this.#branches.get(dialog);
    if (branch === undefined) {
      branch = new Branch(this.#services, this.#user.createExchange(dialog), this.#negotiation.fork());
      this.#branches.set(dialog, branch);
    }
    return branch;
  }

  #end(branch: Branch): void {
    branch.dialog.terminate();
    this.#drop(branch);
    if (this.#heard === branch) this.#heard = undefined;
  }

  #drop(branch: Branch): void {
    branch.drop();
    this.#branches.delete(branch.dialog);
  }

  #dropAll(): void {
    for (const branch of [...this.#branches.values()]) this.#drop(branch);
  }
}
