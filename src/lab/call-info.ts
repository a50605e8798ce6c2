import type { Milliseconds } from '../core';
import type { TransportProtocol } from '../net';
import type { SessionState } from '../sip';
import type { PhoneProtocol } from './phone-options';
import type { TransferAsk } from './phone-transfers';
import type { WatchInfo } from './watch-info';
import type { RegistrationInfo } from './phone-registration';

/** Where a call stands for the phone that has it. */
export type CallState = SessionState;

/** One phone's view of one call, as trees, scenarios and the command line show it. A snapshot: it does not change. */
export interface CallInfo {
  /** Unique in the lab: `alice/1` is the first call of alice. */
  readonly id: string;
  readonly phone: string;
  readonly direction: 'outgoing' | 'incoming';
  readonly state: CallState;
  /** The other party: a phone of the lab by its name, anybody else by the user part of their URI, or their host. */
  readonly peer: string;
  /** The other party's URI. */
  readonly peerUri: string;
  /** The SIP Call-ID, empty before the INVITE left; for IAX2 the endpoint's own name of the call. */
  readonly callId: string;
  /** We hold the other party. */
  readonly holding: boolean;
  /** The other party holds us. */
  readonly held: boolean;
  /** Who sent the caller here, from Referred-By. */
  readonly transferredBy: string | undefined;
  /** Journal time of the start. */
  readonly since: Milliseconds;
  /** Why it ended, as one sentence; only when ended. `status` is SIP's, or for IAX2 the Q.850 cause. */
  readonly end: { readonly by: 'us' | 'peer' | 'network'; readonly status: number; readonly text: string } | undefined;
}

/** What a phone hears now, measured from its audio. */
export interface Hearing {
  /** Phones whose tone is heard, by name, sorted. */
  readonly phones: readonly string[];
  /** A hold tone is heard. */
  readonly hold: boolean;
}

/** One phone as trees and pickers show it. */
export interface PhoneInfo {
  readonly name: string;
  readonly displayName: string;
  /** `sip` unless given. */
  readonly protocol?: PhoneProtocol;
  /** `sip:alice@127.0.0.1:5070` */
  readonly uri: string;
  readonly transports: readonly TransportProtocol[];
  /** Where it is reached over each of them, in the same order: `sip:alice@127.0.0.1:5071;transport=tls`. */
  readonly uris: readonly string[];
  /** Why the phone could not start (its port is in use, say), or undefined when it works. */
  readonly problem: string | undefined;
  readonly calls: readonly CallInfo[];
  readonly hears: Hearing;
  /** DTMF digits received so far, newest last; at most 64. */
  readonly digits: string;
  /** Whom it watches, and what it knows of their calls. */
  readonly watches: readonly WatchInfo[];
  /** Peers that want to transfer this phone and wait for its person's consent. */
  readonly asks: readonly TransferAsk[];
  /** Undefined for a phone that registers nowhere. */
  readonly registration?: RegistrationInfo | undefined;
  /** Whether its calls go through a proxy, which may know names that the lab cannot look up; false unless given. */
  readonly hasProxy?: boolean;
}
