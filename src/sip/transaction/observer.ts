import type { Milliseconds } from '../../core';

/** What kind of state machine changed. */
export type MachineKind = 'transaction' | 'dialog' | 'call' | 'subscription' | 'registration' | 'transfer';

/**
 * Sees every state change and every timer of the SIP engine before anybody acts on it; the lab's journal is one. Both
 * calls must be quick and must not throw.
 */
export interface ProtocolObserver {
  /** `id` names the machine among its kind; `why` gives the event and its rule. */
  stateChanged(machine: MachineKind, id: string, from: string, to: string, why: string): void;
  /** `delay` in milliseconds when set, 0 otherwise. */
  timer(name: string, id: string, action: 'set' | 'fired' | 'cleared', delay: Milliseconds): void;
}
