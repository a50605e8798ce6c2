import type { Lab } from '../lab';
import type { LintFinding, LintId, Transfer, TransferKind, Verdict } from '../trace';

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

/** One of the failures of the field, as a lint found it in the trace. */
export interface LintReport {
  readonly id: LintId;
  /** One sentence. */
  readonly text: string;
  /** The message that shows it, as the trace numbers them: `m12`. */
  readonly message: string;
  /** The octets of the message that show it; `end` is one past the last. */
  readonly range: { readonly start: number; readonly end: number };
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
  /** Found until the last step. */
  readonly lints: readonly LintReport[];
  /** Whom each phone was measured to hear after the last step. */
  readonly hears: Readonly<Record<string, readonly string[]>>;
  /** Sockets, timers and calls that the stopped lab left behind. */
  readonly leaks: number;
}

/** What is looked at after the last step, while the calls are still up. */
export function finalState(lab: Lab): Pick<ScenarioReport, 'transfers' | 'lints' | 'hears'> {
  return {
    transfers: lab.trace.transfers.map(reportTransfer),
    lints: lab.trace.lints.map(reportLint),
    hears: Object.fromEntries(lab.phones.map(({ name, hears }) => [name, hears.phones])),
  };
}

function reportLint({ id, text, message, range }: LintFinding): LintReport {
  return { id, text, message: message.id, range: { start: range.start, end: range.end } };
}

function reportTransfer({ kind, transferor, transferee, target, verdict, reason }: Transfer): TransferReport {
  return { kind, transferor: transferor.name, transferee: transferee.name, target: target.name, verdict, reason };
}
