import { formatAddress } from '../../net';
import type { Participant, TraceCall, TraceModel } from '../../trace';
import { type Bridge, findBridges, joinsNow } from './bridges';
import type { DialogMap, LinkState, MapActivity, MapLink, MapNode } from './map';

export interface DialogMapOptions {
  /** The lab's phones in their order: they are shown from the start, though they have not said a word yet. */
  readonly phones?: readonly MapPhone[];
  /** How many parties to show at the most; those without a call are left out first. 40 unless given. */
  readonly limit?: number;
}

/** A phone of the lab, and where it is found: a packet to it is known to be its own before it has arrived. */
export interface MapPhone {
  readonly name: string;
  /** `127.0.0.1:5060` */
  readonly addresses: readonly string[];
}

/** How many calls of the past keep their place: a lab of many days must not slow down what is drawn ten times a second. */
const remembered = 500;

/** Who is connected to whom at the end of the trace as it stands. */
export function buildDialogMap(model: Pick<TraceModel, 'calls' | 'findParticipant' | 'participants'>, options: DialogMapOptions = {}): DialogMap {
  const phones = options.phones ?? [];
  const ends = new Map<TraceCall, Ends>();
  const oldest = model.calls.length - remembered;
  for (const call of model.calls.filter((one, index) => index >= oldest || isLive(one))) {
    const from = nodeAt(model, call, 'caller', phones);
    const to = nodeAt(model, call, 'callee', phones);
    if (from !== undefined && to !== undefined) ends.set(call, { from, to });
  }
  const links = buildLinks(model, ends);
  const servers = new Set(bridgesOf(ends).flatMap(({ taken }) => ends.get(taken)?.to.id ?? []));
  const activities = activitiesOf(links);
  const seen = new Map([...ends.values()].flatMap(({ from, to }) => [from, to]).map((end) => [end.id, end]));
  const all = [...phones.map(({ name }, index) => ({ id: `n${index}`, name, phone: name })), ...inOrder(model, seen)].map((end): MapNode => ({
    ...end,
    isServer: servers.has(end.id),
    activity: activities.get(end.id) ?? 'idle',
  }));
  return crop({ nodes: all, links, hidden: 0 }, options.limit ?? 40);
}

type End = Pick<MapNode, 'id' | 'name' | 'phone'>;

interface Ends {
  readonly from: End;
  readonly to: End;
}

function nodeAt(model: Pick<TraceModel, 'findParticipant'>, call: TraceCall, side: 'caller' | 'callee', phones: readonly MapPhone[]): End | undefined {
  const { address, phone, name } = call[side];
  const place = address === undefined ? '' : formatAddress(address);
  const index = phones.findIndex((one) => one.name === phone || one.addresses.includes(place));
  const own = phones[index];
  if (own !== undefined) return { id: `n${index}`, name: own.name, phone: own.name };
  const participant = address === undefined ? undefined : model.findParticipant(address);
  return participant === undefined ? undefined : { id: participant.id, name: participant.name === '' ? name : participant.name, phone };
}

/** Those of the trace that are no phones of the lab, in order of appearance. */
function inOrder({ participants }: Pick<TraceModel, 'participants'>, seen: ReadonlyMap<string, End>): readonly End[] {
  return participants.flatMap(({ id }: Participant) => seen.get(id) ?? []);
}

/** Pair by pair, so that a call stands where the calls of the same two stood before. */
function buildLinks(model: Pick<TraceModel, 'findParticipant'>, ends: ReadonlyMap<TraceCall, Ends>): readonly MapLink[] {
  const pairs = new Map<string, TraceCall[]>();
  for (const [call, { from, to }] of ends) {
    const pair = [from.id, to.id].sort().join(' ');
    const others = pairs.get(pair);
    if (others === undefined) pairs.set(pair, [call]);
    else others.push(call);
  }
  const bridges = new Map(bridgesOf(ends).flatMap((bridge) => [[bridge.taken, bridge] as const, [bridge.placed, bridge] as const]));
  return [...pairs.values()].flatMap((calls) => {
    const live = calls.filter(isLive);
    return (live.length === 0 ? calls.slice(0, 1) : live).flatMap((call) => {
      const between = ends.get(call);
      if (between === undefined) return [];
      const bridge = bridges.get(call);
      return isLive(call) ? liveLink(model, call, between, bridge !== undefined && joinsNow(bridge) ? bridge.name : '') : pastLink(between);
    });
  });
}

