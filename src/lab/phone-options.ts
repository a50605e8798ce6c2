import type { Milliseconds } from '../core';
import type { BlondeMode, DefectId, HangUpMoment, HoldStyle, Law, ReferPolicy, ReferStyle } from '../sip';
import type { CallOptions } from './call-options';

/** What a phone does with an incoming call when nobody touches it. */
export type Behaviour =
  /** Rings until a person answers. */
  | { readonly kind: 'manual' }
  /** Rings, and answers by itself after `after` milliseconds. */
  | { readonly kind: 'answer'; readonly after: Milliseconds }
  /** Refuses with 486 Busy Here. */
  | { readonly kind: 'busy' }
  /** Refuses with 603 Decline. */
  | { readonly kind: 'decline' }
  /** Rings, and nobody ever answers. */
  | { readonly kind: 'ignore' }
  /** Sends the caller on with 302: to phones of the lab by name, or to SIP URIs. */
  | { readonly kind: 'redirect'; readonly to: readonly string[] };

/** What a phone can call with. */
export type PhoneTransport = 'udp' | 'tcp' | 'tls' | 'ws';

export type PhoneProtocol = 'sip' | 'iax2';

export const phoneTransports: readonly PhoneTransport[] = ['udp', 'tcp', 'tls', 'ws'];

/** Who may watch a phone's calls: phones of the lab, anybody who reaches it, or nobody. */
export type WatcherPolicy = 'lab' | 'anybody' | 'nobody';

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** How a phone transfers; what is left out is as practically every desk phone does it. */
export interface TransferOptions extends Partial<ReferStyle> {
  /** When it leaves the call that it gives away; `final` unless given. */
  readonly hangUp?: HangUpMoment;
  /** Attended: who is asked to call the other one; `transferee` unless given. */
  readonly refer?: 'transferee' | 'target';
  /** What becomes of a consultation that still rings; `wait` unless given. */
  readonly blonde?: BlondeMode;
  /** IAX2: only the voice goes straight from end to end, and the signals stay with this phone; false unless given. */
  readonly media?: boolean;
  /** IAX2: how often a native transfer is tried that failed because something was lost; once unless given. */
  readonly attempts?: number;
}

/** Where and as whom a phone registers. */
export interface RegisterOptions {
  /** A server of the lab by its name, or a URI: `sip:127.0.0.1:5060`, for an IAX2 phone `iax2:127.0.0.1:4569`. */
  readonly registrar: string;
  /** Of the address of record, when `registrar` is a URI that only says where to send; its host unless given. */
  readonly domain?: string;
  /** The user of the address of record and of the password; the phone's name unless given. */
  readonly username?: string;
  /** What a challenge is answered with; the phone's `credentials` unless given. */
  readonly password?: string;
  /** Seconds that a binding shall live; 3,600 unless given. */
  readonly expires?: number;
  /** Preference among the phones of one name, 0 to 1; 1 unless given. */
  readonly q?: number;
}

/** One phone as a person configures it; only the name is needed. */
export interface PhoneOptions extends CallOptions {
  /** A short word: letters, digits, `-` and `_`. It is the user part of the phone's URI. */
  readonly name: string;
  /** What others see; the name with a capital letter unless given. */
  readonly displayName?: string;
  /** What it speaks; `sip` unless given. An IAX2 phone uses of these options what its protocol has. */
  readonly protocol?: PhoneProtocol;
  /** A loopback address; 127.0.0.1 unless given. */
  readonly host?: string;
  /** 0, or left out, takes a free port. UDP and TCP share it. */
  readonly port?: number;
  /** What the phone calls with. It listens on UDP and TCP, and on what any phone of its lab calls with. `udp` unless given. */
  readonly transport?: PhoneTransport;
  /** Given, the phone listens for TLS on this port in any case; 0 takes a free one. */
  readonly tlsPort?: number;
  /** Given, the phone listens for WebSocket on this port in any case; 0 takes a free one. */
  readonly wsPort?: number;
  /** `manual` unless given. */
  readonly behaviour?: Behaviour;
  /** The G.711 laws offered, the preferred one first; both unless given. */
  readonly laws?: readonly Law[];
  /** How the phone holds; `sendonly` unless given. */
  readonly holdStyle?: HoldStyle;
  /** Whether a held party gets a hold tone, where the hold style lets any through; true unless given. */
  readonly holdTone?: boolean;
  /** What the phone answers a digest challenge with. */
  readonly credentials?: Credentials;
  /** The phone registers at its start, and releases at its end; it does not unless given. */
  readonly register?: RegisterOptions;
  /** Through which everything goes that is in no dialog yet: a server of the lab by its name, or a SIP URI. */
  readonly outboundProxy?: string;
  /** Callers must authenticate with one of these; anybody may call unless given. */
  readonly requires?: {
    readonly realm: string;
    readonly users: readonly Credentials[];
    readonly algorithm?: 'MD5' | 'SHA-256';
  };
  /** What becomes of a peer's wish to transfer this phone; `accept` unless given. */
  readonly refer?: ReferPolicy;
  /** What accepts a REFER; 202 unless given (RFC 7647 wants 200). */
  readonly referStatus?: 200 | 202;
  /** The status with which every call is refused that would replace one of this phone; none is unless given. */
  readonly refusesReplaces?: 486 | 603;
  readonly transfer?: TransferOptions;
  /** Rings unanswered for this long at the most, in milliseconds; three minutes unless given. */
  readonly ringLimit?: Milliseconds;
  /** What is wrong with the phone, as with real ones: T1 to T20 of the failures of the field; nothing unless given. */
  readonly defects?: readonly DefectId[];
  /** How long each SIP message of the phone takes longer on its way, in milliseconds, as over a long line; 0 unless given. */
  readonly lag?: Milliseconds;
  /** IAX2: takes datagrams only from where the phone has registered or called, as behind a strict firewall; not unless given. */
  readonly firewall?: boolean;
  /** Whom the phone watches from the start: phones of the lab by name, others by URI. */
  readonly watches?: readonly string[];
  /** Who may watch it; `lab` unless given. */
  readonly watchers?: WatcherPolicy;
}

/** The ports for TLS and WebSocket that a phone takes: those it was given, and any free one where another phone may call. */
export function listeners(
  { tlsPort, wsPort }: PhoneOptions,
  used: ReadonlySet<PhoneTransport>,
): { readonly tls: number | undefined; readonly ws: number | undefined } {
  return { tls: tlsPort ?? (used.has('tls') ? 0 : undefined), ws: wsPort ?? (used.has('ws') ? 0 : undefined) };
}

/** The phones of a lab that was given none. */
export const defaultPhones: readonly PhoneOptions[] = [{ name: 'alice' }, { name: 'bob' }, { name: 'charlie' }];
