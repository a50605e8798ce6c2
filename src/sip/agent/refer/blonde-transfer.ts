import type { ProtocolObserver } from '../../transaction';
import { referToReplacing } from './refer-to';
import type { Session } from '../session';
import { hasEnded, takeBack } from './transfer-calls';
import { type TransferOutcome, Transferor, type TransferPlan, type TransferServices, type TransferUser } from './transferor';

/**
 * What becomes of a consultation call that still rings when the person completes the transfer (reference 14.5). `wait`: the
 * phone completes it when the target answers. `cancel`: CANCEL, and a blind transfer once that is confirmed. `replaces`:
 * REFER with Replaces of the early dialog, which only a B2BUA can honour; from any other target a 481 comes.
 */
export type BlondeMode = 'wait' | 'cancel' | 'replaces';

export interface BlondePlan extends Omit<TransferPlan, 'referTo' | 'consultation' | 'keepsHold'> {
  /** The call with the target; it rings, or has just been answered. */
  readonly consultation: Session;
  readonly mode: BlondeMode;
}

type State = 'idle' | 'waiting' | 'cancelling' | 'transferring' | 'resuming' | 'over';

/** The transferor of a blonde (semi-attended) transfer: RFC 5589 section 7.6, reference 14.5. */
export class BlondeTransfer {
  readonly #plan: BlondePlan;
  readonly #services: TransferServices;
  readonly #observer: ProtocolObserver;
  readonly #user: TransferUser;
  readonly #name: string;
  #state: State = 'idle';
  #hasBegun = false;
  /** The transfer proper, once it is known which one it becomes. */
  #transferor: Transferor | undefined;

  constructor(plan: BlondePlan, services: TransferServices, user: TransferUser) {
    this.#plan = plan;
    this.#services = services;
    this.#observer = services.observer;
    this.#user = user;
    this.#name = `blonde transfer of ${plan.transferee.id}`;
  }

  get isFinished(): boolean {
    return this.#state === 'over' && this.#transferor?.isFinished !== false;
  }

  /** Which calls it is about; a change of their state must be told by {@link update}. */
  concerns(session: Session): boolean {
    return session === this.#plan.transferee || session === this.#plan.consultation;
  }

  start(): void {
    this.#move('waiting', 'the person completed the transfer');
    this.#begin();
  }

