import type { ByteRange, Clock, Milliseconds, RandomSource } from '../../core';
import { formatNameAddr, type SipMessage, type SipUri } from '../message';
import type { Hop, ProtocolObserver, TimerValues, TransactionLayer } from '../transaction';
import type { ClientAuthorizer } from './authorizer';
import type { DialogRequests } from './dialog-requests';
import type { ReferDialogs } from './refer/dialogs';
import type { ReferPolicy } from './refer/policy';
import type { SessionTimerSettings } from './session-timer';

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
  /**
   * Provisional responses that the caller acknowledges (RFC 3262). `off`: neither offered nor understood. `supported` (the
   * default): sent when the caller requires it, or when they carry a session description; taken from every callee.
   * `required`: our INVITEs require it, all our provisional responses are sent so, and callers that cannot get 421.
   */
  readonly reliable?: 'off' | 'supported' | 'required';
  /** Session timers (RFC 4028); we only take part in those of others unless given. */
  readonly sessionTimer?: SessionTimerSettings;
  /** Whether we tell the other side who it has reached: RFC 4916, and P-Asserted-Identity. */
  readonly connectedIdentity?: boolean;
  /** Whether a P-Asserted-Identity from there is believed (RFC 3325 section 5); none is unless given. */
  trustsIdentity?(hop: Hop): boolean;
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
  /** A status with which calls that would replace one of ours are refused, though they may; none is unless given. */
  readonly replacesRefusal?: 486 | 603 | undefined;
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
export const allowedMethods = ['INVITE', 'ACK', 'CANCEL', 'BYE', 'OPTIONS', 'REFER', 'NOTIFY', 'SUBSCRIBE', 'INFO', 'PRACK', 'UPDATE'] as const;

/** The methods that this user agent takes part in. */
export function methodsOf({ referPolicy }: Pick<AgentSettings, 'referPolicy'>): readonly string[] {
  return allowedMethods.filter((method) => method !== 'REFER' || referPolicy !== 'unknown');
}

/** Option tags that we implement: advertise exactly what works. */
export const supportedOptions = ['replaces', 'norefersub', 'nosub', 'explicitsub', 'tdialog', '100rel', 'timer', 'from-change', '199'] as const;

/** The option tags that this user agent takes part in now. */
export function optionsOf({ reliable }: Pick<AgentSettings, 'reliable'>): readonly string[] {
  return supportedOptions.filter((tag) => tag !== '100rel' || reliable !== 'off');
}

/** Headers that an INVITE and a 2xx to it both carry (RFC 3261 sections 13.2.1 and 13.3.1.4). */
export function capabilityHeaders(settings: AgentSettings, transport: Hop['transport']): [string, string][] {
  return [
    ['Contact', `<${settings.contactUri(transport)}>`],
    ['Allow', methodsOf(settings).join(', ')],
    ['Supported', optionsOf(settings).join(', ')],
    ['User-Agent', 'Call Lab'],
  ];
}

/** Who we say we are in responses, whomever the caller meant to reach (RFC 5876 section 3.2); nothing unless we tell. */
export function identityHeaders({ connectedIdentity, displayName, uri }: AgentSettings): [string, string][] {
  if (connectedIdentity !== true) return [];
  return [['P-Asserted-Identity', formatNameAddr({ displayName: displayName === '' ? undefined : displayName, uri })]];
}

export const sdpContentType = 'application/sdp';

/** The longest that a peer's Retry-After or Expires makes us wait; more would be no news to a person. */
export const longestWait: Milliseconds = 3_600_000;
