import { buildTelephoneEvent, eventOfKey } from './telephone-event';
import { samplesPerFrame } from './tones';

/** What goes out in one 20 ms slot instead of audio. */
export interface DtmfPacket {
  readonly payload: Uint8Array;
  /** On the first packet of a key (RFC 4733 section 2.5.1.2). */
  readonly marker: boolean;
  /** That of the key's beginning, in all its packets (RFC 4733 section 2.5.1.2). */
  readonly timestamp: number;
}

/** A key lasts 100 ms and is followed by as long a pause: what telephones do and every receiver takes (ITU-T Q.24). */
const slotsOfKey = 5;
/** RFC 4733 section 2.5.1.4: the final packet is sent three times in all. */
const finalRepeats = 2;
const slotsOfPause = 5;
const volume = 10;

interface QueuedKey {
  readonly event: number;
  /** Called after the last packet. */
  readonly sent: (() => void) | undefined;
}

/** Turns keys into telephone events, one packet a slot (RFC 4733 section 2.5.1). */
export class DtmfSender {
  readonly #queue: QueuedKey[] = [];
  #slot = 0;
  #timestamp = 0;

  /** Whether keys, or the pause after one, are still to be sent. */
  get isBusy(): boolean {
    return this.#queue.length > 0 || this.#slot > 0;
  }

  /** Appends keys; what is no key is left out. `sent` is called when the last packet of the last one is out. */
  enqueue(digits: string, sent: () => void): void {
    const events = Array.from(digits, eventOfKey).filter((event) => event !== undefined);
    if (events.length === 0) sent();
    events.forEach((event, index) => this.#queue.push({ event, sent: index === events.length - 1 ? sent : undefined }));
  }

  /** Drops all that is not yet sent. */
  clear(): void {
    this.#queue.length = 0;
    this.#slot = 0;
  }

  /** What the slot that begins at `timestamp` sends; `undefined` in a pause, and when there is nothing to send. */
  next(timestamp: number): DtmfPacket | undefined {
    const [key] = this.#queue;
    if (this.#slot === 0) {
      if (key === undefined) return undefined;
      this.#timestamp = timestamp;
    }
    this.#slot += 1;
    const lastOfKey = slotsOfKey + finalRepeats;
    if (this.#slot > lastOfKey) {
      if (this.#slot === lastOfKey + slotsOfPause) this.#slot = 0;
      return undefined;
    }
    if (key === undefined) return undefined;
    const lasted = Math.min(this.#slot, slotsOfKey);
    const payload = buildTelephoneEvent({
      event: key.event,
      end: this.#slot >= slotsOfKey,
      volume,
      duration: lasted * samplesPerFrame,
    });
    if (this.#slot === lastOfKey) {
      this.#queue.shift();
      key.sent?.();
    }
    return { payload, marker: this.#slot === 1, timestamp: this.#timestamp };
  }
}
