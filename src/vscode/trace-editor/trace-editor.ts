import * as vscode from 'vscode';
import type { LineRange } from '../../capture';
import type { LadderPanels } from '../panel/ladder-panels';
import type { TraceSource } from '../sources/trace-source';
import type { TraceSources } from '../sources/trace-sources';
import { followEnd } from './follow-end';
import { liveTraceUri } from './live-trace';
import { rangeOf, traceLanguage } from './providers';

/** How long a message may take to reach the editor, in milliseconds; then it is not there. */
const patience = 3_000;

/** Opens traces beside their ladders, finds messages in them, and tells the ladders where their reader is. */
export class TraceEditor implements vscode.Disposable {
  readonly #sources: TraceSources;
  readonly #panel: LadderPanels;
  readonly #held: vscode.Disposable;

  constructor(sources: TraceSources, panel: LadderPanels) {
    this.#sources = sources;
    this.#panel = panel;
    this.#held = vscode.Disposable.from(
      vscode.window.onDidChangeTextEditorSelection(({ textEditor }) => this.#onSelection(textEditor)),
      followEnd(liveTraceUri),
    );
  }

  async show(takeFocus = true, source: TraceSource = this.#sources.live): Promise<vscode.TextEditor> {
    const document = await source.document();
    // A file is a trace by its content; an address that names none of our endings says so only here.
    if (document.languageId !== traceLanguage) await vscode.languages.setTextDocumentLanguage(document, traceLanguage);
    return vscode.window.showTextDocument(document, {
      viewColumn: this.#column(document.uri, source),
      preview: false,
      preserveFocus: !takeFocus,
    });
  }

  /** Opens a trace at a message and selects its lines. Returns whether it is there. */
  async showMessage(id: string, takeFocus = true, source: TraceSource = this.#sources.live): Promise<boolean> {
    const editor = await this.show(takeFocus, source);
    const lines = await this.#find(editor.document, source, id);
    if (lines === undefined) return false;
    const range = rangeOf(editor.document, { start: lines.start, end: lastLine(editor.document, lines) });
    editor.selection = new vscode.Selection(range.end, range.start);
    editor.revealRange(range, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
    return true;
  }

  /** The messages that the person has selected in a trace: none where only the cursor stands in one. */
  selectedMessages(source: TraceSource): readonly string[] {
    const editor = vscode.window.visibleTextEditors.find(({ document }) => this.#isOf(document, source));
    const chosen = (editor?.selections ?? []).filter(({ isEmpty }) => !isEmpty);
    if (editor === undefined || chosen.length === 0) return [];
    const isChosen = ({ start, end }: LineRange): boolean => chosen.some((range) => range.start.line < end && start <= range.end.line);
    return [...source.placesIn(editor.document)].filter(([, lines]) => isChosen(lines)).map(([id]) => id);
  }

  dispose(): void {
    this.#held.dispose();
  }

  /** Where the trace is open already, else beside its ladder. */
  #column(uri: vscode.Uri, source: TraceSource): vscode.ViewColumn {
    for (const group of vscode.window.tabGroups.all) {
      const isHere = group.tabs.some(({ input }) => input instanceof vscode.TabInputText && input.uri.toString() === uri.toString());
      if (isHere) return group.viewColumn;
    }
    const column = this.#panel.columnOf(source);
    return column !== undefined && column === vscode.window.tabGroups.activeTabGroup.viewColumn ? vscode.ViewColumn.Beside : vscode.ViewColumn.Active;
  }

  /** The text reaches the editor some moments after the message was on the wire. */
  async #find(document: vscode.TextDocument, source: TraceSource, id: string): Promise<LineRange | undefined> {
    const look = (): LineRange | undefined => {
      const lines = source.placesIn(document).get(id);
      return lines === undefined || lines.end > document.lineCount ? undefined : lines;
    };
    const found = look();
    if (found !== undefined || !source.isLive) return found;
    return new Promise((resolve) => {
      const finish = (lines: LineRange | undefined): void => {
        listening.dispose();
        clearTimeout(timer);
        resolve(lines);
      };
      const timer = setTimeout(() => finish(look()), patience);
      const listening = vscode.workspace.onDidChangeTextDocument((event) => {
        if (event.document !== document) return;
        const lines = look();
        if (lines !== undefined) finish(lines);
      });
    });
  }

  #onSelection({ document, selection }: vscode.TextEditor): void {
    const uri = this.#sources.uriOf(document);
    const source = uri === undefined ? undefined : this.#sources.find(uri);
    if (source === undefined) return;
    const { line } = selection.active;
    const [id] = [...source.placesIn(document)].find(([, { start, end }]) => line >= start && line < end) ?? [];
    this.#panel.mark(source, id);
  }

  #isOf(document: vscode.TextDocument, { uri }: TraceSource): boolean {
    return this.#sources.uriOf(document)?.toString() === uri.toString();
  }
}

/** The last line of a message that has something on it. */
function lastLine(document: vscode.TextDocument, { start, end }: LineRange): number {
  let last = Math.min(end, document.lineCount) - 1;
  while (last > start && document.lineAt(last).text === '') last -= 1;
  return last;
}
