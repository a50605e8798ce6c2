import type { ActionGroup, MapPart, MapView, ViewAction } from '../../../webview/views/protocol';
import type { CallInfo, Lab, PhoneInfo, VerbName } from '../../lab';
import { buildDialogMap, type DialogMap, type MapLink, type MapNode, mapToMermaid } from '../../ladder';
import type { TraceModel } from '../../trace';
import { commandIds, specOf } from '../commands/table';
import type { LabPhase } from '../lab/lab-host';
import { say, sayKnown } from '../say';
import { callVerbs, phoneVerbs } from '../trees/nodes';
import { callState, isLive } from '../trees/words';

/** What the map is made of. */
export interface MapSource {
  readonly phase: LabPhase;
  readonly trace: TraceModel | undefined;
  readonly phones: readonly PhoneInfo[];
  /** What can be done now; nothing when the lab does not run. */
  readonly can: Lab['can'];
  /** Of a trace in a file: why there is nothing in it, empty where there is something. */
  readonly file?: string;
}

/** Who is connected to whom, and what can be done with each. */
export function buildMapView({ phase, trace, phones, can, file }: MapSource): MapView {
  const map: DialogMap = trace === undefined ? { nodes: [], links: [], hidden: 0 } : buildDialogMap(trace, { phones: phones.map(({ name, uris }) => ({ name, addresses: uris.flatMap(addressOf) })) });
  const context = { phones, can, trace };
  const names = new Map(map.nodes.map(({ id, name }) => [id, name]));
  return {
    kind: 'map',
    diagram: map.nodes.length === 0 ? '' : mapToMermaid(map),
    parts: [...map.nodes.map((node) => partyPart(node, context)), ...map.links.filter(({ state }) => state !== 'past').map((link) => callPart(link, names, map, context))],
    hidden: map.hidden,
    welcome: file ?? (phase === 'running' || phase === 'starting' ? say('One moment.') : say('Start the lab: its phones and their calls will stand here.')),
    isFile: file !== undefined,
  };
}

function activityWord(activity: MapNode['activity']): string {
  switch (activity) {
    case 'idle':
      return say('idle');
    case 'calling':
      return say('calling');
    case 'ringing':
      return say('ringing');
    case 'talking':
      return say('talking');
    case 'held':
      return say('on hold');
  }
}

interface Context {
  readonly phones: readonly PhoneInfo[];
  readonly can: Lab['can'];
  readonly trace: TraceModel | undefined;
}

/** `sip:alice@127.0.0.1:5070;transport=tls` is found at `127.0.0.1:5070`. */
function addressOf(uri: string): readonly string[] {
  const address = /^(?:sips?|iax2?):(?:[^@]*@)?(?<address>[^;?/]+)/u.exec(uri)?.groups?.['address'];
  return address === undefined ? [] : [address];
}

function partyPart({ id, name, phone, activity }: MapNode, { phones, can }: Context): MapPart {
  const info = phone === '' ? undefined : phones.find((one) => one.name === phone);
  const calls = info?.calls.filter(isLive) ?? [];
  const own = info === undefined ? [] : groupOf(name, actionsOf(phoneVerbs, phone, undefined, can));
  return {
    id,
    kind: 'party',
    label: `${name}, ${activityWord(activity)}`,
    tone: activity,
    groups: [...calls.flatMap((call) => callGroup(call, can)), ...own],
    message: undefined,
  };
}

function callPart(link: MapLink, names: ReadonlyMap<string, string>, map: DialogMap, { phones, can, trace }: Context): MapPart {
  const call = trace?.calls.find(({ id }) => id === link.callId);
  const ends = [link.from, link.to].map((id) => ({ phone: map.nodes.find((node) => node.id === id)?.phone ?? '', other: names.get(id === link.from ? link.to : link.from) ?? '' }));
  const callId = call?.invite.sip?.header('Call-ID');
  const groups = ends.flatMap(({ phone, other }) =>
    (phone === '' ? [] : (phones.find(({ name }) => name === phone)?.calls ?? [])).filter((one) => isLive(one) && isThat(one, callId, other)).flatMap((one) => callGroup(one, can, phone)),
  );
  return {
    id: link.id,
    kind: 'call',
    label: say('{0} and {1}: {2}', names.get(link.from) ?? '', names.get(link.to) ?? '', link.label),
    tone: link.state === 'up' ? (link.holds.length > 0 ? 'held' : 'talking') : link.state === 'past' ? 'idle' : link.state,
    groups,
    message: call?.invite.id,
  };
}

/** A phone's own view of a call of the trace: by the Call-ID, or where there is none, by the other party. */
function isThat(call: CallInfo, callId: string | undefined, other: string): boolean {
  return callId === undefined ? call.peer === other : call.callId === callId;
}

function callGroup(call: CallInfo, can: Lab['can'], phone = ''): readonly ActionGroup[] {
  const title = phone === '' ? say('with {0} ({1})', call.peer, callState(call)) : say('{0}, with {1} ({2})', phone, call.peer, callState(call));
  return groupOf(title, actionsOf(callVerbs, call.phone, call.id, can));
}

function groupOf(title: string, actions: readonly ViewAction[]): readonly ActionGroup[] {
  return actions.length === 0 ? [] : [{ title, actions }];
}

function actionsOf(verbs: readonly VerbName[], phone: string, call: string | undefined, can: Lab['can']): readonly ViewAction[] {
  return verbs
    .filter((verb) => can(verb, phone, call))
    .flatMap((verb) => {
      // Of two commands for one verb the first is the plain one.
      const command = commandIds.find((id) => specOf(id).verb === verb);
      if (command === undefined) return [];
      const { title, icon = 'circle-large' } = specOf(command);
      return [{ command, title: sayKnown(title), icon, phone, call }];
    });
}
