import type { Clock, Milliseconds, RandomSource } from '../core';
import { formatAddress } from './address';
import type { SocketAddress } from './network';

/**
 * How long lost copies are remembered, at least: SIP repeats a message for 64*T1 (RFC 3261 table 4), and what is sent
 * again much later is another story.
 */
const memory: Milliseconds = 32_000;

/**
 * Decides which datagrams a path loses. Each is lost with the given chance, but of the copies of one datagram (the same
 * octets between the same two ports) no more than a given number: a path on which everything is lost is a path that is
 * cut, and a simulation that plays with loss should not cut one by chance, once in some thousand runs.
 */
export class FairLoss {
  readonly #clock: Clock;
  readonly #random: RandomSource;
  /** Copies lost, by datagram; what was lost last in the memory's current span, and in the one before. */
  #recent = new Map<string, number>();
  #older = new Map<string, number>();
  #turnsAt: Milliseconds = 0;

  constructor(clock: Clock, random: RandomSource) {
    this.#clock = clock;
    this.#random = random;
  }

  /** Whether this copy is lost. `chance` is from 0 to 1, `limit` the number of copies that may be lost. */
  strikes(chance: number, limit: number, bytes: Uint8Array, source: SocketAddress, destination: SocketAddress): boolean {
    if (!(chance > 0 && this.#random.fraction() < chance)) return false;
    if (limit === Number.POSITIVE_INFINITY) return true;
    this.#forget();
    const key = `${formatAddress(source)} ${formatAddress(destination)} ${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')}`;
    const lost = this.#recent.get(key) ?? this.#older.get(key) ?? 0;
    if (lost >= limit) return false;
    this.#recent.set(key, lost + 1);
    return true;
  }

  #forget(): void {
    const now = this.#clock.now();
    if (now < this.#turnsAt) return;
    // Nothing was lost for a whole span: what is older than that is forgotten too.
    this.#older = now < this.#turnsAt + memory ? this.#recent : new Map<string, number>();
    this.#recent = new Map();
    this.#turnsAt = now + memory;
  }
}
