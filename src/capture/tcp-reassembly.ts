import type { Payload } from './ip-reader';

/** A piece of a stream, in order. */
export interface StreamPiece {
  readonly frame: number;
  readonly bytes: Uint8Array;
  /** Octets of the stream just before this piece that the capture does not hold. */
  readonly missing: number;
}

interface Segment {
  readonly frame: number;
  readonly sequence: number;
  readonly payload: Payload;
}

/** How many octets may wait for an earlier one before that is given up. */
const PATIENCE = 0x10_0000;

/**
 * Puts one direction of a TCP connection in order: what was sent twice is given once, what came too early waits. A gap
 * is given up when the receiver acknowledges octets behind it (then the capture missed them) or too much waits.
 */
export class TcpReassembly {
  /** The sequence number of the next octet; undefined until the first segment is seen. */
  #next: number | undefined;
  /** Segments behind a gap, by sequence number. */
  readonly #waiting: Segment[] = [];
  #waitingOctets = 0;

  /** A new connection begins. Gives what still waited of the one before. */
  begin(sequence: number): StreamPiece[] {
    const rest = this.finish();
    this.#next = (sequence + 1) >>> 0;
    return rest;
  }

  segment(segment: Segment): StreamPiece[] {
    if (segment.payload.length === 0) return [];
    this.#next ??= segment.sequence;
    this.#insert(segment);
    return [...this.#inOrder(), ...(this.#waitingOctets > PATIENCE ? this.finish() : [])];
  }

  /** The receiver has everything before this sequence number. */
  acknowledged(sequence: number): StreamPiece[] {
    const first = this.#waiting[0];
    return first !== undefined && distance(first.sequence, sequence) > 0 ? this.#skipGap(first) : [];
  }

  /** Gives up every gap. */
  finish(): StreamPiece[] {
    const pieces: StreamPiece[] = [];
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) pieces.push(...this.#skipGap(first));
    return pieces;
  }

  #insert(segment: Segment): void {
    const after = this.#waiting.findIndex(({ sequence }) => distance(segment.sequence, sequence) > 0);
    this.#waiting.splice(after === -1 ? this.#waiting.length : after, 0, segment);
    this.#waitingOctets += segment.payload.length;
  }

  #skipGap(first: Segment): StreamPiece[] {
    const missing = distance(this.#next ?? first.sequence, first.sequence);
    this.#next = first.sequence;
    const [piece, ...rest] = this.#inOrder();
    return piece === undefined ? [] : [{ ...piece, missing }, ...rest];
  }

  /** Takes out all that has no gap before it. */
  #inOrder(): StreamPiece[] {
    const pieces: StreamPiece[] = [];
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      const known = distance(first.sequence, this.#next ?? first.sequence);
      if (known < 0) break;
      this.#waiting.shift();
      this.#waitingOctets -= first.payload.length;
      if (known >= first.payload.length) continue;
      this.#next = (first.sequence + first.payload.length) >>> 0;
      pieces.push({ frame: first.frame, bytes: first.payload.bytes.subarray(known), missing: 0 });
    }
    return pieces;
  }
}

/** How far `to` lies behind `from` in the circle of 32-bit sequence numbers; negative when before it (RFC 9293 section 3.4). */
function distance(from: number, to: number): number {
  return (to - from) | 0;
}
