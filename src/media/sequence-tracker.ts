/** How a packet stands to those before it. */
export type Arrival =
  /** The one after the newest. */
  | 'next'
  /** Newer, with a gap before it. */
  | 'ahead'
  /** Older than the newest, but not seen before. */
  | 'late'
  /** Seen before. */
  | 'duplicate';

/** A gap of more is no loss but a source that began anew (RFC 3550 appendix A.1, MAX_DROPOUT and MAX_MISORDER). */
const maximumGap = 3000;
const maximumLateness = 100;

/** How far back a duplicate is recognised; a power of two above the lateness. */
const memory = 128;

/** Counts the packets of one source by their sequence numbers, which wrap at 2^16 (RFC 3550 appendices A.1 and A.3). */
export class SequenceTracker {
  /** The sequence number plus one of the last packet in each place; 0 where there was none. */
  readonly #seen = new Uint32Array(memory);
  #newest: number | undefined;
  #expected = 0;
  #received = 0;
  #lostBefore = 0;

  accept(sequence: number): Arrival {
    const place = sequence & (memory - 1);
    if (this.#newest === undefined) return this.#restart(sequence);
    const step = (sequence - this.#newest) & 0xffff;
    const isLate = step > 0xffff - maximumLateness || step === 0;
    if (isLate) {
      if (this.#seen[place] === sequence + 1) return 'duplicate';
      this.#seen[place] = sequence + 1;
      this.#received += 1;
      return 'late';
    }
    if (step > maximumGap) return this.#restart(sequence);
    this.#seen[place] = sequence + 1;
    this.#newest = sequence;
    this.#expected += step;
    this.#received += 1;
    return step === 1 ? 'next' : 'ahead';
  }

  /** Packets that should have come and have not. A late one takes its loss back. */
  get lost(): number {
    return this.#lostBefore + Math.max(0, this.#expected - this.#received);
  }

  #restart(sequence: number): Arrival {
    this.#lostBefore = this.lost;
    this.#seen.fill(0);
    this.#seen[sequence & (memory - 1)] = sequence + 1;
    this.#newest = sequence;
    this.#expected = 1;
    this.#received = 1;
    return 'ahead';
  }
}
