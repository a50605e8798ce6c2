import type { Clock, Disposable, Milliseconds } from '../../core';
import { type SipUri, uriEquals } from '../message';
import type { Hop } from '../transaction';

/** One address where somebody can be reached, as long as it lives (RFC 3261 section 10). */
export interface Binding {
  /** `sip:alice@lab.test`, see {@link recordKey}. */
  readonly addressOfRecord: string;
  readonly contact: SipUri;
  /** 0 to 1; 1 when the contact names none (RFC 3261 section 20.10). */
  readonly q: number;
  /** Clock time. */
  readonly expiresAt: Milliseconds;
  /** Values of Route on the way to the contact, from us on (RFC 3327 section 5.3). */
  readonly path: readonly string[];
  /** `+sip.instance` and `reg-id`: the device, and which of its flows (RFC 5626 section 6). */
  readonly instance: string | undefined;
  readonly regId: string | undefined;
  /** Where the REGISTER came from. */
  readonly source: Hop;
  readonly callId: string;
  readonly sequence: number;
}

export interface LocationLimits {
  /** Bindings of one address of record. */
  readonly bindings: number;
  /** Addresses of record that have bindings. */
  readonly records: number;
}

export const defaultLocationLimits: LocationLimits = { bindings: 10, records: 10_000 };

/**
 * The location service: who can be reached where, right now (RFC 3261 section 10.1). It forgets what has expired by itself
 * and tells when anything changed.
 */
export class LocationService {
  readonly #clock: Clock;
  readonly #limits: LocationLimits;
  readonly #onChange: () => void;
  readonly #records = new Map<string, Binding[]>();
  #timer: Disposable | undefined;
  #timerDue = Number.POSITIVE_INFINITY;

  constructor(clock: Clock, limits: LocationLimits, onChange: () => void = () => undefined) {
    this.#clock = clock;
    this.#limits = limits;
    this.#onChange = onChange;
  }

  /** All that live, in the order of their addresses of record. */
  get bindings(): readonly Binding[] {
    return [...this.#records.keys()].sort().flatMap((record) => this.find(record));
  }

  /** The live bindings of one address of record, the most preferred first, of equals the newest. */
  find(addressOfRecord: string): readonly Binding[] {
    const now = this.#clock.now();
    const live = (this.#records.get(addressOfRecord) ?? []).filter(({ expiresAt }) => expiresAt > now);
    return live.sort((a, b) => b.q - a.q || b.expiresAt - a.expiresAt);
  }

  /** Why these bindings cannot be had beside the rest; undefined when they can. */
  refuses(addressOfRecord: string, bindings: number): 'too many bindings' | 'full' | undefined {
    if (bindings > this.#limits.bindings) return 'too many bindings';
    const isNew = bindings > 0 && !this.#records.has(addressOfRecord);
    return isNew && this.#records.size >= this.#limits.records ? 'full' : undefined;
  }

  /** Puts `bindings` in the place of all that there were. */
  replace(addressOfRecord: string, bindings: readonly Binding[]): void {
    if (bindings.length === 0) this.#records.delete(addressOfRecord);
    else this.#records.set(addressOfRecord, [...bindings]);
    for (const { expiresAt } of bindings) this.#wakeAt(expiresAt);
    if (this.#records.size === 0) this.#sleep();
    this.#onChange();
  }

  /** Forgets all, and sets no timer any more. */
  clear(): void {
    this.#records.clear();
    this.#sleep();
  }

  #wakeAt(due: Milliseconds): void {
    if (due >= this.#timerDue) return;
    this.#timer?.dispose();
    this.#timerDue = due;
    this.#timer = this.#clock.setTimer(Math.max(0, due - this.#clock.now()), () => {
      this.#sleep();
      this.#forgetExpired();
    });
  }

  #sleep(): void {
    this.#timer?.dispose();
    this.#timer = undefined;
    this.#timerDue = Number.POSITIVE_INFINITY;
  }

  #forgetExpired(): void {
    const now = this.#clock.now();
    let hasChanged = false;
    for (const [record, bindings] of this.#records) {
      const live = bindings.filter(({ expiresAt }) => expiresAt > now);
      if (live.length === bindings.length) continue;
      hasChanged = true;
      if (live.length === 0) this.#records.delete(record);
      else this.#records.set(record, live);
    }
    const next = [...this.#records.values()].flat().reduce((due, { expiresAt }) => Math.min(due, expiresAt), Number.POSITIVE_INFINITY);
    if (next !== Number.POSITIVE_INFINITY) this.#wakeAt(next);
    if (hasChanged) this.#onChange();
  }
}

/**
 * The index of an address of record: scheme, user without its escapes, and host in small letters; no parameters and no port
 * (RFC 3261 section 10.3 step 5). `sips:` and `sip:` name the same person.
 */
export function recordKey(user: string, domain: string): string {
  return `sip:${user}@${domain.toLowerCase()}`;
}

/** Whether two bindings are for the same place: the same flow of one device, or equal Contacts (RFC 5626 6, RFC 3261 10.3). */
export function sameBinding(a: Pick<Binding, 'contact' | 'instance' | 'regId'>, b: Pick<Binding, 'contact' | 'instance' | 'regId'>): boolean {
  if (a.instance !== undefined && a.regId !== undefined) return a.instance === b.instance && a.regId === b.regId;
  return uriEquals(a.contact, b.contact);
}
