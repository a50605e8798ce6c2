import { keyOfEvent, parseTelephoneEvent } from './telephone-event';

/**
 * Finds the keys in one source's telephone events. Every packet of a key carries the timestamp of its beginning (RFC
 * 4733 section 2.5.1.2), so the first that arrives, whichever it is, reports the key, and the others are known by it.
 */
export class DtmfReceiver {
  #newest: number | undefined;

  /** The key that the packet reports for the first time; `undefined` for one reported before, and for other events. */
  accept(timestamp: number, payload: Uint8Array): string | undefined {
    const report = parseTelephoneEvent(payload);
    if (report === undefined) return undefined;
    // A straggler of an earlier key: its other packets have spoken, or the order of keys would be wrong now.
    if (this.#newest !== undefined && ((timestamp - this.#newest) | 0) <= 0) return undefined;
    this.#newest = timestamp;
    return keyOfEvent(report.event);
  }
}
