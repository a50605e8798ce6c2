import { type Milliseconds, NamedTimers } from '../../core';
import { type FullFrame, retransmit } from '../frame';
import type { IaxServices } from '../services';
import { defaultTransmissions, retryAfter } from './retransmission';
import { judgeAcknowledgement, next, steps } from './sequence';

/** How one frame is to be sent, and who wants to know what became of it. */
export interface SendOptions {
  /** The last frame of the leg: when it is acknowledged, or nobody answers, the leg is over. */
  readonly isFinal?: boolean;
  /** How often it is sent in all; 11 unless given. */
  readonly transmissions?: number;
  /** The longest gap between two of them, in milliseconds; 10 s unless given. */
  readonly longestGap?: Milliseconds;
  readonly onAcknowledged?: () => void;
  /** Nobody acknowledged it. With this the leg lives on; without it the leg is dead (IAX2 reference 3.3). */
  readonly onGivenUp?: () => void;
}

/** A frame on its way. */
interface Sent {
  readonly frame: FullFrame;
  readonly sequence: number;
  readonly options: SendOptions;
  transmissions: number;
}

/** What a queue needs of its leg. */
export interface SendQueueOwner {
  readonly id: string;
  readonly services: IaxServices;
  /** What we expect next: each frame that leaves says so. */
  readonly incoming: number;
  readonly roundTrip: Milliseconds;
  /** Puts the frame on the wire. */
  transmit(frame: FullFrame): void;
  onFinalDone(): void;
  onGivenUp(frame: FullFrame): void;
  onAllAcknowledged(): void;
}

/** Frames on their way at a time: less than half the circle of numbers, so that old and new can be told apart. */
const window = 64;

/** Frames that wait for room: a peer that asks and acknowledges nothing must not fill our memory with answers. */
const mostWaiting = 1_000;

/** Our half of a leg's numbers: what was sent and is not acknowledged, and when it is sent again (IAX2 reference 3.1, 3.3). */
export class SendQueue {
  readonly #owner: SendQueueOwner;
  readonly #timers: NamedTimers<`retransmit ${number}`>;
  readonly #sent: Sent[] = [];
  /** What finds the window full. */
  readonly #waiting: { readonly build: (sequence: number) => FullFrame; readonly options: SendOptions }[] = [];
  /** `o`: the number of the frame that is sent next. */
  #outgoing = 0;

  constructor(owner: SendQueueOwner) {
    this.#owner = owner;
    this.#timers = new NamedTimers(owner.services.clock, owner.services.observer, owner.id);
  }

  get outgoing(): number {
    return this.#outgoing;
  }

  /** Frames that nobody has acknowledged yet, those that still wait among them. */
  get length(): number {
    return this.#sent.length + this.#waiting.length;
  }

  get isFull(): boolean {
    return this.#sent.length >= window;
  }

  /**
   * Sends the frame that `build` makes for its number, at once or when there is room. Beyond a thousand that wait only the last
   * one of the leg is taken; any other is given up.
   */
  send(build: (sequence: number) => FullFrame, options: SendOptions): void {
    if (!this.isFull) this.#send(build, options);
    else if (this.#waiting.length < mostWaiting || options.isFinal === true) this.#waiting.push({ build, options });
    else options.onGivenUp?.();
  }

  /** Takes note of an ISeqno. Returns false for one that claims what was never sent: nothing of that frame counts. */
  acknowledge(incomingSequence: number): boolean {
    const oldest = this.#sent[0]?.sequence ?? this.#outgoing;
    const verdict = judgeAcknowledgement(oldest, this.#outgoing, incomingSequence);
    if (verdict !== 'window') return verdict === 'old';
    const released = this.#sent.splice(0, steps(oldest, incomingSequence));
    for (const { sequence } of released) this.#timers.clear(`retransmit ${sequence}`);
    for (const { options } of released) options.onAcknowledged?.();
    if (released.some(({ options }) => options.isFinal === true)) {
      this.#owner.onFinalDone();
      return true;
    }
    this.#sendWaiting();
    if (released.length > 0 && this.length === 0) this.#owner.onAllAcknowledged();
    return true;
  }

  /** IAX2 reference 3.1: on VNAK all that is not acknowledged is sent again at once. It is not a further try. */
  resend(): void {
    for (const sent of [...this.#sent]) this.#owner.transmit(retransmit(sent.frame, this.#owner.incoming));
  }

  /** Forgets all that is on its way, without a word to who sent it. The numbers stay. */
  cancel(): void {
    this.#timers.clearAll();
    this.#sent.length = 0;
    this.#waiting.length = 0;
  }

  /** Begins anew: after a call token, and after a move to another peer. */
  restart(): void {
    this.cancel();
    this.#outgoing = 0;
  }

  #send(build: (sequence: number) => FullFrame, options: SendOptions): void {
    const sequence = this.#outgoing;
    const sent: Sent = { frame: build(sequence), sequence, options, transmissions: 1 };
    this.#outgoing = next(sequence);
    this.#sent.push(sent);
    this.#wait(sent);
    this.#owner.transmit(sent.frame);
  }

  #sendWaiting(): void {
    while (!this.isFull) {
      const first = this.#waiting.shift();
      if (first === undefined) return;
      this.#send(first.build, first.options);
    }
  }

  #wait(sent: Sent): void {
    this.#timers.set(`retransmit ${sent.sequence}`, retryAfter(sent.transmissions, this.#owner.roundTrip, sent.options.longestGap), () => {
      this.#retry(sent);
    });
  }

  #retry(sent: Sent): void {
    const { frame, options } = sent;
    // IAX2 reference 3.3: the same octets, with the R bit and what we expect by now.
    if (sent.transmissions < (options.transmissions ?? defaultTransmissions)) {
      sent.transmissions += 1;
      this.#wait(sent);
      this.#owner.transmit(retransmit(frame, this.#owner.incoming));
      return;
    }
    // A final frame that nobody acknowledges is just forgotten.
    if (options.isFinal === true) {
      this.#owner.onFinalDone();
      return;
    }
    if (options.onGivenUp === undefined) {
      this.#owner.onGivenUp(frame);
      return;
    }
    this.#giveUp(sent);
    options.onGivenUp();
  }

  /**
   * Stops repeating one frame of a leg that lives on. It keeps its place: the peer waits for its number before it takes any
   * later one, and gets it again when it says so with VNAK.
   */
  #giveUp(sent: Sent): void {
    this.#timers.clear(`retransmit ${sent.sequence}`);
    sent.transmissions = Number.POSITIVE_INFINITY;
  }
}
