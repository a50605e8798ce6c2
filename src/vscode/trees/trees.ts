import * as vscode from 'vscode';
import type { LabHost } from '../lab/lab-host';
import { bindingItem, callItem, detailItem, endedItem, phoneItem, phoneOfCallsItem, serverItem, transferItem, watchItem } from './items';
import { LabTree } from './lab-tree';
import {
  callNodes,
  type CallNode,
  detailNodes,
  endedNodes,
  type EndedNode,
  phoneNodes,
  type PhoneNode,
  type TransferDetailNode,
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
  readonly #held: vscode.Disposable;

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
    });
    this.#transfers = new LabTree<TransferNode | TransferDetailNode>({
      roots: () => transferNodes(host.lab?.trace.transfers ?? []),
      children: (node) => (node.kind === 'transfer' ? detailNodes(node) : []),
      item: (node) => (node.kind === 'transfer' ? transferItem(node) : detailItem(node)),
    });
    this.#callsView = vscode.window.createTreeView('callLab.calls', { treeDataProvider: this.#calls });
    this.#held = vscode.Disposable.from(
      vscode.window.createTreeView('callLab.phones', { treeDataProvider: this.#phones }),
      this.#callsView,
      vscode.window.createTreeView('callLab.transfers', { treeDataProvider: this.#transfers }),
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
        : { value: ringing, tooltip: ringing === 1 ? 'One call rings' : `${ringing} calls ring` };
  }

  dispose(): void {
    this.#held.dispose();
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
