/** One step of a machine of transfer: where to go, what to do, and the rule that says so. */
export interface Transition<State, Action> {
  readonly to: State;
  readonly actions: readonly Action[];
  readonly rule: string;
}
