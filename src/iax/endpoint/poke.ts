import type { Milliseconds } from '../../core';
import type { FullFrame } from '../frame';
import type { Leg, LegUser } from '../leg';

/** Asks whether somebody is there who speaks IAX2: POKE, and its PONG, with or without a call (IAX2 reference 4.2). */
export class Poke implements LegUser {
  readonly #onDone: (roundTrip: Milliseconds | undefined) => void;
  #leg: Leg | undefined;
  #isDone = false;

  constructor(onDone: (roundTrip: Milliseconds | undefined) => void) {
    this.#onDone = onDone;
  }

  begin(leg: Leg): void {
    this.#leg = leg;
    leg.command('POKE');
  }

  /** The usual PONG: from call 1. */
  onReply(frame: FullFrame): void {
    if (frame.command === 'PONG') this.#answered();
  }

  /** Somebody opened a call to answer with: whatever he says acknowledges the POKE. */
  onAllAcknowledged(): void {
    this.#answered();
  }

  onFrame(): void {}

  onDead(): void {
    this.#done(undefined);
  }

  #answered(): void {
    const elapsed = this.#leg?.time;
    this.#leg?.end();
    this.#done(elapsed);
  }

  #done(roundTrip: Milliseconds | undefined): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#onDone(roundTrip);
  }
}
