/** The keys of a telephone in the order of their event codes (RFC 4733 section 3.2). */
const keys = '0123456789*#ABCD';

/** One packet's report of a telephone event (RFC 4733 section 2.3). */
export interface TelephoneEvent {
  /** The event code; 0 to 15 are keys. */
  readonly event: number;
  /** The event is over; the duration is its last word. */
  readonly end: boolean;
  /** The level without its sign, in dBm0: 0 is loud, 63 is silent. */
  readonly volume: number;
  /** How long it has lasted, in samples. */
  readonly duration: number;
}

/** The event code of a key, in either case; `undefined` when there is no such key. */
export function eventOfKey(key: string): number | undefined {
  const event = key.length === 1 ? keys.indexOf(key.toUpperCase()) : -1;
  return event === -1 ? undefined : event;
}

/** The key of an event code; `undefined` for events that are none. */
export function keyOfEvent(event: number): string | undefined {
  return keys[event];
}

/** Whether each character is a key: 0-9, *, #, A-D in either case. */
export function areKeys(text: string): boolean {
  return /^[0-9*#a-d]*$/i.test(text);
}

/**
 * Reads a payload; `undefined` when it is shorter than an event. What follows the first event belongs to older ones.
 */
export function parseTelephoneEvent(payload: Uint8Array): TelephoneEvent | undefined {
  const [event, flags, high, low] = payload;
  if (event === undefined || flags === undefined || high === undefined || low === undefined) return undefined;
  return { event, end: (flags & 0x80) !== 0, volume: flags & 0x3f, duration: (high << 8) | low };
}

export function buildTelephoneEvent({ event, end, volume, duration }: TelephoneEvent): Uint8Array {
  return Uint8Array.of(event, (end ? 0x80 : 0) | (volume & 0x3f), duration >>> 8, duration);
}
