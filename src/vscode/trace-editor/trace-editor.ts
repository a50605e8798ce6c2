import * as vscode from 'vscode';
import type { LadderPanels } from '../panel/ladder-panels';
import { followEnd } from './follow-end';
import { type LiveTrace, liveTraceUri } from './live-trace';
import { messageAtLine, type OutlineEntry } from './outline';
import { outlineOf, rangeOf, traceLanguage } from './providers';

/** How long a message may take to reach the editor, in milliseconds; then it is not there. */
const patience = 3_000;

/** Opens the live trace beside the ladder, finds messages in it, and tells the ladder where its reader is. */
export class TraceEditor implements vscode.Disposable {
  readonly #trace: LiveTrace;
  readonly #panel: LadderPanels;
  readonly #held: vscode.Disposable;

  constructor(trace: LiveTrace, panel: LadderPanels) {
    this.#trace = trace;
    this.#panel = panel;
    this.#held = vscode.Disposable.from(
      vscode.window.onDidChangeTextEditorSelection(({ textEditor }) => this.#onSelection(textEditor)),
      followEnd(liveTraceUri),
    );
  }

  async show(takeFocus = true): Promise<vscode.TextEditor> {
    const document = await vscode.workspace.openTextDocument(liveTraceUri);
    if (document.languageId !== traceLanguage) await vscode.languages.setTextDocumentLanguage(document, traceLanguage);
    return vscode.window.showTextDocument(document, {
      viewColumn: this.#column(),
      preview: false,
      preserveFocus: !takeFocus,
    });
  }

  /** Opens the trace at a message and selects its lines. Returns whether it is there. */
  async showMessage(id: string, takeFocus = true): Promise<boolean> {
    this.#trace.flush();
    const editor = await this.show(takeFocus);
    const message = await this.#find(editor.document, id);
    if (message === undefined) return false;
    const range = rangeOf(editor.document, message);
    editor.selection = new vscode.Selection(range.end, range.start);
    editor.revealRange(range, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
    return true;
  }

  /** The messages that the person has selected in the live trace: none where only the cursor stands in one. */
  selectedMessages(): readonly string[] {
    const editor = vscode.window.visibleTextEditors.find(({ document }) => document.uri.toString() === liveTraceUri.toString());
    if (editor === undefined) return [];
    const chosen = editor.selections.filter(({ isEmpty }) => !isEmpty);
    const { messages } = outlineOf(editor.document);
    return messages.filter(({ start, end }) => chosen.some((range) => range.start.line <= end && start <= range.end.line)).map(({ id }) => id);
  }

  dispose(): void {
    this.#held.dispose();
  }

  /** Where the trace is open already, else beside the panel. */
  #column(): vscode.ViewColumn {
    for (const group of vscode.window.tabGroups.all) {
      const isHere = group.tabs.some(
        ({ input }) => input instanceof vscode.TabInputText && input.uri.toString() === liveTraceUri.toString(),
      );
      if (isHere) return group.viewColumn;
    }
    const { column } = this.#panel;
    return column !== undefined && column === vscode.window.tabGroups.activeTabGroup.viewColumn
      ? vscode.ViewColumn.Beside
      : vscode.ViewColumn.Active;
  }

  /** The text reaches the editor some moments after the message was on the wire. */
  async #find(document: vscode.TextDocument, id: string): Promise<OutlineEntry | undefined> {
    const look = (): OutlineEntry | undefined => outlineOf(document).messages.find((message) => message.id === id);
    const found = look();
    if (found !== undefined) return found;
    return new Promise((resolve) => {
      const finish = (message: OutlineEntry | undefined): void => {
        clearTimeout(timer);
        listening.dispose();
        resolve(message);
      };
      const timer = setTimeout(() => finish(look()), patience);
      const listening = vscode.workspace.onDidChangeTextDocument((event) => {
        if (event.document !== document) return;
        const message = look();
        if (message !== undefined) finish(message);
      });
    });
  }

  #onSelection({ document, selection }: vscode.TextEditor): void {
    if (document.uri.toString() !== liveTraceUri.toString()) return;
    this.#panel.mark(messageAtLine(outlineOf(document), selection.active.line)?.id);
  }
}
