import type { ByteRange, Clock, Milliseconds, RandomSource } from '../../core';
import type { SipMessage, SipUri } from '../message';
import type { Hop, ProtocolObserver, TimerValues, TransactionLayer } from '../transaction';
import type { ClientAuthorizer } from './authorizer';
import type { DialogRequests } from './dialog-requests';
import type { ReferDialogs } from './refer-dialogs';
import type { ReferPolicy } from './refer-policy';

/** Who a user agent is, and what it may do. */
export interface AgentSettings {
  /** Display name for From; empty for none. */
  readonly displayName: string;
  /** The address of record, as it stands in From: `sip:alice@127.0.0.1:5071`. */
  readonly uri: string;
  /** Where this agent is reached over `transport`, as it stands in Contact. */
  contactUri(transport: Hop['transport']): string;
  /** How long an unanswered call may ring before it is cancelled, in milliseconds. */
  readonly ringLimit: Milliseconds;
  /** The user name and password for a realm, if we have any. */
  credentialsFor(realm: string): { readonly username: string; readonly password: string } | undefined;
  /** Why we must not call `uri`, as one sentence; undefined when we may. */
  refusalToCall(uri: SipUri): string | undefined;
  /**
   * The route set of requests outside a dialog, as values of Route: an outbound proxy, and the Service-Route of a
   * registration (RFC 3261 section 8.1.2, RFC 3608 section 5). None when left out.
   */
  routes?(): readonly string[];
  /** What becomes of a REFER of a peer; `accept` unless given. */
  readonly referPolicy?: ReferPolicy | undefined;
  /** What accepts a REFER: 202 (RFC 3515, and the field) unless given; 200 is what RFC 7647 wants. */
  readonly referStatus?: 200 | 202 | undefined;
}

/** What every part of a user agent works with. */
export interface AgentServices {
  readonly settings: AgentSettings;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly timers: TimerValues;
  readonly observer: ProtocolObserver;
  readonly transactions: TransactionLayer;
  readonly authorizer: ClientAuthorizer;
  readonly requests: DialogRequests;
  readonly referDialogs: ReferDialogs;
  /** Tells a person that a message was dropped or refused, and why. */
  reportProblem(problem: AgentProblem): void;
}

export interface AgentProblem {
  /** Of the error catalogue, or of the parser. */
  readonly code: string;
  readonly text: string;
  /** Undefined when the octets are no message. */
  readonly message?: SipMessage;
  readonly range: ByteRange;
}

/** Methods we understand, in the order of our Allow header. */
export const allowedMethods = ['INVITE', 'ACK', 'CANCEL', 'BYE', 'OPTIONS', 'REFER', 'NOTIFY', 'SUBSCRIBE', 'INFO'] as const;

/** Option tags that we implement: advertise exactly what works. */
export const supportedOptions = ['replaces', 'norefersub', 'nosub', 'explicitsub', 'tdialog'] as const;

/** Headers that an INVITE and a 2xx to it both carry (RFC 3261 sections 13.2.1 and 13.3.1.4). */
export function capabilityHeaders(settings: AgentSettings, transport: Hop['transport']): [string, string][] {
  return [
    ['Contact', `<${settings.contactUri(transport)}>`],
    ['Allow', allowedMethods.join(', ')],
    ['Supported', supportedOptions.join(', ')],
    ['User-Agent', 'Call Lab'],
  ];
}

export const sdpContentType = 'application/sdp';

/** The longest that a peer's Retry-After or Expires makes us wait; more would be no news to a person. */
export const longestWait: Milliseconds = 3_600_000;
