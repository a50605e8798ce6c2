import { type Milliseconds, NamedTimers } from '../../core';
import { frameTypes } from '../frame';
import type { Leg } from '../leg';
import type { IaxServices } from '../services';

/** How long a digit sounds, and the pause before the next one (ITU-T Q.24 asks for 40 ms of each at least). */
const duration: Milliseconds = 100;
const pause: Milliseconds = 60;

/** Digits that wait at a time: a person's longest string of keys, not a flood. */
const mostWaiting = 256;

/** Sends digits one after the other, each with its begin and its end (IAX2 reference 5.3). */
export class DigitSender {
  readonly #leg: Leg;
  readonly #timers: NamedTimers<'digit'>;
  readonly #waiting: string[] = [];
  readonly #onSent: () => void;
  #sounding: string | undefined;

  /** `onSent` is called when the last digit has been let go. */
  constructor(leg: Leg, { clock, observer }: IaxServices, onSent: () => void) {
    this.#leg = leg;
    this.#onSent = onSent;
    this.#timers = new NamedTimers(clock, observer, leg.id);
  }

  get isBusy(): boolean {
    return this.#sounding !== undefined || this.#waiting.length > 0;
  }

  /** Whether there was room for it. */
  send(digit: string): boolean {
    if (this.#waiting.length >= mostWaiting) return false;
    this.#waiting.push(digit);
    if (this.#timers.isIdle) this.#next();
    return true;
  }

  /** Forgets what waits; ends what sounds, while the leg can still say so. */
  stop(): void {
    this.#timers.clearAll();
    this.#waiting.length = 0;
    this.#end();
  }

  #next(): void {
    const digit = this.#waiting.shift();
    if (digit === undefined) return;
    this.#sounding = digit;
    this.#leg.send({ type: frameTypes.dtmfBegin, subclass: digit.charCodeAt(0) });
    this.#timers.set('digit', duration, () => {
      this.#end();
      this.#timers.set('digit', pause, () => this.#next());
      if (!this.isBusy) this.#onSent();
    });
  }

  #end(): void {
    if (this.#sounding === undefined) return;
    this.#leg.send({ type: frameTypes.dtmf, subclass: this.#sounding.charCodeAt(0) });
    this.#sounding = undefined;
  }
}
