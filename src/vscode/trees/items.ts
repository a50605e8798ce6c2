import * as vscode from 'vscode';
import type { CallInfo, Lab, PhoneInfo } from '../../lab';
import { nameIn, type Transfer } from '../../trace';
import type { CommandId } from '../commands/table';
import { say } from '../say';
import {
  type CallNode,
  contextValue,
  type EndedNode,
  type PhoneNode,
  rowId,
  type TransferDetailNode,
  type TransferNode,
  watchContextValue,
  type WatchNode,
} from './nodes';
import type { BindingNode, ServerNode } from './server-nodes';
import {
  bindingState,
  bindingTitle,
  callState,
  hearingSentence,
  isLive,
  list,
  phoneRow,
  registrationState,
  serverState,
  transferSummary,
  transferTitle,
  watchState,
} from './words';

/** How the rows of the trees look. All text is plain: a stranger's words must not become Markdown. */

export function phoneItem(node: PhoneNode, lab: Pick<Lab, 'can'>): vscode.TreeItem {
  const { info } = node;
  const { None, Expanded } = vscode.TreeItemCollapsibleState;
  const item = new vscode.TreeItem(info.name, info.watches.length === 0 ? None : Expanded);
  item.id = `phone/${info.name}`;
  item.description = phoneRow(info);
  item.tooltip = [
    `${info.displayName} <${info.uri}>`,
    info.transports.length === 0 ? say('Listens on nothing.') : say('Listens on {0}.', list(info.transports.map((one) => one.toUpperCase()))),
    ...registrationLines(info),
    hearingSentence(info.name, info.hears),
    ...(info.digits === '' ? [] : [say('Keys received: {0}', info.digits)]),
    ...(info.problem === undefined ? [] : [info.problem]),
  ].join('\n');
  item.iconPath = phoneIcon(info);
  item.contextValue = contextValue(node, lab);
  return item;
}

export function watchItem(node: WatchNode): vscode.TreeItem {
  const { info, phone, call } = node;
  const item = new vscode.TreeItem(info.target, vscode.TreeItemCollapsibleState.None);
  item.id = `watch/${phone}/${info.target}`;
  item.description = watchState(info);
  item.tooltip = [
    say('{0} watches {1}', phone, info.uri),
    say('Subscription: {0}', info.why === '' ? info.phase : `${info.phase}, ${info.why}`),
    ...info.calls.map(({ peer, phase, peerUri, transferredBy }) => {
      const said = `${phase}: ${peer}${peerUri === '' ? '' : ` (${peerUri})`}`;
      return transferredBy === undefined ? said : say('{0}, sent by {1}', said, transferredBy);
    }),
  ].join('\n');
  item.iconPath =
    call === undefined ? new vscode.ThemeIcon('eye') : new vscode.ThemeIcon('bell-dot', new vscode.ThemeColor('list.warningForeground'));
  item.contextValue = watchContextValue(node);
  return item;
}

export function serverItem({ info }: ServerNode): vscode.TreeItem {
  const { None, Expanded } = vscode.TreeItemCollapsibleState;
  const item = new vscode.TreeItem(info.name, info.isRegistrar ? Expanded : None);
  item.id = `server/${info.name}`;
  item.description = serverState(info);
  item.tooltip = [
    serverTitle(info),
    ...(info.uri === '' ? [] : [info.uri]),
    ...(info.problem === undefined ? [] : [info.problem]),
  ].join('\n');
  item.iconPath =
    info.problem === undefined ? new vscode.ThemeIcon('server') : new vscode.ThemeIcon('error', new vscode.ThemeColor('list.errorForeground'));
  item.contextValue = info.uri === '' ? 'server' : 'server has:uri';
  return item;
}

export function bindingItem({ server, info, until }: BindingNode): vscode.TreeItem {
  const item = new vscode.TreeItem(bindingTitle(info), vscode.TreeItemCollapsibleState.None);
  item.id = `binding/${server}/${info.addressOfRecord}/${info.contact}`;
  item.description = bindingState(info, until);
  item.tooltip = [
    say('{0} is registered at {1}', info.addressOfRecord, server),
    say('Contact {0}, preference {1}', info.contact, info.q),
    say('Until {0}', until.toString()),
  ].join('\n');
  item.iconPath = new vscode.ThemeIcon('link');
  item.contextValue = 'binding has:uri';
  return item;
}

/** The same phone as the head of its calls. */
export function phoneOfCallsItem({ info }: PhoneNode): vscode.TreeItem {
  const item = new vscode.TreeItem(info.name, vscode.TreeItemCollapsibleState.Expanded);
  item.id = `calls/${info.name}`;
  const live = info.calls.filter(isLive).length;
  item.description = live === 0 ? say('no call') : live === 1 ? say('1 call') : say('{0} calls', live);
  item.tooltip = info.displayName;
  item.iconPath = new vscode.ThemeIcon('device-mobile');
  item.contextValue = 'calls-of-phone';
  return item;
}

