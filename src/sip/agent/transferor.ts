import type { Clock, Milliseconds } from '../../core';
import type { HoldStyle } from '../sdp';
import { type ProtocolObserver, ProtocolTimers } from '../transaction';
import type { Session } from './session';
import type { Sipfrag } from './sipfrag';

export type TransferorState = 'idle' | 'holding' | 'referring' | 'waiting' | 'resuming' | 'done' | 'failed' | 'unknown';

/** How a transfer ended for the one who asked for it. */
export interface TransferOutcome {
  readonly result: 'done' | 'failed' | 'unknown';
  /** The deciding status: the final sipfrag, or the response to the REFER. */
  readonly status: number | undefined;
  /** One sentence. */
  readonly text: string;
}

export interface TransferPlan {
  /** The call to be transferred. */
  readonly transferee: Session;
  /** The whole Refer-To value. */
  readonly referTo: string;
  /** Attended: the call with the target, which Replaces names. */
  readonly consultation?: Session;
  readonly holdStyle: HoldStyle;
}

/** How long the BYE of the replaced call is waited for before we send one (reference 13). */
const waitForReplacement: Milliseconds = 2_000;

/** How long the final NOTIFY is waited for after everything else says that the transfer worked (reference 13). */
const waitForNotify: Milliseconds = 5_000;

/**
 * The transferor of one blind or attended transfer: hold, REFER, wait for the outcome; then hang up, or take the call
 * back. RFC 5589 sections 6 and 7; the table of roles in the reference, section 13.
 */
export class Transferor {
  readonly #plan: TransferPlan;
  readonly #observer: ProtocolObserver;
  readonly #timers: ProtocolTimers<'notify'>;
  readonly #name: string;
  readonly #onDone: (outcome: TransferOutcome) => void;
  readonly #onProgress: (frag: Sipfrag) => void;
  #state: TransferorState = 'idle';

  constructor(
    plan: TransferPlan,
    services: { readonly clock: Clock; readonly observer: ProtocolObserver },
    user: { onProgress(frag: Sipfrag): void; onDone(outcome: TransferOutcome): void },
  ) {
    this.#plan = plan;
    this.#observer = services.observer;
    this.#name = `transfer of ${plan.transferee.id}`;
    this.#timers = new ProtocolTimers(services.clock, services.observer, this.#name);
    this.#onDone = (outcome) => user.onDone(outcome);
    this.#onProgress = (frag) => user.onProgress(frag);
  }

  get state(): TransferorState {
    return this.#state;
  }

  get isOver(): boolean {
    return this.#state === 'done' || this.#state === 'failed' || this.#state === 'unknown';
  }

  /** The outcome is known, and the calls need no more watching. */
  get isFinished(): boolean {
    return this.isOver && this.#timers.isIdle;
  }

  /** Which calls it is about; a change of their state must be told by {@link update}. */
  concerns(session: Session): boolean {
    return session === this.#plan.transferee || session === this.#plan.consultation;
  }

