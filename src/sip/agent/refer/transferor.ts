import type { Clock, Milliseconds } from '../../../core';
import { parseUri, uriEquals } from '../../message';
import type { HoldStyle } from '../../sdp';
import { defaultTimers, giveUpAfter, type ProtocolObserver, ProtocolTimers } from '../../transaction';
import { referToReplacing } from './refer-to';
import { type ReferStyle, usualReferStyle } from './style';
import type { Session } from '../session';
import type { Sipfrag } from './sipfrag';
import { hasEnded, hungUpByPeer, takeBack } from './transfer-calls';

export type TransferorState = 'idle' | 'holding' | 'referring' | 'waiting' | 'resuming' | 'done' | 'failed' | 'unknown';

/** How a transfer ended for the one who asked for it. */
export interface TransferOutcome {
  readonly result: 'done' | 'failed' | 'unknown';
  /** The deciding status: the final sipfrag, or the response to the REFER. */
  readonly status: number | undefined;
  /** One sentence; for `done` what was done, such as `transferred`, with what there is to add behind a semicolon. */
  readonly text: string;
}

/** When the transferor leaves the call that it gives away: once the REFER is accepted, the target rings, or all is well. */
export type HangUpMoment = 'accepted' | 'ringing' | 'final';

export interface TransferPlan {
  /** The call to be transferred. */
  readonly transferee: Session;
  /** The whole Refer-To value; may be left out where a consultation says who the target is. */
  readonly referTo?: string;
  /** Attended: the call with the target, which Replaces names. */
  readonly consultation?: Session;
  readonly holdStyle: HoldStyle;
  /** How the peer is asked. */
  readonly style?: ReferStyle;
  /** `final` unless given: whoever leaves before cannot take a failed transfer back (field failure T8). */
  readonly hangUp?: HangUpMoment;
  /** Attended: who is asked to call the other one; the target, where it shall stay hidden (reference 14.4). */
  readonly refer?: 'transferee' | 'target';
  /** The REFER does not wait for the answer to hold, as phones with field failure T1 do. */
  readonly isHasty?: boolean;
  /** A failure leaves the transferee on hold: somebody else goes on with it. */
  readonly keepsHold?: boolean;
}

export interface TransferUser {
  onProgress(frag: Sipfrag): void;
  /** Something that the person should see, as a sentence without a full stop. */
  onNews?(text: string): void;
  onDone(outcome: TransferOutcome): void;
}

export interface TransferServices {
  readonly clock: Clock;
  readonly observer: ProtocolObserver;
}

/** How long the BYE of the replaced call is waited for before we send one (reference 13). */
const waitForReplacement: Milliseconds = 2_000;

/** How long the final NOTIFY is waited for after everything else says that the transfer worked (reference 13). */
const waitForNotify: Milliseconds = 5_000;

/** Answers to a REFER that say: this phone cannot do it at all (reference 15.3). A no by a person or a policy is another. */
const cannotRefer: ReadonlySet<number> = new Set([405, 501]);

/**
 * The transferor of one blind or attended transfer: hold, REFER, wait for the outcome; then hang up, or take the call
 * back. RFC 5589 sections 6 and 7; the table of roles in the reference, section 13.
 */
export class Transferor {
  readonly #plan: TransferPlan;
  readonly #observer: ProtocolObserver;
  readonly #timers: ProtocolTimers<'notify' | 'replacement'>;
  readonly #name: string;
  readonly #user: TransferUser;
  #state: TransferorState = 'idle';
  /** Whom the REFER goes to: the transferee as a rule. */
  #referred: Session;
  /** The call that the referred party's INVITE shall replace. */
  #replaced: Session | undefined;
  #hasLeft = false;
  #isUntold = false;
  #detoured = false;
  #triedOtherUri = false;
  /** A REFER of ours that another one followed has nothing to say any more. */
  #round = 0;

