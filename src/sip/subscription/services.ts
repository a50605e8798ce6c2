import type { Clock, Milliseconds, RandomSource } from '../../core';
import type { Dialog } from '../dialog';
import type { SipMessage, SipRequest, SipResponse, SipUri } from '../message';
import type { ClientTransactionUser, Hop, ProtocolObserver, TimerValues, TransactionLayer } from '../transaction';

export type Headers = readonly (readonly [string, string])[];

/** Sends requests inside dialogs, and again with credentials when they are challenged. */
export interface DialogSender {
  send(
    request: { dialog: Dialog; method: string; headers: Headers; body: string | undefined },
    user: ClientTransactionUser & { onSent?(request: SipRequest): void },
  ): unknown;
}

/** What subscriptions need of the user agent they belong to. */
export interface SubscriptionServices {
  readonly settings: {
    /** As it stands in From. */
    readonly uri: string;
    /** Where we are reached over `transport`, as it stands in Contact. */
    contactUri(transport: Hop['transport']): string;
    /** Why nothing must be sent to `uri`, or undefined. */
    refusalToCall(uri: SipUri): string | undefined;
    /** Route of what is sent outside a dialog; none when left out. */
    routes?(): readonly string[];
  };
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly timers: TimerValues;
  readonly observer: ProtocolObserver;
  readonly transactions: TransactionLayer;
  readonly requests: DialogSender;
  readonly authorizer: {
    /** The credential headers with which a challenged request may be tried again, or undefined when there are none. */
    authorize(response: SipResponse, request: SipRequest): Headers | undefined;
  };
  /** Tells a person that a message was refused, and why. */
  reportProblem(problem: {
    readonly code: string;
    readonly text: string;
    readonly message?: SipMessage;
    readonly range: { readonly start: number; readonly end: number };
  }): void;
}

/** The longest that a peer's Expires or Retry-After makes us wait; what it grants beyond is used all the same. */
export const longestWait: Milliseconds = 3_600_000;