  /** Once the target rings: whoever does not ring yet cannot be told from a wrong number. */
  #begin(): void {
    const { mode, consultation, transferee } = this.#plan;
    if (consultation.state === 'calling' && !hasEnded(transferee)) return;
    this.#hasBegun = true;
    const rings = consultation.state === 'ringing' && !hasEnded(transferee);
    if (mode === 'replaces' && rings) this.#replaceEarly();
    else if (mode === 'cancel' && rings) this.#cancel();
    else this.#wait('the phone completes it when the target answers');
  }

  /** A call of ours changed its state. */
  update(): void {
    this.#transferor?.update();
    if (this.#state === 'waiting' && !this.#hasBegun) this.#begin();
    else if (this.#state === 'waiting') this.#lookWhileWaiting();
    else if (this.#state === 'cancelling') this.#lookWhileCancelling();
  }

  /** Gives up watching: the lab is stopping. */
  abandon(): void {
    if (this.#state === 'over') return;
    if (this.#transferor?.isOver === false) this.#transferor.abandon();
    else this.#finish({ result: 'unknown', status: undefined, text: 'the lab stopped before the outcome was known' });
  }

  // --- (a) the phone finishes what the person began ---

  #wait(why: string): void {
    this.#move('waiting', why);
    if (isUnanswered(this.#plan.consultation)) this.#user.onNews?.('the transfer will be completed when the target answers');
    this.#lookWhileWaiting();
  }

  #lookWhileWaiting(): void {
    const { transferee, consultation } = this.#plan;
    if (hasEnded(transferee)) {
      // Nobody is left who could be given to the target.
      consultation.hangUp('nobody left to be transferred');
      this.#finish({ result: 'failed', status: undefined, text: 'the call to be transferred ended while the target rang' });
    } else if (consultation.state === 'connected') {
      this.#user.onNews?.('the target has answered: completing the transfer');
      this.#transfer({ ...this.#common, consultation }, 'the target answered');
    } else if (hasEnded(consultation)) {
      this.#recover(consultation);
    }
  }

  // --- (b) CANCEL, then blind ---

  #cancel(): void {
    this.#move('cancelling', 'the person completed the transfer: CANCEL, then a blind transfer');
    this.#user.onNews?.('calling off the consultation; the call is then transferred blind');
    this.#plan.consultation.withdraw();
    this.#lookWhileCancelling();
  }

  #lookWhileCancelling(): void {
    const { transferee, consultation } = this.#plan;
    if (consultation.state === 'connected') {
      // RFC 3261 9.1: the 200 crossed our CANCEL. The target is there: go on as an attended transfer.
      this.#user.onNews?.('the target had answered already: completing the transfer with it');
      this.#transfer({ ...this.#common, consultation }, 'the answer crossed the CANCEL');
      return;
    }
    if (!hasEnded(consultation)) return;
    const { endCause } = consultation;
    if (hasEnded(transferee)) {
      this.#finish({ result: 'failed', status: undefined, text: 'the call to be transferred ended while the consultation was called off' });
    } else if (endCause?.status === 487) {
      // Not before the 487: a target that is busy with the old call would refuse the new one.
      this.#transfer({ ...this.#common, referTo: `<${consultation.remoteUri}>` }, 'the consultation is called off');
    } else {
      this.#recover(consultation); // it refused before the CANCEL came
    }
  }

  // --- (c) Replaces of the early dialog ---

  #replaceEarly(): void {
    const { consultation } = this.#plan;
    if (referToReplacing(consultation) === undefined) {
      this.#wait('no early dialog: the target sent no 1xx with a tag');
      return;
    }
    this.#user.onNews?.('asking for the ringing call to be replaced');
    const plan = { ...this.#common, consultation, keepsHold: true };
    this.#transfer(plan, 'REFER with Replaces of the early dialog', (outcome) => {
      const isMismatch = outcome.status === 481 && !hasEnded(this.#plan.transferee);
      if (outcome.result === 'failed' && isMismatch && !hasEnded(consultation)) {
        // RFC 3891 section 3: the callee of an early dialog must refuse. The call still rings, so (a) is left.
        this.#user.onNews?.('the target cannot replace a call that still rings (481)');
        this.#wait('RFC 3891 3: 481, as the target is the callee of the early dialog');
      } else if (outcome.result === 'failed' && !hasEnded(this.#plan.transferee) && consultation.state !== 'connected') {
        consultation.hangUp('the transfer failed');
        this.#takeBack(outcome.status, outcome.text);
      } else {
        this.#finish(outcome);
      }
    });
  }

  // --- common ---

  get #common(): Pick<TransferPlan, 'transferee' | 'holdStyle' | 'style' | 'hangUp' | 'refer'> {
    const { transferee, holdStyle, style, hangUp, refer } = this.#plan;
    return { transferee, holdStyle, ...(style && { style }), ...(hangUp && { hangUp }), ...(refer && { refer }) };
  }

  #transfer(plan: TransferPlan, why: string, onDone = (outcome: TransferOutcome): void => this.#finish(outcome)): void {
    this.#move('transferring', why);
    this.#transferor = new Transferor(plan, this.#services, {
      onProgress: (frag) => this.#user.onProgress(frag),
      onNews: (text) => this.#user.onNews?.(text),
      onDone,
    });
    this.#transferor.start();
  }

  /** The target cannot be had: the person gets the first call back. */
  #recover({ endCause }: Session): void {
    const status = endCause?.status;
    this.#takeBack(status, `the target did not answer: ${String(status ?? '')} ${endCause?.text ?? ''}`.trim());
  }

  #takeBack(status: number | undefined, text: string): void {
    const { transferee, holdStyle } = this.#plan;
    this.#move('resuming', text);
    takeBack(transferee, holdStyle, (back) => {
      if (this.#state === 'resuming') this.#finish({ result: 'failed', status, text: `${text}; ${back}` });
    });
  }

  #finish(outcome: TransferOutcome): void {
    if (this.#state === 'over') return;
    this.#move('over', outcome.text);
    this.#user.onDone(outcome);
  }

  #move(to: State, why: string): void {
    const from = this.#state;
    if (from === to) return;
    this.#state = to;
    this.#observer.stateChanged('transfer', this.#name, from, to, why);
  }
}

function isUnanswered({ state }: Session): boolean {
  return state === 'calling' || state === 'ringing';
}
