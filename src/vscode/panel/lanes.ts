import type { LadderOptions, PanelLane } from '../../../webview/protocol';
import { laneOf, visibleLabel } from '../../ladder';
import { nameIn, type Party, type TraceCall, type TraceModel } from '../../trace';

type State = Pick<PanelLane, 'state' | 'peers'>;

/** Who has more than one call shows the one that says most. */
const ranks = ['none', 'idle', 'calling', 'ringing', 'held', 'holding', 'talking'] as const;

/** What each lane is doing now, by the calls that the trace shows. */
export class LaneStates {
  readonly #trace: TraceModel;
  readonly #live = new Set<TraceCall>();
  readonly #seen = new Set<string>();
  #callsRead = 0;

  constructor(trace: TraceModel) {
    this.#trace = trace;
  }

  /** By id of the lane; one that never had a call has no entry. */
  now(): ReadonlyMap<string, State> {
    const { calls } = this.#trace.series;
    for (const call of calls.since(this.#callsRead)) this.#learn(call);
    this.#callsRead = calls.total;
    const states = new Map<string, State>();
    for (const id of this.#seen) states.set(id, { state: 'idle', peers: [] });
    for (const call of this.#live) {
      if (isOver(call)) {
        this.#live.delete(call);
        continue;
      }
      this.#add(states, call.caller, stateOf(call, 'caller'), call.callee);
      this.#add(states, call.callee, stateOf(call, 'callee'), call.caller);
    }
    return states;
  }

  #learn(call: TraceCall): void {
    this.#live.add(call);
    for (const party of [call.caller, call.callee]) {
      const id = this.#laneOf(party);
      if (id !== undefined) this.#seen.add(id);
    }
  }

  #add(states: Map<string, State>, party: Party, state: PanelLane['state'], other: Party): void {
    const id = this.#laneOf(party);
    if (id === undefined) return;
    const name = visibleLabel(nameIn(other));
    const before = states.get(id);
    if (before?.state === state) states.set(id, { state, peers: [...before.peers, name] });
    else if (before === undefined || ranks.indexOf(before.state) < ranks.indexOf(state)) states.set(id, { state, peers: [name] });
  }

  #laneOf({ address }: Party): string | undefined {
    return address === undefined ? undefined : this.#trace.findParticipant(address)?.id;
  }
}

function isOver({ state }: TraceCall): boolean {
  return state === 'ended' || state === 'failed' || state === 'cancelled';
}

function stateOf({ state, held }: TraceCall, side: 'caller' | 'callee'): PanelLane['state'] {
  if (state === 'calling') return side === 'caller' ? 'calling' : 'none';
  if (state === 'ringing') return side === 'caller' ? 'calling' : 'ringing';
  if (held[side]) return 'holding';
  return held[side === 'caller' ? 'callee' : 'caller'] ? 'held' : 'talking';
}

/** The lanes in the order that the person wants, with all that the header shows. */
export function lanesToShow(
  trace: TraceModel,
  used: ReadonlySet<string>,
  states: LaneStates,
  { byHost, order }: LadderOptions,
): readonly PanelLane[] {
  const now = states.now();
  const roles = rolesOf(trace);
  const host = byHost ? hostLanes(trace) : undefined;
  const lanes = new Map<string, PanelLane>();
  for (const participant of trace.participants) {
    if (!used.has(participant.id)) continue;
    const id = host?.get(participant.id) ?? participant.id;
    const { name, addresses } = laneOf(participant);
    const state = now.get(participant.id) ?? { state: 'none', peers: [] };
    const before = lanes.get(id);
    const own = { id, name: visibleLabel(name), addresses, role: roles.get(participant.id) ?? 'none', ...state };
    lanes.set(id, before === undefined ? own : joined(before, own));
  }
  const placeOf = (id: string): number => (order.includes(id) ? order.indexOf(id) : order.length);
  return [...lanes.values()].sort((a, b) => placeOf(a.id) - placeOf(b.id));
}

/** Names of lanes, for a list of those that are not shown. */
export function laneNames(trace: TraceModel, ids: readonly string[]): readonly (readonly [string, string])[] {
  return ids.flatMap((id) => {
    const found = trace.participants.find((participant) => participant.id === id);
    return found === undefined ? [] : [[id, visibleLabel(found.name)] as const];
  });
}

/** For each lane the one that stands for its host: the first there. */
export function hostLanes(trace: TraceModel): ReadonlyMap<string, string> {
  const byHost = new Map<string, string>();
  const lanes = new Map<string, string>();
  for (const { id, addresses } of trace.participants) {
    const host = addresses[0]?.host ?? id;
    const first = byHost.get(host) ?? id;
    byHost.set(host, first);
    lanes.set(id, first);
  }
  return lanes;
}

function joined(a: PanelLane, b: PanelLane): PanelLane {
  const names = a.name.split(', ').includes(b.name) ? a.name : `${a.name}, ${b.name}`;
  const addresses = [...new Set([...a.addresses, ...b.addresses])];
  return { ...a, name: names, addresses, role: a.role === 'none' ? b.role : a.role };
}

/** Who is what in the newest transfer. */
function rolesOf(trace: TraceModel): ReadonlyMap<string, PanelLane['role']> {
  const roles = new Map<string, PanelLane['role']>();
  const transfer = trace.transfers.at(-1);
  if (transfer === undefined) return roles;
  for (const role of ['target', 'transferee', 'transferor'] as const) {
    const { address } = transfer[role];
    const id = address === undefined ? undefined : trace.findParticipant(address)?.id;
    if (id !== undefined) roles.set(id, role);
  }
  return roles;
}