export function callItem(node: CallNode, lab: Pick<Lab, 'can'>): vscode.TreeItem {
  const { info } = node;
  const item = new vscode.TreeItem(info.peer, vscode.TreeItemCollapsibleState.None);
  item.id = rowId(node);
  item.description = callState(info);
  item.tooltip = [
    info.direction === 'incoming' ? say('{0}, incoming', info.id) : say('{0}, outgoing', info.id),
    say('With {0}', info.peerUri),
    info.callId === '' ? say('Call-ID not yet known') : `Call-ID ${info.callId}`,
    ...(info.transferredBy === undefined ? [] : [say('Sent here by {0}', info.transferredBy)]),
    ...(info.end === undefined ? [] : [endOf(info.end)]),
  ].join('\n');
  item.iconPath = callIcon(info);
  item.contextValue = contextValue(node, lab);
  return item;
}

export function endedItem({ phone, calls }: EndedNode): vscode.TreeItem {
  const item = new vscode.TreeItem(say('Ended ({0})', calls.length), vscode.TreeItemCollapsibleState.Collapsed);
  item.id = `ended/${phone}`;
  item.iconPath = new vscode.ThemeIcon('history');
  item.contextValue = 'ended';
  return item;
}

export function transferItem(node: TransferNode): vscode.TreeItem {
  const { transfer, message } = node;
  const item = new vscode.TreeItem(
    say('{0} to {1}', nameIn(transfer.transferee), nameIn(transfer.target)),
    vscode.TreeItemCollapsibleState.Expanded,
  );
  item.id = rowId(node);
  item.description = transferSummary(transfer);
  item.tooltip = `${transferTitle(transfer)}\n${transfer.reason}`;
  item.iconPath = verdictIcon(transfer.verdict);
  item.contextValue = message === undefined ? 'transfer' : 'transfer has:message';
  return item;
}

export function detailItem(node: TransferDetailNode): vscode.TreeItem {
  const item = new vscode.TreeItem(node.label, vscode.TreeItemCollapsibleState.None);
  item.id = `detail/${node.id}`;
  item.description = node.description;
  item.tooltip = node.label;
  item.iconPath = new vscode.ThemeIcon(node.icon);
  item.contextValue = 'detail';
  if (node.message !== undefined) item.command = openMessage(node.message);
  return item;
}

function openMessage(message: string): vscode.Command {
  return {
    command: 'callLab.openMessage' satisfies CommandId,
    title: say('Open Message in Trace'),
    arguments: [{ message }],
  };
}

function registrationLines({ name, registration }: PhoneInfo): readonly string[] {
  if (registration === undefined) return [];
  const { addressOfRecord, registrar } = registration;
  return [say('{0} at {1}: {2}.', addressOfRecord, registrar, registrationState(registration, name))];
}

function serverTitle({ kind, isRegistrar, domain }: ServerNode['info']): string {
  if (kind === 'iax2') return isRegistrar ? say('IAX2 server and registrar') : say('IAX2 server');
  return isRegistrar ? say('Proxy and registrar of {0}', domain) : say('Proxy of {0}', domain);
}

function endOf({ by, text, status }: NonNullable<CallInfo['end']>): string {
  switch (by) {
    case 'us':
      return say('Ended by us: {0} ({1})', text, status);
    case 'peer':
      return say('Ended by the other side: {0} ({1})', text, status);
    case 'network':
      return say('Ended by the network: {0} ({1})', text, status);
  }
}

function phoneIcon({ problem, calls, registration }: PhoneInfo): vscode.ThemeIcon {
  if (problem !== undefined) return new vscode.ThemeIcon('error', new vscode.ThemeColor('list.errorForeground'));
  if (calls.some(({ state }) => state === 'incoming')) {
    return new vscode.ThemeIcon('bell-dot', new vscode.ThemeColor('list.warningForeground'));
  }
  if (calls.some(isLive)) return new vscode.ThemeIcon('device-mobile', new vscode.ThemeColor('testing.iconPassed'));
  if (registration?.state === 'failed') return new vscode.ThemeIcon('warning', new vscode.ThemeColor('list.warningForeground'));
  return new vscode.ThemeIcon('device-mobile');
}

function callIcon(info: CallInfo): vscode.ThemeIcon {
  if (info.state === 'ended') {
    return new vscode.ThemeIcon('debug-disconnect', new vscode.ThemeColor('disabledForeground'));
  }
  if (info.holding || info.held) {
    return new vscode.ThemeIcon('debug-pause', new vscode.ThemeColor('list.warningForeground'));
  }
  const icon = info.direction === 'incoming' ? 'call-incoming' : 'call-outgoing';
  return info.state === 'connected'
    ? new vscode.ThemeIcon(icon, new vscode.ThemeColor('testing.iconPassed'))
    : new vscode.ThemeIcon(icon);
}

function verdictIcon(verdict: Transfer['verdict']): vscode.ThemeIcon {
  if (verdict === 'pending') return new vscode.ThemeIcon('sync~spin');
  return verdict === 'success'
    ? new vscode.ThemeIcon('pass-filled', new vscode.ThemeColor('testing.iconPassed'))
    : new vscode.ThemeIcon('error', new vscode.ThemeColor('testing.iconFailed'));
}