  constructor(plan: TransferPlan, services: TransferServices, user: TransferUser) {
    this.#plan = plan;
    this.#observer = services.observer;
    this.#user = user;
    this.#name = `transfer of ${plan.transferee.id}`;
    this.#timers = new ProtocolTimers(services.clock, services.observer, this.#name);
    this.#referred = plan.transferee;
    this.#replaced = plan.consultation;
    if (plan.refer === 'target') this.#exchange();
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
    if (this.#plan.isHasty === true) this.#refer('hold is not waited for');
  }

  /** A call of ours changed its state. */
  update(): void {
    if (this.#state !== 'referring' && this.#state !== 'waiting') return;
    const [referred, replaced] = [this.#referred, this.#replaced];
    if (!this.#hasLeft && referred.state === 'ended' && referred.endCause?.by === 'us') {
      this.#finish('unknown', undefined, 'you hung up before the outcome was known');
      return;
    }
    // Before the answer to the REFER a hang-up says nothing: that answer is on its way, or its absence will tell.
    if (this.#state === 'referring') return;
    if (this.#isUntold) {
      if (hungUpByPeer(replaced)) this.#succeed(undefined);
      return;
    }
    const hasLeftUs = !this.#hasLeft && hasEnded(referred);
    if (!hasLeftUs && !hungUpByPeer(replaced)) return;
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

  #exchange(): void {
    if (this.#replaced !== undefined) [this.#referred, this.#replaced] = [this.#replaced, this.#referred];
  }

  #refer(why: string, referTo = this.#referTo): void {
    if (referTo === undefined) {
      this.#recover(undefined, 'the target has no dialog yet that could be named');
      return;
    }
    this.#move('referring', why);
    this.#round += 1;
    const round = this.#round;
    const isLatest = (): boolean => round === this.#round;
    this.#referred.refer(
      referTo,
      {
        onAccepted: () => {
          if (isLatest()) this.#onAccepted();
        },
        onProgress: (frag) => {
          if (isLatest()) this.#onProgress(frag);
        },
        onUntold: () => {
          if (isLatest()) this.#onUntold();
        },
        onFinal: (frag) => {
          if (isLatest()) this.#onFinal(frag);
        },
        onRefused: (status, reason) => {
          if (isLatest()) this.#onRefused(status, reason);
        },
      },
      this.#plan.style ?? usualReferStyle,
    );
  }

  get #referTo(): string | undefined {
    const isUsual = this.#referred === this.#plan.transferee;
    if (isUsual && this.#plan.referTo !== undefined) return this.#plan.referTo;
    return this.#replaced === undefined ? undefined : referToReplacing(this.#replaced);
  }

  #onAccepted(): void {
    if (this.#state !== 'referring') return;
    this.#move('waiting', 'the REFER was accepted');
    if (this.#plan.hangUp === 'accepted') this.#leave('accepted');
    else this.update();
  }

  #onProgress(frag: Sipfrag): void {
    this.#user.onProgress(frag);
    const rings = frag.status > 100 && frag.status < 200;
    if (this.#state === 'waiting' && rings && this.#plan.hangUp === 'ringing') this.#leave('ringing');
  }

  /** The person wanted to be out of it as soon as this. Who leaves a blind transfer learns nothing more (reference 13). */
  #leave(moment: 'accepted' | 'ringing'): void {
    if (this.#hasLeft) return;
    this.#hasLeft = true;
    this.#user.onNews?.(moment === 'accepted' ? 'leaving the call: the transfer was accepted' : 'leaving the call: the target rings');
    if (this.#replaced === undefined) {
      this.#timers.clearAll();
      this.#move('done', 'left before the outcome, as the person wished');
      this.#referred.hangUp('transferred');
      this.#user.onDone({ result: 'done', status: undefined, text: 'sent on; nobody waited for the outcome' });
      return;
    }
    this.#referred.hangUp('transferred');
    this.update();
  }

  /** Nobody will tell the outcome (reference 9.5): a blind transfer ends here, an attended one with the replaced call. */
  #onUntold(): void {
    if (this.isOver) return;
    if (this.#state === 'referring') this.#move('waiting', 'the REFER was accepted; nobody will tell how it goes');
    if (this.#replaced === undefined) {
      this.#leave('accepted');
      return;
    }
    this.#isUntold = true;
    this.#timers.set('replacement', giveUpAfter(defaultTimers), () => {
      if (this.#state !== 'waiting') return;
      this.#finish('unknown', undefined, 'nobody tells the outcome, and the target has not hung up; you are still with the target');
    });
    this.update();
  }

  #onRefused(status: number, reason: string): void {
    if (this.isOver) return;
    const text = `the REFER was refused: ${String(status)} ${reason}`;
    // Reference 9.3: without an answer nobody knows whether the peer acted; to repeat it blindly could do it twice.
    if (status === 408) this.#finish('unknown', status, 'the REFER got no answer; the call is still on hold: resume it or hang up');
    else if (cannotRefer.has(status) && this.#mayDetour) this.#detour(text);
    else this.#recover(status, text);
  }

  /** Both calls are up, and the other party has not been asked yet. */
  get #mayDetour(): boolean {
    return !this.#detoured && this.#referred.state === 'connected' && this.#replaced?.state === 'connected';
  }

  /** Reference 15.3: the other party may know REFER, and calls the one who does not. */
  #detour(why: string): void {
    this.#detoured = true;
    this.#exchange();
    this.#user.onNews?.(`${why}; the other party is asked instead`);
    this.#refer(`${why}: the detour of asking the other party`);
  }

  #onFinal(frag: Sipfrag | undefined): void {
    if (this.isOver) return;
    if (frag === undefined) {
      if (this.#looksDone) this.#succeed(undefined);
      else this.#finish('unknown', undefined, `nobody told the outcome${this.#hasLeft ? '' : '; the call is still on hold: resume it or hang up'}`);
    } else if (frag.status < 300) {
      this.#succeed(frag.status);
    } else {
      const text = `the target answered ${String(frag.status)} ${frag.reason}`;
      const other = frag.status === 481 ? this.#otherReferTo() : undefined;
      if (other !== undefined) {
        this.#triedOtherUri = true;
        this.#user.onNews?.(`${text}; trying its other address once`);
        this.#refer(`${text}: once more, to its other address`, other);
      } else {
        // Field failure T8: a failure reported by NOTIFY must not end the call.
        this.#recover(frag.status, text);
      }
    }
  }

  /** Reference 15.5: the INVITE may have reached another device, so once the address of record instead of the Contact. */
  #otherReferTo(): string | undefined {
    const replaced = this.#replaced;
    const { dialog } = replaced ?? {};
    const mayTry = !this.#triedOtherUri && replaced?.state === 'connected' && this.#referred.state === 'connected';
    if (!mayTry || dialog === undefined) return undefined;
    const isSame = uriEquals(parseUri(replaced.remoteUri), parseUri(dialog.remoteTarget));
    return isSame ? undefined : referToReplacing(replaced, replaced.remoteUri);
  }

