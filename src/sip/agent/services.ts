import type { Clock, Milliseconds, RandomSource } from '../../core';
import type { SipMessage, SipUri } from '../message';
import type { ClientTransactionUser, Hop, ProtocolObserver, TimerValues, TransactionLayer } from '../transaction';
import type { Dialog } from '../dialog';
import type { ClientAuthorizer } from './authorizer';

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
  /** Sends a request inside a dialog; see {@link DialogRequestUser}. */
  requestInDialog(
    dialog: Dialog,
    method: string,
    headers: readonly (readonly [string, string])[],
    body: string | undefined,
    user: DialogRequestUser,
  ): void;
  /** Tells a person that a message was dropped or refused, and why. */
  reportProblem(problem: AgentProblem): void;
}

/** The user of a request inside a dialog. It may go out twice: the second time with credentials. */
export interface DialogRequestUser extends ClientTransactionUser {
  /** The number it went out with; called again for the repeat with credentials. */
  onSent?(sequence: number): void;
}

export interface AgentProblem {
  readonly code: string;
  readonly text: string;
  readonly message?: SipMessage;
  readonly range?: { readonly start: number; readonly end: number };
}

/** Methods we understand, in the order of our Allow header. */
export const allowedMethods = ['INVITE', 'ACK', 'CANCEL', 'BYE', 'OPTIONS', 'REFER', 'NOTIFY', 'SUBSCRIBE', 'INFO'] as const;

/** Option tags that we implement: advertise exactly what works. */
export const supportedOptions = ['replaces'] as const;

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
