import type { Clock, Disposable, Milliseconds } from '../core';

export interface SlotClockOptions {
  readonly clock: Clock;
  /** Whether there is something for the next slot. */
  readonly hasWork: () => boolean;
  /** The slot has come; slots are numbered from the first one that had work. */
  readonly onSlot: (slot: number) => void;
}

/** A packet's share of time. */
export const slotTime: Milliseconds = 20;

/** More slots than this are not made up for when the clock was late; who counts them then sees the gap. */
const maximumCatchUp = 5;

/** A clock of floating numbers may wake us a hair early. */
const earliness: Milliseconds = 0.001;

/** Slots of 20 ms, counted from the first: a late timer delays no later one. */
export class SlotClock implements Disposable {
  readonly #options: SlotClockOptions;
  #start: Milliseconds | undefined;
  #nextSlot = 0;
  #timer: Disposable | undefined;

  constructor(options: SlotClockOptions) {
    this.#options = options;
  }

  /** There is work now. */
  run(): void {
    const { clock, hasWork } = this.#options;
    if (!hasWork() || this.#timer !== undefined) return;
    const now = clock.now();
    this.#start ??= now;
    // Never a slot twice: a pause shorter than one continues in the next.
    this.#nextSlot = Math.max(this.#nextSlot, Math.ceil((now - this.#start - earliness) / slotTime));
    this.#wait();
  }

  dispose(): void {
    this.#timer?.dispose();
    this.#timer = undefined;
  }

  #wait(): void {
    const { clock, hasWork } = this.#options;
    // What the slot did may have set the timer already, or brought the end.
    if (!hasWork() || this.#timer !== undefined) return;
    const due = (this.#start ?? 0) + this.#nextSlot * slotTime;
    this.#timer = clock.setTimer(due - clock.now(), this.#onTimer);
  }

  readonly #onTimer = (): void => {
    this.#timer = undefined;
    const { clock, onSlot } = this.#options;
    const elapsed = clock.now() - (this.#start ?? 0) + earliness;
    const current = Math.floor(elapsed / slotTime);
    if (current - this.#nextSlot >= maximumCatchUp) this.#nextSlot = current;
    while (this.#nextSlot <= current) {
      const slot = this.#nextSlot;
      this.#nextSlot += 1;
      onSlot(slot);
    }
    this.#wait();
  };
}