  /** What the hang-ups of the others say: the target leaves the replaced call, or the transferee the first one. */
  get #looksDone(): boolean {
    return hungUpByPeer(this.#replaced ?? this.#referred);
  }

  #succeed(status: number | undefined): void {
    const told = status !== undefined;
    const text = told ? 'transferred' : 'transferred; the hang-ups show it, the outcome itself was never told';
    this.#timers.clearAll();
    this.#move('done', text);
    // The target hangs the replaced call up (RFC 3891 3); if it does not, we do.
    this.#replaced?.expectHangUp(waitForReplacement, 'transferred');
    this.#referred.hangUp('transferred');
    this.#user.onDone({ result: 'done', status, text });
  }

  /** Takes the first call back, unless a consultation call is up: then the person stays with the target. */
  #recover(status: number | undefined, text: string): void {
    const { transferee, consultation, holdStyle, keepsHold } = this.#plan;
    if (hasEnded(transferee)) {
      const isAlone = consultation?.state !== 'connected';
      this.#finish('failed', status, `${text}; the call has ended${isAlone ? '' : ', and you are still with the target'}`);
      return;
    }
    if (consultation?.state === 'connected') {
      this.#finish('failed', status, `${text}; you are still with the target, and the call is on hold`);
      return;
    }
    if (keepsHold === true) {
      this.#finish('failed', status, text);
      return;
    }
    this.#move('resuming', text);
    takeBack(transferee, holdStyle, (back) => {
      if (this.#state === 'resuming') this.#finish('failed', status, `${text}; ${back}`);
    });
  }

  #finish(result: 'failed' | 'unknown', status: number | undefined, text: string): void {
    this.#timers.clearAll();
    this.#move(result, text);
    this.#user.onDone({ result, status, text });
  }

  #move(to: TransferorState, why: string): void {
    const from = this.#state;
    this.#state = to;
    this.#observer.stateChanged('transfer', this.#name, from, to, why);
  }
}
