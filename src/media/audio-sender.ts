import type { Clock, Disposable, Milliseconds, RandomSource } from '../core';
import { DtmfSender } from './dtmf-sender';
import { buildRtp } from './rtp-packet';
import { samplesPerFrame } from './tones';

/** What went out so far. */
export interface SendStatistics {
  readonly packets: number;
  /** Octets of payload. */
  readonly octets: number;
}

export interface AudioSenderOptions {
  readonly clock: Clock;
  readonly random: RandomSource;
  /** Gets each packet; it is the receiver's own from then on. */
  readonly send: (bytes: Uint8Array) => void;
}

const frameTime: Milliseconds = 20;

/** More frames than this are not made up for when the clock was late; the timestamps then show the gap. */
const maximumCatchUp = 5;

/** A clock of floating numbers may wake us a hair early. */
const earliness: Milliseconds = 0.001;

/**
 * Sends frames of 20 ms, each in the slot of time that is its own. The slots are counted from the first packet, so a
 * late timer delays no later one, and a pause advances the timestamps as the time that it takes (RFC 3550 section 5.1).
 */
export class AudioSender implements Disposable {
  readonly #clock: Clock;
  readonly #send: (bytes: Uint8Array) => void;
  readonly #ssrc: number;
  readonly #firstTimestamp: number;
  readonly #dtmf = new DtmfSender();
  #sequence: number;
  #frame: { readonly payload: Uint8Array; readonly payloadType: number } | undefined;
  #dtmfPayloadType: number | undefined;
  #start: Milliseconds | undefined;
  #nextSlot = 0;
  #slotOfLastFrame = -2;
  #timer: Disposable | undefined;
  #packets = 0;
  #octets = 0;

  constructor({ clock, random, send }: AudioSenderOptions) {
    this.#clock = clock;
    this.#send = send;
    // RFC 3550 sections 5.1 and 8: all three are random.
    const chance = new DataView(Uint8Array.from(random.bytes(10)).buffer);
    this.#ssrc = chance.getUint32(0);
    this.#firstTimestamp = chance.getUint32(4);
    this.#sequence = chance.getUint16(8);
  }

  get ssrc(): number {
    return this.#ssrc;
  }

  get statistics(): SendStatistics {
    return { packets: this.#packets, octets: this.#octets };
  }

  /** Repeats the frame from the next slot on; `undefined` for silence, which sends nothing. */
  play(frame: { readonly payload: Uint8Array; readonly payloadType: number } | undefined): void {
    this.#frame = frame;
    this.#run();
  }

  /** The number for telephone events; without one no keys are sent. */
  setDtmfPayloadType(payloadType: number | undefined): void {
    this.#dtmfPayloadType = payloadType;
    if (payloadType === undefined) this.#dtmf.clear();
  }

  /** Sends keys one after the other; `sent` is called with the last packet of the last. */
  sendKeys(digits: string, sent: () => void): void {
    this.#dtmf.enqueue(digits, sent);
    this.#run();
  }

  dispose(): void {
    this.#frame = undefined;
    this.#dtmf.clear();
    this.#timer?.dispose();
    this.#timer = undefined;
  }

  get #hasWork(): boolean {
    return this.#frame !== undefined || this.#dtmf.isBusy;
  }

  #run(): void {
    if (!this.#hasWork || this.#timer !== undefined) return;
    const now = this.#clock.now();
    this.#start ??= now;
    // Never a slot twice: a pause shorter than one continues in the next.
    this.#nextSlot = Math.max(this.#nextSlot, Math.ceil((now - this.#start - earliness) / frameTime));
    this.#wait();
  }

  #wait(): void {
    // A packet sent may have led to another frame, which has set the timer already, or to the end.
    if (!this.#hasWork || this.#timer !== undefined) return;
    const due = (this.#start ?? 0) + this.#nextSlot * frameTime;
    this.#timer = this.#clock.setTimer(due - this.#clock.now(), this.#onTimer);
  }

  readonly #onTimer = (): void => {
    this.#timer = undefined;
    const elapsed = this.#clock.now() - (this.#start ?? 0) + earliness;
    const current = Math.floor(elapsed / frameTime);
    if (current - this.#nextSlot >= maximumCatchUp) this.#nextSlot = current;
    while (this.#nextSlot <= current) {
      const slot = this.#nextSlot;
      this.#nextSlot += 1;
      this.#sendSlot(slot);
    }
    this.#wait();
  };

  #sendSlot(slot: number): void {
    const timestamp = (this.#firstTimestamp + slot * samplesPerFrame) >>> 0;
    if (this.#dtmf.isBusy && this.#dtmfPayloadType !== undefined) {
      // RFC 4733 section 2.5.1.2: an event takes the place of the audio; its pause does not.
      const packet = this.#dtmf.next(timestamp);
      if (packet !== undefined) {
        this.#emit(packet.payload, this.#dtmfPayloadType, packet.timestamp, packet.marker);
        return;
      }
    }
    if (this.#frame === undefined) return;
    // RFC 3551 section 4.1: the marker is on the first packet after silence.
    const marker = this.#slotOfLastFrame !== slot - 1;
    this.#slotOfLastFrame = slot;
    this.#emit(this.#frame.payload, this.#frame.payloadType, timestamp, marker);
  }

  #emit(payload: Uint8Array, payloadType: number, timestamp: number, marker: boolean): void {
    const sequence = this.#sequence;
    this.#sequence = (sequence + 1) & 0xffff;
    this.#packets += 1;
    this.#octets += payload.length;
    this.#send(buildRtp({ payloadType, sequence, timestamp, ssrc: this.#ssrc, marker, payload }));
  }
}
