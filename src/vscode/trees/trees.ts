import * as vscode from 'vscode';
import type { LabHost } from '../lab/lab-host';
import { say } from '../say';
import { bindingItem, callItem, detailItem, endedItem, phoneItem, phoneOfCallsItem, serverItem, transferItem, watchItem } from './items';
import { callOfMessage, type Chosen, chosenBy, nothingChosen, transferOfMessage, type TreeNode } from './chosen';
import { LabTree } from './lab-tree';
import {
  callNodes,
  type CallNode,
  detailNodes,
  endedNodes,
  type EndedNode,
  phoneNodes,
  type PhoneNode,
  rowId,
  type TransferDetailNode,
  transferNode,
  transferNodes,
  type TransferNode,
  watchNodes,
  type WatchNode,
} from './nodes';
import { type BindingNode, serverNodes, type ServerNode } from './server-nodes';

/** Rows of the view "Phones": the phones, then the servers. */
type PhonesNode = PhoneNode | WatchNode | ServerNode | BindingNode;

/** The three trees of the container "Call Lab". */
export class Trees implements vscode.Disposable {
  readonly #host: LabHost;
  readonly #phones: LabTree<PhonesNode>;
  readonly #calls: LabTree<PhoneNode | CallNode | EndedNode>;
  readonly #transfers: LabTree<TransferNode | TransferDetailNode>;
  readonly #callsView: vscode.TreeView<PhoneNode | CallNode | EndedNode>;
  readonly #transfersView: vscode.TreeView<TransferNode | TransferDetailNode>;
  readonly #held: vscode.Disposable;
  readonly #chosen = new vscode.EventEmitter<Chosen>();
  /** Ids of rows that were selected for somebody who chose elsewhere. */
  readonly #revealed = new Set<string>();
  /** Somebody has chosen a row: what of the live trace it stands for. */
  readonly onDidChoose = this.#chosen.event;

  constructor(host: LabHost) {
    this.#host = host;
    // A row is only made from a lab; without one, nothing can be done with it.
    const can = {
      can: (...asked: Parameters<NonNullable<LabHost['lab']>['can']>) => host.runningLab?.can(...asked) ?? false,
    };
    this.#phones = new LabTree<PhonesNode>({
      roots: () => [...this.#livePhones(), ...this.#liveServers()],
      children: (node) => (node.kind === 'phone' ? watchNodes(node) : node.kind === 'server' ? node.bindings : []),
      item: (node) => {
        switch (node.kind) {
          case 'phone':
            return phoneItem(node, can);
          case 'watch':
            return watchItem(node);
          case 'server':
            return serverItem(node);
          case 'binding':
            return bindingItem(node);
        }
      },
    });
    this.#calls = new LabTree<PhoneNode | CallNode | EndedNode>({
      roots: () => this.#livePhones().filter(({ info }) => info.calls.length > 0),
      children: (node) => (node.kind === 'phone' ? callNodes(node) : node.kind === 'ended' ? endedNodes(node) : []),
      item: (node) =>
        node.kind === 'phone' ? phoneOfCallsItem(node) : node.kind === 'ended' ? endedItem(node) : callItem(node, can),
      parent: (node) => this.#parentOfCall(node),
    });
    this.#transfers = new LabTree<TransferNode | TransferDetailNode>({
      roots: () => transferNodes(host.lab?.trace.transfers ?? []),
      children: (node) => (node.kind === 'transfer' ? detailNodes(node) : []),
      item: (node) => (node.kind === 'transfer' ? transferItem(node) : detailItem(node)),
      parent: (node) => (node.kind === 'transfer' ? undefined : transferNode(node.transfer)),
    });
    this.#callsView = vscode.window.createTreeView('callLab.calls', { treeDataProvider: this.#calls });
    this.#transfersView = vscode.window.createTreeView('callLab.transfers', { treeDataProvider: this.#transfers });
    const phonesView = vscode.window.createTreeView('callLab.phones', { treeDataProvider: this.#phones });
    const views: readonly vscode.TreeView<TreeNode>[] = [phonesView, this.#callsView, this.#transfersView];
    this.#held = vscode.Disposable.from(
      ...views,
      ...views.map((view) => view.onDidChangeSelection(({ selection }) => this.#onSelection(selection))),
      this.#chosen,
      this.#phones,
      this.#calls,
      this.#transfers,
    );
  }

  refresh(): void {
    for (const tree of [this.#phones, this.#calls, this.#transfers]) tree.refresh();
    const ringing = this.#livePhones().reduce(
      (sum, { info }) => sum + info.calls.filter(({ state }) => state === 'incoming').length,
      0,
    );
    this.#callsView.badge =
      ringing === 0
        ? undefined
        : { value: ringing, tooltip: ringing === 1 ? say('One call rings') : say('{0} calls ring', ringing) };
  }

  dispose(): void {
    this.#held.dispose();
  }

  /** Selects the call and the transfer of a message of the live trace, in those of the views that can be seen; the focus stays. */
  async select(id: string): Promise<void> {
    const trace = this.#host.lab?.trace;
    const message = trace?.message(id);
    if (trace === undefined || message === undefined) return;
    const phones = this.#livePhones().map(({ info }) => info);
    await Promise.all([
      this.#reveal(this.#transfersView, transferOfMessage(message)),
      this.#reveal(this.#callsView, callOfMessage(message, trace, phones)),
    ]);
  }

  async #reveal<Node extends TreeNode>(view: vscode.TreeView<Node>, node: (Node & (CallNode | TransferNode)) | undefined): Promise<void> {
    if (node === undefined || !view.visible) return;
    const id = rowId(node);
    if (view.selection.some((one) => (one.kind === 'call' || one.kind === 'transfer') && rowId(one) === id)) return;
    this.#revealed.add(id);
    try {
      await view.reveal(node, { select: true, focus: false });
    } catch {
      // The row has gone meanwhile, or stands beyond those that are shown.
      this.#revealed.delete(id);
    }
  }

  #onSelection(selection: readonly TreeNode[]): void {
    const trace = this.#host.lab?.trace;
    const [node] = selection;
    if (trace === undefined || node === undefined) {
      this.#chosen.fire(nothingChosen);
      return;
    }
    const chosen = chosenBy(node, trace);
    // Who has chosen elsewhere sees what they chose; it must not move.
    const isRevealed = (node.kind === 'call' || node.kind === 'transfer') && this.#revealed.delete(rowId(node));
    this.#chosen.fire(isRevealed ? { ...chosen, first: undefined } : chosen);
  }

  #parentOfCall(node: PhoneNode | CallNode | EndedNode): PhoneNode | EndedNode | undefined {
    if (node.kind === 'phone') return undefined;
    const phone = this.#livePhones().find((one) => one.phone === node.phone);
    const ended = phone === undefined ? undefined : callNodes(phone).find(({ kind }) => kind === 'ended');
    return node.kind === 'call' && node.info.state === 'ended' && ended?.kind === 'ended' ? ended : phone;
  }

  /** A stopped lab has no phones any more; its transfers can still be read. */
  #livePhones(): readonly PhoneNode[] {
    const lab = this.#host.phase === 'stopped' ? undefined : this.#host.lab;
    return lab === undefined ? [] : phoneNodes(lab);
  }

  #liveServers(): readonly ServerNode[] {
    const lab = this.#host.phase === 'stopped' ? undefined : this.#host.lab;
    return lab === undefined ? [] : serverNodes(lab);
  }
}
