import type { Milliseconds } from '../core';
import type { Forking } from '../sip';
import type { Credentials } from './phone-options';

/** The registrar of a server. */
export interface RegistrarOptions {
  /** Of the challenges; the server's domain unless given. */
  readonly realm?: string;
  /** Who may register, each under their own name; anybody may, and unasked, unless given. */
  readonly users?: readonly ServerUser[];
  /** SHA-256 unless given. */
  readonly algorithm?: 'MD5' | 'SHA-256';
  /** Seconds; who wants to be registered for less gets 423. 60 unless given. */
  readonly minExpires?: number;
  /** Seconds; nobody is registered for longer. 7,200 unless given. */
  readonly maxExpires?: number;
  /** Whether who calls must be one of the users too; false unless given. */
  readonly challengeCalls?: boolean;
}

/** Somebody whom a server knows. */
export interface ServerUser extends Credentials {
  /** IAX2: whether NEW and REGREQ of this user need a call token, which old clients do not send; `required` unless given. */
  readonly token?: 'required' | 'optional';
}

/** What an IAX2 server does with two of its calls that are connected: relays them, or connects them natively. */
export type ServerTransfer = 'off' | 'native' | 'media';

/** One server of the lab as a person configures it. */
export interface ServerOptions {
  /** A short word: letters, digits, `-` and `_`. No phone has the same. */
  readonly name: string;
  /** A SIP proxy, or an IAX2 server: registrar, dialplan, and the host in the middle of the calls through it. */
  readonly kind: 'proxy' | 'iax2';
  /** A loopback address; 127.0.0.1 unless given. */
  readonly host?: string;
  /** 0, or left out, takes a free port. UDP and TCP share it. */
  readonly port?: number;
  /** Of its addresses of record: `sip:alice@lab.test`. `lab.test` unless given. */
  readonly domain?: string;
  /** Whether it stays on the way of the dialogs made through it; true unless given. */
  readonly recordRoute?: boolean;
  /** How somebody is called who registered several phones; `parallel` unless given. */
  readonly fork?: Forking;
  /** How long one phone rings before the next one's turn, in milliseconds; 20,000 unless given. */
  readonly ringFor?: Milliseconds;
  /** There is none unless given. */
  readonly registrar?: RegistrarOptions;
  /** IAX2: what numbers lead to: users, other numbers, or iax2: URIs. */
  readonly extensions?: ReadonlyMap<string, string>;
  /** IAX2: `off` unless given. */
  readonly transfer?: ServerTransfer;
  /** IAX2: calls through the server at a time; more get cause 34. Without a limit unless given. */
  readonly maxCalls?: number;
  /** IAX2: how often a native transfer is tried that failed because something was lost; once unless given. */
  readonly transferAttempts?: number;
}

/** Somebody's place at a server, as trees show it. */
export interface BindingInfo {
  /** `sip:alice@lab.test` */
  readonly addressOfRecord: string;
  readonly contact: string;
  /** 0 to 1 */
  readonly q: number;
  /** Seconds left. */
  readonly expires: number;
  /** Journal time of its end, in whole seconds. */
  readonly until: Milliseconds;
}

/** One server as trees and pickers show it. A snapshot: it does not change. */
export interface ServerInfo {
  readonly name: string;
  readonly kind: ServerOptions['kind'];
  /** `sip:127.0.0.1:5060`; empty while it does not run. */
  readonly uri: string;
  readonly domain: string;
  readonly isRegistrar: boolean;
  /** Why it could not start, or undefined when it works. */
  readonly problem: string | undefined;
  readonly bindings: readonly BindingInfo[];
}
