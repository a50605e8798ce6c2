import * as vscode from 'vscode';
import type { PanelChosen } from '../../../webview/protocol';
import type { Disposable, Milliseconds } from '../../core';
import { LadderPanel, ladderOptions, type LadderParts } from './ladder-panel';

/** What VS Code knows the ladder by, over a restart as well. */
const viewType = 'callLab.ladder';

/** The open ladders: one as a rule, or several beside each other, each with its own filter, order and place. */
export class LadderPanels implements vscode.Disposable, vscode.WebviewPanelSerializer {
  readonly #parts: LadderParts;
  readonly #icon: { readonly light: vscode.Uri; readonly dark: vscode.Uri };
  readonly #listening: Disposable;
  /** The one that was looked at last is the last. */
  #open: readonly LadderPanel[] = [];
  #marked: string | undefined;

  constructor(parts: LadderParts) {
    this.#parts = parts;
    const icon = (name: string): vscode.Uri => vscode.Uri.joinPath(parts.extensionUri, 'media', name);
    this.#icon = { light: icon('ladder-light.svg'), dark: icon('ladder-dark.svg') };
    this.#listening = parts.host.on('lab', () => {
      this.#marked = undefined;
      for (const panel of this.#open) panel.reset();
    });
  }

  /** Brings a ladder into view, a new one beside what the person reads if there is none; takes the focus only if asked to. */
  show(takeFocus: boolean): void {
    const newest = this.#open.at(-1);
    if (newest !== undefined) newest.reveal(takeFocus);
    else this.#create(vscode.window.activeTextEditor === undefined ? vscode.ViewColumn.Active : vscode.ViewColumn.Beside, takeFocus);
  }

  /** Opens one more, beside what is active. */
  openAnother(): void {
    this.#create(this.#open.length === 0 ? vscode.ViewColumn.Active : vscode.ViewColumn.Beside, true);
  }

  /** Resolves when the ladder that was looked at last is there to be looked at, or after `limit`. */
  whenReady(limit: Milliseconds): Promise<void> {
    return this.#open.at(-1)?.whenReady(limit) ?? Promise.resolve();
  }

  /** Where a ladder is in view. */
  get column(): vscode.ViewColumn | undefined {
    return this.#open.findLast(({ column }) => column !== undefined)?.column;
  }

  /** The lab has changed. */
  refresh(): void {
    for (const panel of this.#open) panel.refresh();
  }

  /** Leaves everything up to now out of the ladder that was looked at last. */
  clear(): void {
    this.#open.at(-1)?.clear();
  }

  /** Marks the row of the message that is read in the trace. */
  mark(id: string | undefined): void {
    this.#marked = id;
    for (const panel of this.#open) panel.mark(id);
  }

  /** Marks what is chosen in a tree. */
  choose(chosen: PanelChosen): void {
    for (const panel of this.#open) panel.choose(chosen);
  }

  /** The window was loaded again, and the panel with it; its page remembers the rest. */
  async deserializeWebviewPanel(panel: vscode.WebviewPanel): Promise<void> {
    this.#take(panel);
  }

  dispose(): void {
    this.#listening.dispose();
    for (const panel of this.#open) panel.dispose();
  }

  #create(viewColumn: vscode.ViewColumn, takeFocus: boolean): void {
    const place = { viewColumn, preserveFocus: !takeFocus };
    this.#take(vscode.window.createWebviewPanel(viewType, 'Call Lab', place, ladderOptions(this.#parts.extensionUri)));
  }

  #take(webview: vscode.WebviewPanel): void {
    webview.iconPath = this.#icon;
    const panel = new LadderPanel(webview, this.#parts, {
      close: (closed) => (this.#open = this.#open.filter((one) => one !== closed)),
      focus: (focused) => (this.#open = [...this.#open.filter((one) => one !== focused), focused]),
    });
    this.#open = [...this.#open, panel];
    panel.mark(this.#marked);
  }
}
