import type { Milliseconds } from '../../core';
import type { TimerValues } from './timers';

/** The timers of RFC 3261 table 4 and RFC 6026, and the 200 ms after which a server says 100 by itself. */
export type TransactionTimer = 'A' | 'B' | 'D' | 'E' | 'F' | 'G' | 'H' | 'I' | 'J' | 'K' | 'L' | 'M' | 'trying';

/** What a transaction machine asks its driver to do. */
export type Action =
  /** Client: send the request (again). Server: send the latest response (again). */
  | { readonly do: 'send' }
  /** Client: acknowledge the final non-2xx response at hand. */
  | { readonly do: 'send-ack' }
  /** Server: send 100 Trying. */
  | { readonly do: 'send-trying' }
  /** Hand the response, or the ACK, to the user of the transaction. */
  | { readonly do: 'deliver' }
  | { readonly do: 'report-timeout' }
  | { readonly do: 'report-transport-error' }
  | { readonly do: 'set'; readonly timer: TransactionTimer; readonly after: Milliseconds }
  | { readonly do: 'clear'; readonly timer: TransactionTimer };

/** One step of a machine: where to go, what to do, and the rule that says so. */
export interface Transition<State> {
  readonly to: State;
  readonly actions: readonly Action[];
  readonly rule: string;
}

/** What a machine may know besides its state and the event. */
export interface Conditions {
  readonly timers: TimerValues;
  /** TCP and the like: no repeats, no lingering (RFC 3261 section 17.1.1.1). */
  readonly reliable: boolean;
  /** How often the request or the final response went out so far. */
  readonly sent: number;
}

export type ClientEvent =
  | { readonly is: 'start' }
  | { readonly is: 'response'; readonly status: number }
  | { readonly is: 'timer'; readonly timer: TransactionTimer }
  | { readonly is: 'transport-error' };

export type ServerEvent =
  | { readonly is: 'start' }
  /** The same request again. */
  | { readonly is: 'repeat' }
  | { readonly is: 'ack' }
  | { readonly is: 'respond'; readonly status: number }
  | { readonly is: 'timer'; readonly timer: TransactionTimer }
  | { readonly is: 'transport-error' };

export const send: Action = { do: 'send' };
export const sendAck: Action = { do: 'send-ack' };
export const sendTrying: Action = { do: 'send-trying' };
export const deliver: Action = { do: 'deliver' };
export const reportTimeout: Action = { do: 'report-timeout' };
export const reportTransportError: Action = { do: 'report-transport-error' };

export function set(timer: TransactionTimer, after: Milliseconds): Action {
  return { do: 'set', timer, after };
}

export function clear(timer: TransactionTimer): Action {
  return { do: 'clear', timer };
}

/** A timer that only unreliable transports need: zero, that is none, on a reliable one. */
export function lingers(conditions: Conditions): boolean {
  return !conditions.reliable;
}
