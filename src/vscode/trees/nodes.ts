import type { CallInfo, Lab, PhoneInfo, VerbName, WatchedCall, WatchInfo } from '../../lab';
import type { TraceCall, Transfer, TransferProgress } from '../../trace';
import { say } from '../say';

/**
 * The rows of the trees. Each is at the same time the argument of the commands that its menu offers: `phone` and `call`
 * are what a verb command reads.
 */
export interface PhoneNode {
  readonly kind: 'phone';
  readonly phone: string;
  readonly info: PhoneInfo;
}

export interface CallNode {
  readonly kind: 'call';
  readonly phone: string;
  readonly call: string;
  readonly info: CallInfo;
}

/** Somebody whom a phone watches; `call` is the party whose call may be picked up there, if one may. */
export interface WatchNode {
  readonly kind: 'watch';
  readonly phone: string;
  readonly target: string;
  readonly call?: string;
  readonly info: WatchInfo;
}

/** The calls of a phone that are over. */
export interface EndedNode {
  readonly kind: 'ended';
  readonly phone: string;
  readonly calls: readonly CallInfo[];
}

export interface TransferNode {
  readonly kind: 'transfer';
  readonly transfer: Transfer;
  /** The message that decided it, or else its first. */
  readonly message: string | undefined;
}

/** One line below a transfer. */
export interface TransferDetailNode {
  readonly kind: 'detail';
  readonly id: string;
  readonly label: string;
  readonly description: string;
  readonly icon: string;
  readonly message: string | undefined;
  readonly transfer: Transfer;
  /** The call that it is about, where it is about one. */
  readonly call?: TraceCall;
}

/** Ended calls shown below a phone. */
const shownEnded = 20;

export function phoneNodes(lab: Pick<Lab, 'phones'>): readonly PhoneNode[] {
  return lab.phones.map((info) => ({ kind: 'phone', phone: info.name, info }));
}

/** Below a phone in the list of phones: whom it watches. */
export function watchNodes({ phone, info }: PhoneNode): readonly WatchNode[] {
  return info.watches.map((watch) => {
    const ringing: WatchedCall | undefined = watch.calls.find(({ canPickUp }) => canPickUp);
    return { kind: 'watch', phone, target: watch.target, ...(ringing !== undefined && { call: ringing.peer }), info: watch };
  });
}

/** Below a phone: its live calls, newest last, then the ended ones in one row. */
export function callNodes({ info }: PhoneNode): readonly (CallNode | EndedNode)[] {
  const live = info.calls.filter((call) => call.state !== 'ended').map(callNode);
  const ended = info.calls.filter((call) => call.state === 'ended').slice(-shownEnded);
  return ended.length === 0 ? live : [...live, { kind: 'ended', phone: info.name, calls: ended }];
}

/** The newest first: that is the one a person looks for. */
export function endedNodes({ calls }: EndedNode): readonly CallNode[] {
  return calls.map(callNode).reverse();
}

export function callNode(info: CallInfo): CallNode {
  return { kind: 'call', phone: info.phone, call: info.id, info };
}

/** The newest first. */
export function transferNodes(transfers: readonly Transfer[]): readonly TransferNode[] {
  return transfers.map(transferNode).reverse();
}

export function transferNode(transfer: Transfer): TransferNode {
  return { kind: 'transfer', transfer, message: decisiveMessage(transfer) };
}

/** The message to look at: the one that decided a transfer, or else its first. */
export function decisiveMessage({ wentWrongAt, decidedBy, messages }: Transfer): string | undefined {
  return wentWrongAt ?? decidedBy ?? messages[0];
}

/** What a row of a call or a transfer is known by in its tree. */
export function rowId(node: CallNode | TransferNode): string {
  return node.kind === 'call' ? `call/${node.info.id}` : `transfer/${node.transfer.id}`;
}

/** Below a transfer: its sentence, the news of it, and the calls it is about. */
export function detailNodes({ transfer }: TransferNode): readonly TransferDetailNode[] {
  const { id, progress, replacedCalls, survivingCall } = transfer;
  const details: TransferDetailNode[] = [
    {
      kind: 'detail',
      id: `${id}/reason`,
      label: transfer.reason,
      description: '',
      icon: 'comment',
      message: decisiveMessage(transfer),
      transfer,
    },
    ...progress.map((news, index) => progressNode(transfer, news, index)),
  ];
  replacedCalls.forEach((call, index) =>
    details.push(callDetail(transfer, index === 0 ? 'first' : 'consultation', call)),
  );
  if (survivingCall !== undefined) details.push(callDetail(transfer, 'new', survivingCall));
  return details;
}

function callDetail(transfer: Transfer, what: 'first' | 'consultation' | 'new', call: TraceCall): TransferDetailNode {
  const { caller, callee, state, invite } = call;
  const names = [caller.name, callee.name];
  const label =
    what === 'first' ? say('First call: {0} to {1}', ...names) : what === 'new' ? say('New call: {0} to {1}', ...names) : say('Consultation call: {0} to {1}', ...names);
  return { kind: 'detail', id: `${transfer.id}/${what}`, label, description: state, icon: 'call-outgoing', message: invite.id, transfer, call };
}

function progressNode(transfer: Transfer, news: TransferProgress, index: number): TransferDetailNode {
  return {
    kind: 'detail',
    id: `${transfer.id}/progress/${index}`,
    label: say('Progress: {0}', `${news.status} ${news.reason}`.trim()),
    description: say('after {0} s', ((news.at - transfer.startedAt) / 1000).toFixed(1)),
    icon: news.final ? 'debug-stackframe-dot' : 'ellipsis',
    message: news.message,
    transfer,
  };
}

export const callVerbs: readonly VerbName[] = [
  'answer',
  'reject',
  'redirect',
  'hold',
  'resume',
  'dtmf',
  'hangup',
  'transfer',
  'attended-transfer',
  'blonde-transfer',
  'allow-transfer',
  'refuse-transfer',
];
export const phoneVerbs: readonly VerbName[] = ['place', 'consult', 'swap', 'watch', 'unwatch', 'register', 'unregister', 'crash', 'restart'];

/** `watch can:unwatch can:pick-up` */
export function watchContextValue({ call }: WatchNode): string {
  return call === undefined ? 'watch can:unwatch' : 'watch can:unwatch can:pick-up';
}

/** `call can:hold can:transfer`: what the menus' when-clauses look for. */
export function contextValue(node: PhoneNode | CallNode, lab: Pick<Lab, 'can'>): string {
  const verbs = node.kind === 'call' ? callVerbs : phoneVerbs;
  const able = verbs.filter((verb) => lab.can(verb, node.phone, node.kind === 'call' ? node.call : undefined));
  return [node.kind, ...able.map((verb) => `can:${verb}`)].join(' ');
}
