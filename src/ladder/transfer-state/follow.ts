import type { Milliseconds } from '../../core';
import { nameIn, type TraceModel, type Transfer, transferTitle } from '../../trace';
import { labelOf } from '../label';
import { concerns, eventOf } from './event';
import { eventWords, type MachineParties, type TransferEvent, type TransferMachine } from './machine';
import { machineOf } from './machines';

/** One move of a transfer, and the message that made it. */
export interface TransferStep {
  readonly from: string;
  readonly to: string;
  /** Undefined for the verdict. */
  readonly on: TransferEvent | undefined;
  /** The message; undefined for a verdict that no message decided. */
  readonly message: string | undefined;
  /** Unescaped: `REFER -> charlie`, `success`. */
  readonly label: string;
  readonly at: Milliseconds;
  /** Whether messages between the two states are missing from the trace. */
  readonly isLeap: boolean;
}

export interface StateOfTransfer {
  readonly id: string;
  /** Unescaped. */
  readonly title: string;
  /** It was gone through, it is where the transfer stands, or it was not reached. */
  readonly reached: 'taken' | 'now' | 'ahead';
}

/** A line from one state to another. */
export interface TransitionOfTransfer {
  readonly from: string;
  readonly to: string;
  /** Unescaped: the steps that took it, or else the messages that could. */
  readonly label: string;
  /** The steps that took it, as indexes. */
  readonly steps: readonly number[];
}

/** How far a transfer has come. */
export interface TransferState {
  readonly transfer: string;
  /** Unescaped: `Blind transfer: Bob gives Alice to Charlie`. */
  readonly title: string;
  readonly states: readonly StateOfTransfer[];
  readonly transitions: readonly TransitionOfTransfer[];
  /** In order of time. */
  readonly steps: readonly TransferStep[];
  /** The state it stands in. */
  readonly now: string;
}

/** The state machine of a transfer, with the path that the messages of the trace have taken through it. */
export function followTransfer(model: Pick<TraceModel, 'messages' | 'message' | 'firstIndex'>, transfer: Transfer): TransferState {
  // Of one that is long under way the beginning may be forgotten.
  const first = transfer.messages.map((id) => model.message(id)).find((message) => message !== undefined);
  const machine = machineOf(transfer.kind, first?.iax !== undefined);
  const steps = takeSteps(model, transfer, machine);
  const now = steps.at(-1)?.to ?? startOf(machine);
  const reached = new Set([startOf(machine), ...steps.map(({ to }) => to)]);
  const parties = partiesOf(transfer);
  const states = [...machine.states.map(({ id, title }) => ({ id, title: title(parties) })), ...verdicts(transfer)];
  return {
    transfer: transfer.id,
    title: `${transferTitle(transfer.kind)}: ${parties.transferor} gives ${parties.transferee} to ${parties.target}`,
    states: states.map((state) => ({ ...state, reached: state.id === now ? 'now' : reached.has(state.id) ? 'taken' : 'ahead' })),
    transitions: linesOf(machine, steps),
    steps,
    now,
  };
}

function partiesOf({ transferor, transferee, target }: Transfer): MachineParties {
  return { transferor: nameIn(transferor), transferee: nameIn(transferee), target: nameIn(target) };
}

function startOf({ states }: TransferMachine): string {
  return states[0]?.id ?? '';
}

/** Both ends are drawn until one of them is reached. */
function verdicts({ verdict }: Transfer): readonly { readonly id: string; readonly title: string }[] {
  const all = [
    { id: 'success', title: 'Success' },
    { id: 'failed', title: 'Failed' },
  ];
  return verdict === 'pending' ? all : all.filter(({ id }) => id === verdict);
}

function takeSteps({ messages, firstIndex: forgotten }: Pick<TraceModel, 'messages' | 'firstIndex'>, transfer: Transfer, machine: TransferMachine): readonly TransferStep[] {
  const steps: TransferStep[] = [];
  let here = startOf(machine);
  for (const message of messages.slice(Math.max(0, firstIndex(transfer) - forgotten))) {
    const on = concerns(message, transfer) ? eventOf(message, transfer) : undefined;
    const move = on === undefined ? undefined : moveOf(machine, here, on);
    if (move === undefined) continue;
    steps.push({ from: here, to: move.to, on, message: message.id, label: labelOf(message), at: message.at, isLeap: move.from !== here });
    here = move.to;
  }
  if (transfer.verdict === 'pending') return steps;
  const at = transfer.decidedAt ?? transfer.startedAt;
  return [...steps, { from: here, to: transfer.verdict, on: undefined, message: transfer.decidedBy, label: transfer.verdict, at, isLeap: false }];
}

/** Where its oldest call begins. */
function firstIndex({ replacedCalls, messages }: Transfer): number {
  return Math.min(Number(messages[0]?.slice(1) ?? 1) - 1, ...replacedCalls.map(({ invite }) => invite.index));
}


/** The transition from here; or, where messages are missing, the nearest one ahead that such a message takes. */
function moveOf({ transitions }: TransferMachine, here: string, on: TransferEvent): { readonly from: string; readonly to: string } | undefined {
  const seen = new Set([here]);
  for (const from of seen) {
    const move = transitions.find((transition) => transition.from === from && transition.on === on);
    if (move !== undefined && (from === here || !isLoop(move.to, here, transitions))) return move;
    for (const transition of transitions) if (transition.from === from) seen.add(transition.to);
  }
  return undefined;
}

/** Whether a leap would lead back: then the message is one that changes nothing here. */
function isLoop(to: string, here: string, transitions: TransferMachine['transitions']): boolean {
  const seen = new Set([to]);
  for (const from of seen) {
    if (from === here) return true;
    for (const transition of transitions) if (transition.from === from) seen.add(transition.to);
  }
  return false;
}

/** Each way between two states once: those of the machine, then what was leapt over, then the verdict. */
function linesOf({ transitions, words: own }: TransferMachine, steps: readonly TransferStep[]): readonly TransitionOfTransfer[] {
  const ways = new Map<string, { from: string; to: string; words: Set<string>; steps: number[] }>();
  const way = (from: string, to: string) => {
    const key = `${from} ${to}`;
    let found = ways.get(key);
    if (found === undefined) ways.set(key, (found = { from, to, words: new Set(), steps: [] }));
    return found;
  };
  for (const { from, to, on } of transitions) way(from, to).words.add(own?.[on] ?? eventWords[on]);
  steps.forEach(({ from, to }, index) => way(from, to).steps.push(index));
  return [...ways.values()].map(({ from, to, words, steps: taken }) => ({ from, to, label: lineLabel(words, taken, steps), steps: taken }));
}

function lineLabel(words: ReadonlySet<string>, taken: readonly number[], steps: readonly TransferStep[]): string {
  const [first] = taken;
  const step = first === undefined ? undefined : steps[first];
  if (first === undefined || step === undefined) return [...words].join(', ');
  const again = taken.slice(1).map((index) => `${index + 1}.`);
  return `${first + 1}. ${step.label}${again.length === 0 ? '' : `, again ${again.join(' ')}`}${step.isLeap ? ' (what led here is not in the trace)' : ''}`;
}

