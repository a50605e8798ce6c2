import type { Milliseconds } from '../core';

/** What kind of state machine changed. */
export type IaxMachineKind = 'call' | 'registration' | 'transfer';

/** Sees every state change and every timer of the engine before anybody acts on it. Quick, and never throws. */
export interface IaxObserver {
  /** `id` names the machine among its kind; `why` gives the event and its rule. */
  stateChanged(machine: IaxMachineKind, id: string, from: string, to: string, why: string): void;
  /** `delay` in milliseconds when set, 0 otherwise. */
  timer(name: string, id: string, action: 'set' | 'fired' | 'cleared', delay: Milliseconds): void;
}

/** For who does not want to see. */
export const unobserved: IaxObserver = {
  stateChanged() {},
  timer() {},
};
