import type { Milliseconds } from '../../core';
import type { SipRequest } from '../../sip';
import type { TraceCall } from '../../trace';

/** Two calls that a B2BUA joins: the one it took, and the one it placed for it. */
export interface Bridge {
  readonly name: string;
  readonly taken: TraceCall;
  readonly placed: TraceCall;
}

/** How long a B2BUA may think before it places the call that another one is for. */
const atOnce: Milliseconds = 500;

/**
 * Which calls a B2BUA between them joins, as far as the signalling shows it: it placed the one while the other was open,
 * with the same caller or the same callee in the headers, or at once when the other had come. `serverOf` names whoever is at an end of a call, empty for who
 * joins nothing. A call that was transferred is joined to nobody knows whom: inside a B2BUA no message tells of that.
 */
export function findBridges(
  calls: readonly TraceCall[],
  serverOf: (call: TraceCall, side: 'caller' | 'callee') => string,
): readonly Bridge[] {
  const taken = new Map<string, TraceCall[]>();
  const bridges: Bridge[] = [];
  for (const call of calls) {
    const waiting = taken.get(serverOf(call, 'caller')) ?? [];
    const index = waiting.findLastIndex((other) => isOpenAt(other, call.startedAt) && (call.startedAt - other.startedAt <= atOnce || haveOneParty(other, call)));
    const [joined] = index === -1 ? [] : waiting.splice(index, 1);
    if (joined !== undefined) bridges.push({ name: `bridge ${bridges.length + 1}`, taken: joined, placed: call });
    const server = serverOf(call, 'callee');
    if (server === '') continue;
    const others = taken.get(server);
    if (others === undefined) taken.set(server, [call]);
    else others.push(call);
  }
  return bridges;
}

/** Whether both calls are up and were not given to anybody else. */
export function joinsNow({ taken, placed }: Bridge): boolean {
  return [taken, placed].every(({ state, transfers }) => state === 'up' && transfers.length === 0);
}

function isOpenAt({ endedAt }: TraceCall, at: number): boolean {
  return endedAt === undefined || endedAt >= at;
}

function haveOneParty(a: TraceCall, b: TraceCall): boolean {
  return same(a, b, (sip) => sip.from.uri.user) || same(a, b, (sip) => sip.uri.user);
}

function same(a: TraceCall, b: TraceCall, read: (sip: SipRequest) => string | undefined): boolean {
  const [one, other] = [a, b].map(({ invite: { sip } }) => {
    try {
      return sip?.kind === 'request' ? read(sip) : undefined;
    } catch {
      // A stranger's header may be malformed; then it names nobody.
      return undefined;
    }
  });
  return one !== undefined && one !== '' && one === other;
}
