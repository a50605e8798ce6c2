import type { TraceCall, TraceMessage, TraceModel } from '../trace';
import { isAnswer, labelOf, methodOf } from './label';

/** Two messages of two calls that play the same part, or one that has no counterpart. */
export interface ComparedPair {
  readonly left: TraceMessage | undefined;
  readonly right: TraceMessage | undefined;
  /** Whether both are there and say the same, names and addresses aside. */
  readonly isSame: boolean;
}

export interface Comparison {
  readonly pairs: readonly ComparedPair[];
  /** Index of the first pair that differs; -1 when none does. */
  readonly firstDifference: number;
}

/** Longer calls are compared as far as this. */
const longest = 400;

/**
 * Two calls side by side: what they have in common stands on one line (their longest common subsequence), what one of
 * them has alone stands alone. Repeats are left out: they tell of the network, not of the call.
 */
export function compareCalls(model: TraceModel, left: TraceCall, right: TraceCall): Comparison {
  const [a, b] = [left, right].map((call) => messagesOf(model, call));
  const pairs = align(a ?? [], b ?? []);
  return { pairs, firstDifference: pairs.findIndex(({ isSame }) => !isSame) };
}

interface Part {
  readonly message: TraceMessage;
  /** What the message is, for whom: without names, so that two calls of different people can be the same. */
  readonly sign: string;
}

function messagesOf(model: TraceModel, call: TraceCall): readonly Part[] {
  return model.messages
    .filter((message) => message.call === call && message.retransmissionOf === undefined)
    .slice(0, longest)
    .map((message) => ({ message, sign: signOf(model, call, message) }));
}

function signOf(model: TraceModel, { caller, invite }: TraceCall, message: TraceMessage): string {
  const home = model.participantAt(caller.address ?? invite.source).id;
  const direction = model.participantAt(message.source).id === home ? '>' : '<';
  // What a label has in brackets (hold, the kind of offer) matters; whom a request names does not.
  const remarks = /\([^)]*\)/.exec(labelOf(message))?.[0].replace(/Referred-By [^,)]*/, 'Referred-By') ?? '';
  const what = isAnswer(message) && message.sip?.kind === 'response' ? `${message.sip.status} ${methodOf(message)}` : methodOf(message);
  return `${direction} ${what} ${remarks}`;
}

/** The longest common subsequence: what is in it stands together, in the order of both. */
function align(a: readonly Part[], b: readonly Part[]): readonly ComparedPair[] {
  const lengths = commonLengths(a, b);
  const at = (i: number, j: number): number => lengths[i]?.[j] ?? 0;
  const pairs: ComparedPair[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const [left, right] = [a[i], b[j]];
    if (left !== undefined && left.sign === right?.sign) {
      pairs.push({ left: left.message, right: right.message, isSame: true });
      i += 1;
      j += 1;
    } else if (left !== undefined && (right === undefined || at(i + 1, j) >= at(i, j + 1))) {
      pairs.push({ left: left.message, right: undefined, isSame: false });
      i += 1;
    } else {
      pairs.push({ left: undefined, right: right?.message, isSame: false });
      j += 1;
    }
  }
  return pairs;
}

/** How much the rests from `i` and from `j` on have in common: the classic table, filled from the end. */
function commonLengths(a: readonly Part[], b: readonly Part[]): readonly Uint16Array[] {
  const lengths = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const skipping = Math.max(lengths[i + 1]?.[j] ?? 0, lengths[i]?.[j + 1] ?? 0);
      const isSame = a[i]?.sign === b[j]?.sign;
      lengths[i]?.fill(isSame ? (lengths[i + 1]?.[j + 1] ?? 0) + 1 : skipping, j, j + 1);
    }
  }
  return lengths;
}
