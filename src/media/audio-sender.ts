import type { Clock, Disposable, RandomSource } from '../core';
import { DtmfSender } from './dtmf-sender';
import { buildRtp } from './rtp-packet';
import { SlotClock } from './slot-clock';
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

/**
 * Sends frames of 20 ms, each in the slot of time that is its own. A pause advances the timestamps as the time that it
 * takes (RFC 3550 section 5.1).
 */
export class AudioSender implements Disposable {
  readonly #slots: SlotClock;
  readonly #send: (bytes: Uint8Array) => void;
  readonly #ssrc: number;
  readonly #firstTimestamp: number;
  readonly #dtmf = new DtmfSender();
  #sequence: number;
  #frame: { readonly payload: Uint8Array; readonly payloadType: number } | undefined;
  #dtmfPayloadType: number | undefined;
  #slotOfLastFrame = -2;
  #packets = 0;
  #octets = 0;

  constructor({ clock, random, send }: AudioSenderOptions) {
    this.#slots = new SlotClock({ clock, hasWork: () => this.#hasWork, onSlot: (slot) => this.#sendSlot(slot) });
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
    this.#slots.run();
  }

  /** The number for telephone events; without one no keys are sent. */
  setDtmfPayloadType(payloadType: number | undefined): void {
    this.#dtmfPayloadType = payloadType;
    if (payloadType === undefined) this.#dtmf.clear();
  }

  /** Sends keys one after the other; `sent` is called with the last packet of the last. */
  sendKeys(digits: string, sent: () => void): void {
    this.#dtmf.enqueue(digits, sent);
    this.#slots.run();
  }

  dispose(): void {
    this.#frame = undefined;
    this.#dtmf.clear();
    this.#slots.dispose();
  }

  get #hasWork(): boolean {
    return this.#frame !== undefined || this.#dtmf.isBusy;
  }

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
