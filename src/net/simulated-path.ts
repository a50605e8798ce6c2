import type { Clock, Milliseconds, RandomSource } from '../core';
import { FairLoss } from './fair-loss';
import type { SocketAddress } from './network';

/** How well a simulated network carries. All chances are per datagram, from 0 to 1; TCP sees the delay only. */
export interface NetworkConditions {
  /** The chance that a copy of a datagram never arrives. */
  readonly loss: number;
  /**
   * Of one datagram, sent again and again with the same octets between the same two ports, no more copies are lost than
   * this within half a minute; the next one arrives. With the default of 3, whatever SIP repeats gets through, and its
   * answer too, before RFC 3261 has it given up: an INVITE is sent 7 times (Timer A), which are three for its own loss,
   * three for its answer's, and one. A path that carries nothing is played with a cut. Infinity is loss without mercy.
   */
  readonly lossLimit: number;
  /** The chance that a datagram arrives twice, the second time up to `holdBack` later. */
  readonly duplicate: number;
  /** The chance that a datagram is held back, up to `holdBack`, so that later ones overtake it. */
  readonly reorder: number;
  /** How long a packet is under way. A socket's packets keep their order, unless `reorder` strikes. */
  readonly delay: { readonly min: Milliseconds; readonly max: Milliseconds };
  readonly holdBack: Milliseconds;
}

export const PERFECT_CONDITIONS: NetworkConditions = { loss: 0, lossLimit: 3, duplicate: 0, reorder: 0, delay: { min: 1, max: 1 }, holdBack: 20 };

/** A host (`127.0.0.11`), one port of it (`127.0.0.11:5060`), or everything (`*`). */
export type Place = string;

/** Whether `place` is, or contains, the address. */
export function placeCovers(place: Place, { host, port }: SocketAddress): boolean {
  return place === '*' || place === host || place === `${host}:${port}`;
}

/** The way between the simulated sockets: which packets survive it, and when they arrive. */
export class SimulatedPath {
  conditions: NetworkConditions;
  readonly #clock: Clock;
  readonly #random: RandomSource;
  readonly #loss: FairLoss;
  readonly #cuts: { readonly from: Place; readonly to: Place }[] = [];

  constructor(clock: Clock, random: RandomSource, conditions: NetworkConditions) {
    this.conditions = conditions;
    this.#clock = clock;
    this.#random = random;
    this.#loss = new FairLoss(clock, random);
  }

  cut(from: Place, to: Place): void {
    this.#cuts.push({ from, to });
  }

  heal(): void {
    this.#cuts.length = 0;
  }

  /** Whether a cut lies between the two, in this direction. */
  isCut(source: SocketAddress, destination: SocketAddress): boolean {
    if (this.#cuts.length === 0) return false;
    return this.#cuts.some(({ from, to }) => placeCovers(from, source) && placeCovers(to, destination));
  }

  /** Draws whether this copy of a datagram is lost. */
  loses(bytes: Uint8Array, source: SocketAddress, destination: SocketAddress): boolean {
    const { loss, lossLimit } = this.conditions;
    return this.#loss.strikes(loss, lossLimit, bytes, source, destination);
  }

  /** Draws whether something of this chance happens. The impossible costs no draw. */
  happens(chance: number): boolean {
    return chance > 0 && this.#random.fraction() < chance;
  }

  /** Calls `arrive` when a packet sent now arrives, but not before `notBefore`. Returns the time of arrival. */
  carry(notBefore: Milliseconds, arrive: () => void): Milliseconds {
    const now = this.#clock.now();
    let delay = this.#drawDelay();
    // The nanosecond outweighs rounding: now + (notBefore - now) may fall short of notBefore.
    if (now + delay < notBefore) delay = notBefore - now + 1e-6;
    this.#clock.setTimer(delay, arrive);
    return now + delay;
  }

  /** As {@link carry}, for a packet that is held back on its way and keeps no order. */
  carryLate(arrive: () => void): void {
    const heldBack = (1 - this.#random.fraction()) * this.conditions.holdBack;
    this.#clock.setTimer(this.#drawDelay() + heldBack, arrive);
  }

  #drawDelay(): Milliseconds {
    const { min, max } = this.conditions.delay;
    return min === max ? min : min + this.#random.fraction() * (max - min);
  }
}