  start(): void {
    const { transferee, holdStyle } = this.#plan;
    if (transferee.state !== 'connected') {
      // Field failure T18: blonde means that the consultation rings, not the call to be transferred.
      this.#finish('failed', undefined, `the call to be transferred is not up: it is ${transferee.state}`);
      return;
    }
    this.#move('holding', 'the person asked for a transfer');
    // Field failure T1: the REFER waits for the final answer to hold; it then goes out even if hold was refused.
    transferee.changeHold(true, holdStyle, (failure) => {
      if (this.#state !== 'holding') return;
      if (hasEnded(transferee)) {
        this.#finish('failed', failure?.status, 'the call ended before it could be transferred');
      } else {
        this.#refer(failure === undefined ? 'hold was agreed' : `hold was refused (${String(failure.status)})`);
      }
    });
  }

  /** A call of ours changed its state. */
  update(): void {
    if (this.#state !== 'referring' && this.#state !== 'waiting') return;
    const { transferee, consultation } = this.#plan;
    if (transferee.state === 'ended' && transferee.endCause?.by === 'us') {
      this.#finish('unknown', undefined, 'you hung up before the outcome was known');
      return;
    }
    // Before the answer to the REFER a hang-up says nothing: that answer is on its way, or its absence will tell.
    if (this.#state === 'referring') return;
    if (!hasEnded(transferee) && !hungUpByPeer(consultation)) return;
    if (!this.#timers.isIdle) return;
    // BYE before the final NOTIFY: a strong hint of success, and the NOTIFY may still be on its way.
    this.#timers.set('notify', waitForNotify, () => {
      if (this.#state !== 'waiting') return;
      if (this.#looksDone) this.#succeed(undefined);
      else this.#finish('unknown', undefined, 'the other side hung up without telling the outcome');
    });
  }

  /** Gives up watching: the lab is stopping. */
  abandon(): void {
    this.#timers.clearAll();
    if (!this.isOver) this.#finish('unknown', undefined, 'the lab stopped before the outcome was known');
  }

  #refer(why: string): void {
    this.#move('referring', why);
    this.#plan.transferee.refer(this.#plan.referTo, {
      onAccepted: () => {
        if (this.#state !== 'referring') return;
        this.#move('waiting', 'the REFER was accepted');
        this.update();
      },
      onProgress: (frag) => this.#onProgress(frag),
      onFinal: (frag) => this.#onFinal(frag),
      onRefused: (status, reason) => this.#onRefused(status, reason),
    });
  }

  #onRefused(status: number, reason: string): void {
    if (this.isOver) return;
    // Reference 9.3: without an answer nobody knows whether the peer acted; to repeat it blindly could do it twice.
    if (status === 408) this.#finish('unknown', status, 'the REFER got no answer; the call is still on hold: resume it or hang up');
    else this.#recover(status, `the REFER was refused: ${String(status)} ${reason}`);
  }

  #onFinal(frag: Sipfrag | undefined): void {
    if (this.isOver) return;
    if (frag === undefined) {
      if (this.#looksDone) this.#succeed(undefined);
      else this.#finish('unknown', undefined, 'nobody told the outcome; the call is still on hold: resume it or hang up');
    } else if (frag.status < 300) {
      this.#succeed(frag.status);
    } else {
      // Field failure T8: a failure reported by NOTIFY must not end the call.
      this.#recover(frag.status, `the target answered ${String(frag.status)} ${frag.reason}`);
    }
  }

  /** What the hang-ups of the others say: the target leaves the replaced call, or the transferee the first one. */
  get #looksDone(): boolean {
    const { transferee, consultation } = this.#plan;
    return hungUpByPeer(consultation ?? transferee);
  }

  #succeed(status: number | undefined): void {
    const { transferee, consultation } = this.#plan;
    const text = status === undefined ? 'transferred, as the hang-ups show; the outcome itself was never told' : 'transferred';
    this.#timers.clearAll();
    this.#move('done', text);
    // The target hangs the replaced call up (RFC 3891 3); if it does not, we do.
    consultation?.expectHangUp(waitForReplacement, 'transferred');
    transferee.hangUp('transferred');
    this.#onDone({ result: 'done', status, text });
  }

  /** Takes the first call back, unless a consultation call is up: then the person stays with the target. */
  #recover(status: number, text: string): void {
    const { transferee, consultation, holdStyle } = this.#plan;
    if (hasEnded(transferee)) {
      this.#finish('failed', status, `${text}; the call has ended`);
      return;
    }
    if (consultation?.state === 'connected') {
      this.#finish('failed', status, `${text}; you are still with the target, and the call is on hold`);
      return;
    }
    this.#move('resuming', text);
    transferee.changeHold(false, holdStyle, (failure) => {
      if (this.#state !== 'resuming') return;
      const back = failure === undefined ? 'the call is back' : 'the call stays on hold';
      this.#finish('failed', status, `${text}; ${hasEnded(transferee) ? 'the call has ended' : back}`);
    });
  }

  #finish(result: 'failed' | 'unknown', status: number | undefined, text: string): void {
    this.#timers.clearAll();
    this.#move(result, text);
    this.#onDone({ result, status, text });
  }

  #move(to: TransferorState, why: string): void {
    const from = this.#state;
    this.#state = to;
    this.#observer.stateChanged('transfer', this.#name, from, to, why);
  }
}

function hasEnded(session: Session): boolean {
  return session.state === 'ended';
}

function hungUpByPeer(session: Session | undefined): boolean {
  return session?.state === 'ended' && session.endCause?.by === 'peer';
}
