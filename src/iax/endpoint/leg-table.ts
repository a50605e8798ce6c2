import { addressText, type IaxAddress } from '../address';
import type { Leg, LegPath } from '../leg';

/**
 * Finds the leg that a frame is for (IAX2 reference 4.1): by our number, and by the peer's address and number. Numbers are
 * ours alone and unique; peers may have the same, and are told apart by address.
 */
export class LegTable {
  readonly #byLocal = new Map<number, Leg>();
  readonly #byPeer = new Map<string, Leg>();
  /** Live legs for each host, to hold each to its share. */
  readonly #hosts = new Map<string, number>();
  readonly #hostOf = new Map<Leg, string>();

  get size(): number {
    return this.#byLocal.size;
  }

  get all(): readonly Leg[] {
    return [...this.#byLocal.values()];
  }

  /** Addresses with a number by which legs are found. */
  get paths(): number {
    return this.#byPeer.size;
  }

  /** Legs that are not over. */
  get live(): number {
    return this.#hostOf.size;
  }

  /** Of them those that began with a peer at `host`. */
  liveOf(host: string): number {
    return this.#hosts.get(host) ?? 0;
  }

  add(leg: Leg): void {
    const { host } = leg.path.address;
    this.#byLocal.set(leg.localNumber, leg);
    this.#hostOf.set(leg, host);
    this.#hosts.set(host, this.liveOf(host) + 1);
    if (leg.path.number !== 0) this.#byPeer.set(keyOf(leg.path.address, leg.path.number), leg);
  }

  /** The leg's peer has a number now, or it is another peer. */
  rekey(leg: Leg, former: LegPath): void {
    this.#unlink(leg, former);
    if (this.#byLocal.get(leg.localNumber) !== leg) return;
    for (const path of [leg.path, leg.formerPath]) {
      if (path !== undefined && path.number !== 0) this.#byPeer.set(keyOf(path.address, path.number), leg);
    }
  }

  /** The leg is over: it is found as before, but counts no more. */
  release(leg: Leg): void {
    const host = this.#hostOf.get(leg);
    if (host === undefined) return;
    this.#hostOf.delete(leg);
    const left = this.liveOf(host) - 1;
    if (left > 0) this.#hosts.set(host, left);
    else this.#hosts.delete(host);
  }

  remove(leg: Leg): void {
    if (!this.#byLocal.delete(leg.localNumber)) return;
    this.release(leg);
    for (const path of [leg.path, leg.formerPath]) if (path !== undefined) this.#unlink(leg, path);
  }

  ofLocal(number: number): Leg | undefined {
    return this.#byLocal.get(number);
  }

  ofPeer(source: IaxAddress, number: number): Leg | undefined {
    return this.#byPeer.get(keyOf(source, number));
  }

  #unlink(leg: Leg, { address, number }: LegPath): void {
    const key = keyOf(address, number);
    if (this.#byPeer.get(key) === leg) this.#byPeer.delete(key);
  }
}

function keyOf(address: IaxAddress, number: number): string {
  return `${addressText(address)} ${number}`;
}
