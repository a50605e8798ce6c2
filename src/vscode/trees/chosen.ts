import type { CallInfo, PhoneInfo } from '../../lab';
import type { TraceCall, TraceMessage, TraceModel } from '../../trace';
import { callNode, type CallNode, type EndedNode, type PhoneNode, type TransferDetailNode, type TransferNode, transferNode, type WatchNode } from './nodes';
import type { BindingNode, ServerNode } from './server-nodes';

/** Any row of the trees. */
export type TreeNode = PhoneNode | CallNode | EndedNode | WatchNode | ServerNode | BindingNode | TransferNode | TransferDetailNode;

/** What of a trace a row of a tree stands for. */
export interface Chosen {
  /** Ids of messages, in their order. */
  readonly messages: readonly string[];
  /** Ids of participants: of a phone or a server, which is more than its messages. */
  readonly lanes: readonly string[];
  /** The message to look at; undefined where a lane is all there is to see. */
  readonly first: string | undefined;
}

export const nothingChosen: Chosen = { messages: [], lanes: [], first: undefined };

/** What a row stands for; nothing for one of which the trace knows nothing. */
export function chosenBy(node: TreeNode, trace: TraceModel): Chosen {
  switch (node.kind) {
    case 'phone':
      return laneOf(node.phone, trace);
    case 'watch':
      return laneOf(node.target, trace);
    case 'server':
    case 'binding':
      return laneOf(node.server, trace);
    case 'call':
      return ofCalls(callsOf(node.info, trace), trace);
    case 'ended':
      return ofCalls(node.calls.flatMap((info) => callsOf(info, trace)), trace);
    case 'transfer':
      return { messages: node.transfer.messages, lanes: [], first: node.message };
    case 'detail': {
      const chosen = node.call === undefined ? { messages: node.transfer.messages, lanes: [] } : ofCalls([node.call], trace);
      return { ...chosen, first: node.message };
    }
  }
}

/** The transfer that a message belongs to, the newest of several. */
export function transferOfMessage({ transfers }: TraceMessage): TransferNode | undefined {
  const newest = transfers.at(-1);
  return newest === undefined ? undefined : transferNode(newest);
}

/** The call that a message belongs to, as the phone that sent it has it, or else as the one that received it. */
export function callOfMessage(message: TraceMessage, trace: TraceModel, phones: readonly PhoneInfo[]): CallNode | undefined {
  const { call, source, destination } = message;
  if (call === undefined) return undefined;
  for (const address of [source, destination]) {
    const name = trace.findParticipant(address)?.phone;
    const calls = phones.find((phone) => phone.name === name)?.calls ?? [];
    const info = calls.findLast((one) => callsOf(one, trace).includes(call));
    if (info !== undefined) return callNode(info);
  }
  return undefined;
}

function laneOf(name: string, { participants }: TraceModel): Chosen {
  return { ...nothingChosen, lanes: participants.filter((one) => one.name === name).map(({ id }) => id) };
}

function ofCalls(calls: readonly TraceCall[], trace: TraceModel): Chosen {
  const wanted = new Set(calls);
  const messages = trace.messages.filter(({ call }) => call !== undefined && wanted.has(call)).map(({ id }) => id);
  return { messages, lanes: [], first: messages[0] };
}

/** The calls of the trace that a phone's own view of a call is about: several behind a proxy, and when a native transfer moved it. */
function callsOf(info: CallInfo, trace: TraceModel): readonly TraceCall[] {
  const sameId = info.callId === '' ? [] : trace.calls.filter(({ invite: { sip } }) => sip?.header('Call-ID') === info.callId);
  return sameId.length > 0 ? sameId : withWhatBecameOf(legCallOf(info, trace));
}

/** IAX2 has no name for a call that both sides know: it is the one of this phone that began then. */
function legCallOf({ phone, since }: CallInfo, trace: TraceModel): TraceCall | undefined {
  const own = trace.calls.filter(
    ({ leg, invite: { source, destination } }) =>
      leg !== undefined && [source, destination].some((address) => trace.findParticipant(address)?.phone === phone),
  );
  return own.sort((a, b) => Math.abs(a.startedAt - since) - Math.abs(b.startedAt - since))[0];
}

function withWhatBecameOf(call: TraceCall | undefined): readonly TraceCall[] {
  const all: TraceCall[] = [];
  for (let next = call; next !== undefined && !all.includes(next); next = next.continuedAs) all.push(next);
  return all;
}
