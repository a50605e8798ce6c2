import type { Milliseconds } from '../../core';
import type { CodecName } from '../frame';

/** A piece of voice as it came. */
export interface VoicePacket {
  readonly codec: CodecName;
  /** Milliseconds on the sender's time for this leg, all 32 bits of it. */
  readonly timestamp: number;
  readonly payload: Uint8Array;
}

/** G.711 has eight octets a millisecond. */
const octetsPerMillisecond = 8;

/** A sender who is further than this from his own clock has paused: his time is set anew. */
const longestDrift: Milliseconds = 120;

/** Decides which voice frames are full ones, and counts their time (IAX2 reference 1.3). */
export class VoiceSender {
  #codec: CodecName | undefined;
  #last = 0;
  #due = 0;

  /** How the next piece of voice is to be sent at the leg's time `now`. */
  next(codec: CodecName, payload: Uint8Array, now: Milliseconds): { readonly isFull: boolean; readonly timestamp: number } {
    const isFirst = this.#codec === undefined;
    // The time of the octets, as long as it runs with the clock: what a late timer sends is not late when it is heard.
    const timestamp = isFirst || Math.abs(now - this.#due) > longestDrift ? now : this.#due;
    // IAX2 reference 1.3: the first, another codec, and another upper half of the time.
    const isFull = isFirst || codec !== this.#codec || upperHalf(timestamp) !== upperHalf(this.#last);
    this.#codec = codec;
    this.#last = timestamp;
    this.#due = timestamp + payload.length / octetsPerMillisecond;
    return { isFull, timestamp: Math.floor(timestamp) };
  }

  /** IAX2 reference 6.3: after a move the first voice frame is a full one. */
  reset(): void {
    this.#codec = undefined;
  }
}

/** Further apart than this, a mini frame is of the time before or after (IAX2 reference 1.3). */
const farApart = 50_000;

/** Makes of full and mini frames a stream of voice with whole timestamps (IAX2 reference 1.3). */
export class VoiceReceiver {
  #codec: CodecName | undefined;
  #last = 0;
  #packets = 0;
  #late = 0;
  #jitter = 0;
  #transit: Milliseconds | undefined;

  /** Pieces of voice received since the call began. */
  get packets(): number {
    return this.#packets;
  }

  /** Of them those that came after a later one. */
  get outOfOrder(): number {
    return this.#late;
  }

  /** How unevenly they come, in milliseconds, as RFC 3550 section 6.4.1 reckons it. */
  get jitter(): Milliseconds {
    return this.#jitter;
  }

  /** `now` is the time of arrival on any clock. */
  onFull(codec: CodecName, timestamp: number, payload: Uint8Array, now: Milliseconds): VoicePacket {
    this.#codec = codec;
    return this.#take(codec, timestamp, payload, now);
  }

  /** Undefined before any full frame has said what it is: the peer must be told (VNAK). */
  onMini(lowerHalf: number | undefined, payload: Uint8Array, now: Milliseconds): VoicePacket | undefined {
    if (this.#codec === undefined) return undefined;
    // An entry of a trunk without times follows what came before it.
    const timestamp = lowerHalf === undefined ? this.#last + payload.length / octetsPerMillisecond : rebuild(this.#last, lowerHalf);
    return this.#take(this.#codec, timestamp, payload, now);
  }

  reset(): void {
    this.#codec = undefined;
    this.#last = 0;
    this.#transit = undefined;
  }

  #take(codec: CodecName, timestamp: number, payload: Uint8Array, now: Milliseconds): VoicePacket {
    this.#packets += 1;
    if (timestamp < this.#last) this.#late += 1;
    const transit = now - timestamp;
    if (this.#transit !== undefined) this.#jitter += (Math.abs(transit - this.#transit) - this.#jitter) / 16;
    this.#transit = transit;
    // A full frame that was repeated comes late; time does not go back for it.
    this.#last = Math.max(this.#last, timestamp);
    return { codec, timestamp, payload };
  }
}

/** The whole time of a mini frame, from the lower half of it and what came last. */
export function rebuild(last: number, lowerHalf: number): number {
  const timestamp = upperHalf(last) * 0x1_0000 + lowerHalf;
  if (timestamp < last - farApart) return timestamp + 0x1_0000;
  if (timestamp > last + farApart && timestamp >= 0x1_0000) return timestamp - 0x1_0000;
  return timestamp;
}

function upperHalf(timestamp: number): number {
  return Math.floor(timestamp / 0x1_0000);
}
