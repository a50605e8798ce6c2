import * as vscode from 'vscode';
import type { PanelChosen } from '../../../webview/protocol';
import type { Disposable, Milliseconds } from '../../core';
import type { TraceSource } from '../sources/trace-source';
import type { TraceSources } from '../sources/trace-sources';
import { liveTraceUri } from '../trace-editor/live-trace';
import { LadderPanel, ladderOptions, type LadderParts } from './ladder-panel';
import { panelTitle, sourceIn } from './panel-state';

/** What VS Code knows the ladder by, over a restart as well. */
export const ladderViewType = 'callLab.ladder';

/**
 * The open ladders: one as a rule, or several beside each other, each of its own trace or of the same, with its own filter, order
 * and place.
 */
export class LadderPanels implements vscode.Disposable, vscode.WebviewPanelSerializer {
  readonly #parts: LadderParts;
  readonly #sources: TraceSources;
  readonly #icon: { readonly light: vscode.Uri; readonly dark: vscode.Uri };
  readonly #listening: Disposable;
  readonly #sharing: Disposable;
  /** The one that was looked at last is the last. */
  #open: readonly LadderPanel[] = [];
  readonly #marked = new WeakMap<TraceSource, string | undefined>();

  constructor(parts: LadderParts, sources: TraceSources) {
    this.#parts = parts;
    this.#sources = sources;
    const icon = (name: string): vscode.Uri => vscode.Uri.joinPath(parts.extensionUri, 'media', name);
    this.#icon = { light: icon('ladder-light.svg'), dark: icon('ladder-dark.svg') };
    this.#listening = parts.host.on('lab', () => {
      this.#marked.delete(sources.live);
      for (const panel of this.#of(liveTraceUri)) panel.reset();
    });
    this.#sharing = parts.queries.onDidChange(({ uri, query, by }) => {
      // What is typed in one ladder stays there: the next has its own.
      if (by === undefined) this.#of(uri).at(-1)?.take(query);
    });
  }

  /**
   * Brings a ladder of this trace into view, a new one beside what the person reads if there is none; takes the focus only if
   * asked to.
   */
  show(takeFocus: boolean, uri: vscode.Uri = liveTraceUri): void {
    const newest = this.#of(uri).at(-1);
    if (newest !== undefined) newest.reveal(takeFocus);
    else this.#create(uri, vscode.window.activeTextEditor === undefined ? vscode.ViewColumn.Active : vscode.ViewColumn.Beside, takeFocus);
  }

  /** Opens one more, beside what is active. */
  openAnother(uri: vscode.Uri): void {
    this.#create(uri, this.#open.length === 0 ? vscode.ViewColumn.Active : vscode.ViewColumn.Beside, true);
  }

  /** Makes a page that somebody else has opened a ladder. */
  adopt(webview: vscode.WebviewPanel, uri: vscode.Uri): void {
    const source = this.#sources.open(uri);
    webview.iconPath = this.#icon;
    const panel = new LadderPanel(webview, source, this.#parts, {
      close: (closed) => {
        this.#open = this.#open.filter((one) => one !== closed);
        this.#sources.release(source);
      },
      focus: (focused) => (this.#open = [...this.#open.filter((one) => one !== focused), focused]),
    });
    this.#open = [...this.#open, panel];
    panel.mark(this.#marked.get(source));
  }

  /** Resolves when the live ladder that was looked at last is there to be looked at, or after `limit`. */
  whenReady(limit: Milliseconds): Promise<void> {
    return this.#of(liveTraceUri).at(-1)?.whenReady(limit) ?? Promise.resolve();
  }

  /** The trace of the ladder that has the focus. */
  get activeSource(): vscode.Uri | undefined {
    return this.#open.find(({ isActive }) => isActive)?.source.uri;
  }

  /** Where a ladder of this trace is in view. */
  columnOf({ uri }: TraceSource): vscode.ViewColumn | undefined {
    return this.#of(uri).findLast(({ column }) => column !== undefined)?.column;
  }

  /** Leaves everything up to now out of the live ladder that was looked at last. */
  clear(): void {
    this.#of(liveTraceUri).at(-1)?.clear();
  }

  /** What is marked in them is another, since the settings are. */
  refresh(): void {
    for (const panel of this.#open) panel.refresh();
  }

  /** Marks the row of the message that is read in a trace. */
  mark(source: TraceSource, id: string | undefined): void {
    this.#marked.set(source, id);
    for (const panel of this.#of(source.uri)) panel.mark(id);
  }

  /** Lets the reader of the ladder that has the focus type what they look for. */
  find(): void {
    this.#open.find(({ isActive }) => isActive)?.find();
  }

  /** Marks what is chosen in a tree: those are the lab's. */
  choose(chosen: PanelChosen): void {
    for (const panel of this.#of(liveTraceUri)) panel.choose(chosen);
  }

  /** The window was loaded again, and the panel with it; its page remembers the rest. */
  async deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    this.adopt(panel, sourceIn(state));
  }

  dispose(): void {
    this.#listening.dispose();
    this.#sharing.dispose();
    for (const panel of this.#open) panel.dispose();
  }

  #of(uri: vscode.Uri): readonly LadderPanel[] {
    return this.#open.filter(({ source }) => source.uri.toString() === uri.toString());
  }

  #create(uri: vscode.Uri, viewColumn: vscode.ViewColumn, takeFocus: boolean): void {
    const place = { viewColumn, preserveFocus: !takeFocus };
    this.adopt(vscode.window.createWebviewPanel(ladderViewType, panelTitle('Ladder', uri, 'Call Lab'), place, ladderOptions(this.#parts.extensionUri)), uri);
  }
}
