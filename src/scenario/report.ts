import type { Lab } from '../lab';
import type { Transfer, TransferKind, Verdict } from '../trace';

/** One transfer of a scenario, by the names of those who took part. */
export interface TransferReport {
  readonly kind: TransferKind;
  readonly transferor: string;
  readonly transferee: string;
  readonly target: string;
  readonly verdict: Verdict;
  /** One sentence. */
  readonly reason: string;
}

/** What a scenario came to. Printed as it is by `call-lab run --json`: its fields are a contract. */
export interface ScenarioReport {
  readonly name: string;
  readonly file: string;
  /** Only of a simulated run, which it replays. */
  readonly seed?: number;
  readonly passed: boolean;
  /** A sentence for each; empty when passed. */
  readonly failures: readonly string[];
  /** From the start of the phones until they stopped, in milliseconds of the run's own clock. */
  readonly durationMs: number;
  /** SIP messages on the wire, retransmissions and the final hang-ups included. */
  readonly messages: number;
  /** As they stood after the last step. */
  readonly transfers: readonly TransferReport[];
  /** Whom each phone was measured to hear after the last step. */
  readonly hears: Readonly<Record<string, readonly string[]>>;
  /** Sockets, timers and calls that the stopped lab left behind. */
  readonly leaks: number;
}

/** What is looked at after the last step, while the calls are still up. */
export function finalState(lab: Lab): Pick<ScenarioReport, 'transfers' | 'hears'> {
  return {
    transfers: lab.trace.transfers.map(reportTransfer),
    hears: Object.fromEntries(lab.phones.map(({ name, hears }) => [name, hears.phones])),
  };
}

function reportTransfer({ kind, transferor, transferee, target, verdict, reason }: Transfer): TransferReport {
  return { kind, transferor: transferor.name, transferee: transferee.name, target: target.name, verdict, reason };
}
