import type { Clock, Disposable } from '../core';
import { DtmfReceiver } from './dtmf-receiver';
import { BlockCutter, Ear, type Heard } from './ear';
import { type Law, sampleRate } from './g711';
import { RtpPacket } from './rtp-packet';
import { SequenceTracker } from './sequence-tracker';

/** What came in so far. */
export interface ReceiveStatistics {
  readonly packets: number;
  /** Octets of payload. */
  readonly octets: number;
  readonly lost: number;
  readonly duplicates: number;
  readonly late: number;
  /** What was no RTP. */
  readonly malformed: number;
  /** Packets with a payload number that was never agreed on. */
  readonly unknown: number;
  /** Interarrival jitter of the newest source in milliseconds (RFC 3550 section 6.4.1). */
  readonly jitter: number;
}

export interface AudioReceiverOptions {
  readonly clock: Clock;
  readonly candidates: readonly number[];
  readonly onHears: (heard: Heard) => void;
  readonly onDigit: (digit: string) => void;
}

/** Sources remembered at a time: the party before a transfer may still send while the next one has begun. */
const maximumSources = 8;

/** Takes RTP packets in, from whichever sources, and reports the tones heard and the keys pressed. */
export class AudioReceiver implements Disposable {
  readonly #clock: Clock;
  readonly #ear: Ear;
  readonly #onDigit: (digit: string) => void;
  /** A number keeps its codec for the session (RFC 3264 section 8.3.2), so none is ever taken out. */
  readonly #codecs = new Map<number, Law | 'telephone-event'>([
    [0, 'pcmu'],
    [8, 'pcma'],
  ]);
  readonly #sources = new Map<number, Source>();
  #newest: Source | undefined;
  #forgottenLoss = 0;
  readonly #counts = { packets: 0, octets: 0, duplicates: 0, late: 0, malformed: 0, unknown: 0 };

  constructor({ clock, candidates, onHears, onDigit }: AudioReceiverOptions) {
    this.#clock = clock;
    this.#onDigit = onDigit;
    this.#ear = new Ear({ clock, candidates, onHears });
  }

  get heard(): Heard {
    return this.#ear.heard;
  }

  get statistics(): ReceiveStatistics {
    let lost = this.#forgottenLoss;
    for (const source of this.#sources.values()) lost += source.tracker.lost;
    return { ...this.#counts, lost, jitter: this.#newest?.jitter ?? 0 };
  }

  lookFor(candidates: readonly number[]): void {
    this.#ear.lookFor(candidates);
  }

  /** From now on the number stands for that codec. */
  bind(payloadType: number, codec: Law | 'telephone-event'): void {
    this.#codecs.set(payloadType, codec);
  }

  /** Takes what arrived on the RTP port, whatever it is. */
  accept(bytes: Uint8Array): void {
    const packet = RtpPacket.parse(bytes);
    if (packet === undefined) {
      this.#counts.malformed += 1;
      return;
    }
    const codec = this.#codecs.get(packet.payloadType);
    if (codec === undefined) {
      this.#counts.unknown += 1;
      return;
    }
    const source = this.#sourceOf(packet.ssrc);
    const arrival = source.tracker.accept(packet.sequence);
    if (arrival === 'duplicate') {
      this.#counts.duplicates += 1;
      return;
    }
    if (arrival === 'late') this.#counts.late += 1;
    const { payload } = packet;
    this.#counts.packets += 1;
    this.#counts.octets += payload.length;
    if (codec === 'telephone-event') {
      const key = source.keys.accept(packet.timestamp, payload);
      if (key !== undefined) this.#onDigit(key);
      return;
    }
    source.measureJitter(packet.timestamp, this.#clock.now());
    source.cutter.accept(payload, codec, arrival === 'next');
  }

  dispose(): void {
    this.#ear.dispose();
  }

  #sourceOf(ssrc: number): Source {
    if (this.#newest?.ssrc === ssrc) return this.#newest;
    const source = this.#sources.get(ssrc) ?? new Source(ssrc, this.#ear);
    this.#newest = source;
    // Kept in the order of their last use: the first is the one to go.
    this.#sources.delete(ssrc);
    this.#sources.set(ssrc, source);
    if (this.#sources.size > maximumSources) {
      for (const [oldest, { tracker }] of this.#sources) {
        this.#forgottenLoss += tracker.lost;
        this.#sources.delete(oldest);
        break;
      }
    }
    return source;
  }
}

/** One synchronisation source: its sequence, its blocks and its keys are its own (RFC 3550 section 3). */
class Source {
  readonly ssrc: number;
  readonly tracker = new SequenceTracker();
  readonly keys = new DtmfReceiver();
  readonly cutter: BlockCutter;
  /** In milliseconds. */
  jitter = 0;
  #transit: number | undefined;

  constructor(ssrc: number, ear: Ear) {
    this.ssrc = ssrc;
    this.cutter = new BlockCutter(ear);
  }

  /** RFC 3550 appendix A.8. */
  measureJitter(timestamp: number, now: number): void {
    const transit = now - (timestamp * 1000) / sampleRate;
    const difference = Math.abs(transit - (this.#transit ?? transit));
    this.#transit = transit;
    // A step of more than a second is a wrapped timestamp or a new beginning.
    if (difference < 1000) this.jitter += (difference - this.jitter) / 16;
  }
}
