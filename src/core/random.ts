import { randomBytes } from 'node:crypto';

/** The only source of chance in the engine: tags, branches, Call-IDs, SSRCs, back-offs, simulated loss. */
export interface RandomSource {
  /** `length` random octets. */
  bytes(length: number): Uint8Array;
  /** A number in [0, 1). */
  fraction(): number;
}

/** The system's cryptographic generator: tags and Call-IDs must not be guessable (RFC 3261 section 19.3). */
export class CryptoRandom implements RandomSource {
  /** Drawn ahead, since asking the system costs more than the octets; none is ever given out twice. */
  #pool = new Uint8Array(0);
  #used = 0;

  bytes(length: number): Uint8Array {
    if (length > this.#pool.length - this.#used) {
      this.#pool = randomBytes(Math.max(length, 4_096));
      this.#used = 0;
    }
    this.#used += length;
    return this.#pool.slice(this.#used - length, this.#used);
  }

  fraction(): number {
    const [a = 0, b = 0, c = 0, d = 0] = this.bytes(4);
    return (a * 0x100_0000 + b * 0x1_0000 + c * 0x100 + d) / 0x1_0000_0000;
  }
}

/** A small fast generator (mulberry32): the same seed replays the same run. Never used where a stranger could guess. */
export class SeededRandom implements RandomSource {
  #state: number;

  constructor(seed: number) {
    this.#state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) >>> 0;
  }

  bytes(length: number): Uint8Array {
    const out = new Uint8Array(length);
    for (let index = 0; index < length; index += 1) out[index] = this.#next() >>> 24;
    return out;
  }

  fraction(): number {
    return this.#next() / 0x1_0000_0000;
  }

  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let value = this.#state;
    value = Math.imul(value ^ (value >>> 15), value | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return (value ^ (value >>> 14)) >>> 0;
  }
}

/** A whole number in [0, bound). */
export function randomInteger(random: RandomSource, bound: number): number {
  return Math.floor(random.fraction() * bound);
}

/** A token of lower-case hexadecimal digits with `bits` bits of chance (a multiple of 8). */
export function randomToken(random: RandomSource, bits: number): string {
  let token = '';
  for (const octet of random.bytes(bits / 8)) token += octet.toString(16).padStart(2, '0');
  return token;
}