function bridgesOf(ends: ReadonlyMap<TraceCall, Ends>): readonly Bridge[] {
  return findBridges([...ends.keys()], (call, side) => {
    const end = ends.get(call)?.[side === 'caller' ? 'from' : 'to'];
    return end?.phone === '' ? end.id : '';
  });
}

function pastLink({ from, to }: Ends): MapLink {
  return { id: `past-${from.id}-${to.id}`, from: from.id, to: to.id, state: 'past', holds: [], callId: undefined, through: '', bridge: '', label: '' };
}

function liveLink(model: Pick<TraceModel, 'findParticipant'>, call: TraceCall, { from, to }: Ends, bridge: string): MapLink {
  const state: LinkState = call.state === 'up' ? 'up' : call.state === 'ringing' ? 'ringing' : 'calling';
  const holds = (['caller', 'callee'] as const).filter((side) => state === 'up' && call.held[side]);
  const hop = model.findParticipant(call.invite.destination);
  const end = call.callee.address === undefined ? undefined : model.findParticipant(call.callee.address);
  const isStraight = end === undefined || end.id === hop?.id;
  const through = isStraight ? '' : (hop?.name ?? '');
  const label = [whatGoesOn(state, holds, from, to), ...(through === '' ? [] : [`through ${through}`]), ...(bridge === '' ? [] : [bridge])].join(', ');
  return { id: call.id, from: from.id, to: to.id, state, holds, callId: call.id, through, bridge, label };
}

function whatGoesOn(state: LinkState, holds: MapLink['holds'], from: End, to: End): string {
  const [first] = holds;
  if (state === 'calling') return `${from.name} calls`;
  if (state === 'ringing') return `${to.name} rings`;
  if (first === undefined) return 'talking';
  return holds.length === 2 ? 'both hold' : `${first === 'caller' ? from.name : to.name} holds`;
}

function isLive({ state }: TraceCall): boolean {
  return state === 'calling' || state === 'ringing' || state === 'up';
}

const ranks: readonly MapActivity[] = ['idle', 'held', 'calling', 'ringing', 'talking'];

/** Of somebody with several calls, the one that they attend to. */
function activitiesOf(links: readonly MapLink[]): ReadonlyMap<string, MapActivity> {
  const activities = new Map<string, MapActivity>();
  const learn = (node: string, activity: MapActivity): void => {
    if (ranks.indexOf(activity) > ranks.indexOf(activities.get(node) ?? 'idle')) activities.set(node, activity);
  };
  for (const { from, to, state, holds } of links) {
    if (state === 'past') continue;
    learn(from, state === 'up' ? (holds.length > 0 ? 'held' : 'talking') : 'calling');
    learn(to, state === 'up' ? (holds.length > 0 ? 'held' : 'talking') : 'ringing');
  }
  return activities;
}

/** Leaves out parties without a call, the last first, until there are few enough; then whatever is beyond. */
function crop({ nodes, links }: DialogMap, limit: number): DialogMap {
  if (nodes.length <= limit) return { nodes, links, hidden: 0 };
  const byNeed = [...nodes].sort((a, b) => Number(a.activity === 'idle') - Number(b.activity === 'idle'));
  const kept = new Set(byNeed.slice(0, limit).map(({ id }) => id));
  return {
    nodes: nodes.filter(({ id }) => kept.has(id)),
    links: links.filter(({ from, to }) => kept.has(from) && kept.has(to)),
    hidden: nodes.length - limit,
  };
}
