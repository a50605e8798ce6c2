import { CallLabError } from '../core';
import {
  type BlondePlan,
  BlondeTransfer,
  type Referral,
  type Session,
  type Transferee,
  type TransferOutcome,
  Transferor,
  type TransferPlan,
  type TransferServices,
  type TransferUser,
} from '../sip';

/** A peer asks that this phone call somebody else, and waits for the person to say yes or no. A snapshot. */
export interface TransferAsk {
  readonly phone: string;
  /** Who asks. */
  readonly by: string;
  /** Whom to call. */
  readonly target: string;
  readonly targetUri: string;
  /** The id of the call in which it was asked. */
  readonly call: string;
}

/** What the transfers need of their phone. */
export interface TransfersPhone {
  readonly services: TransferServices;
  /** Places the call that a REFER asks for; undefined when the phone takes no new calls. */
  follow(session: Session, referral: Referral): Promise<Transferee | undefined>;
  describe(session: Session, referral: Referral): TransferAsk;
  onAsked(ask: TransferAsk): void;
  /** A person should see this. */
  onNews(text: string): void;
  onChanged(): void;
  onFailed(error: unknown): void;
}

/** The transfers that one phone takes part in, as the one who asks or the one who is asked. */
export class PhoneTransfers {
  readonly #phone: TransfersPhone;
  readonly #transferors = new Set<Transferor | BlondeTransfer>();
  readonly #transferees = new Set<Transferee>();
  readonly #asked = new Map<TransferAsk, { readonly session: Session; readonly referral: Referral }>();

  constructor(phone: TransfersPhone) {
    this.#phone = phone;
  }

  /** REFERs that wait for the person, the oldest first. */
  get asks(): readonly TransferAsk[] {
    return [...this.#asked.keys()];
  }

  /** Carries out one blind or attended transfer as the transferor. */
  transfer(plan: TransferPlan): Promise<TransferOutcome> {
    return this.#run((user) => new Transferor(plan, this.#phone.services, user));
  }

  /** Completes a transfer whose target may still ring. */
  blonde(plan: BlondePlan): Promise<TransferOutcome> {
    return this.#run((user) => new BlondeTransfer(plan, this.#phone.services, user));
  }

  /** The peer of `session` has sent us to somebody, and had its 2xx. */
  receive(session: Session, referral: Referral): void {
    if (!referral.isPending) {
      this.#follow(session, referral);
      return;
    }
    const ask = this.#phone.describe(session, referral);
    this.#asked.set(ask, { session, referral });
    referral.onDecided((isAllowed) => {
      this.#asked.delete(ask);
      if (isAllowed) this.#follow(session, referral);
      this.#phone.onChanged();
    });
    this.#phone.onAsked(ask);
  }

  /** What the person says to it. Throws CL3003 when it is not asked any more. */
  decide(ask: TransferAsk, isAllowed: boolean): void {
    const asked = this.#asked.get(ask);
    if (asked === undefined) throw new CallLabError('CL3003', `${ask.by} does not ask any more`);
    if (isAllowed) asked.referral.allow();
    else asked.referral.refuse();
  }

  /** A call of ours changed its state. */
  update(session: Session): void {
    for (const transferor of this.#transferors) {
      if (transferor.concerns(session)) transferor.update();
      if (transferor.isFinished) this.#transferors.delete(transferor);
    }
    for (const transferee of this.#transferees) {
      if (!transferee.concerns(session)) continue;
      transferee.update();
      if (transferee.referred.state === 'ended') this.#transferees.delete(transferee);
    }
    // Our own person hung up on whoever asks: that is a no.
    if (session.state !== 'ended' || session.endCause?.by !== 'us') return;
    for (const asked of this.#asked.values()) if (asked.session === session) asked.referral.refuse();
  }

  /** The phone is being switched off: nobody can consent any more. */
  refuseAll(): void {
    for (const { referral } of this.#asked.values()) referral.refuse();
  }

  /** Nobody waits for an outcome any more. */
  abandonTransferors(): void {
    for (const transferor of this.#transferors) transferor.abandon();
  }

  abandonTransferees(): void {
    for (const transferee of this.#transferees) transferee.abandon();
    this.#asked.clear();
  }

  #run(create: (user: TransferUser) => Transferor | BlondeTransfer): Promise<TransferOutcome> {
    return new Promise((resolve) => {
      const transferor = create({
        onProgress: () => {
          this.#phone.onChanged();
        },
        onNews: (text) => {
          this.#phone.onNews(text);
        },
        onDone: (outcome) => {
          if (transferor.isFinished) this.#transferors.delete(transferor);
          resolve(outcome);
          this.#phone.onChanged();
        },
      });
      this.#transferors.add(transferor);
      transferor.start();
    });
  }

  #follow(session: Session, referral: Referral): void {
    this.#phone
      .follow(session, referral)
      .then((transferee) => {
        if (transferee === undefined) {
          referral.report({ status: 480, reason: 'The phone is being switched off' });
          return;
        }
        this.#transferees.add(transferee);
        transferee.update();
      })
      .catch((error: unknown) => {
        this.#phone.onFailed(error);
        referral.report({ status: 500, reason: 'Server Internal Error' });
      });
  }
}
