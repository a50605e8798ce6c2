import * as vscode from 'vscode';
import type { LineRange } from '../../capture';
import type { Clock } from '../../core';
import { Coalesced } from '../lab/coalesced';
import { say } from '../say';
import type { SharedQueries, SharedQuery } from '../sources/shared-queries';
import type { TraceSource } from '../sources/trace-source';
import type { TraceSources } from '../sources/trace-sources';
import { nextFound, placesOfWords, QueryJudge, type QueryPlaces } from './query-places';

/** Editors are marked at most this often, in milliseconds. */
const pause = 250;

/** What is looked for in one trace, with the trace held open as long. */
interface Looking {
  readonly source: TraceSource;
  readonly query: SharedQuery;
  /** The trace may be read again, later than its text was changed. */
  readonly listening: vscode.Disposable;
  judge: { readonly trace: NonNullable<TraceSource['trace']>; readonly judge: QueryJudge } | undefined;
}

/**
 * Shows in the texts of traces what is looked for in their ladders and what these leave out: what is found is marked, in the
 * scroll bar as well, and what is left out is dim. Goes from match to match, and folds what is left out.
 */
export class QueryMarks implements vscode.Disposable {
  readonly #sources: TraceSources;
  readonly #queries: SharedQueries;
  readonly #looking = new Map<string, Looking>();
  readonly #update: Coalesced;
  readonly #held: vscode.Disposable;
  #looks = createLooks();

  constructor(sources: TraceSources, queries: SharedQueries, clock: Clock) {
    this.#sources = sources;
    this.#queries = queries;
    this.#update = new Coalesced(clock, pause, () => this.#markAll());
    const { window, workspace } = vscode;
    this.#held = vscode.Disposable.from(
      queries.onDidChange(({ uri, query }) => this.#look(uri, query)),
      window.onDidChangeVisibleTextEditors(() => this.#update.request()),
      window.onDidChangeTextEditorVisibleRanges(() => this.#update.request()),
      workspace.onDidChangeTextDocument(() => {
        if (this.#looking.size > 0) this.#update.request();
      }),
      window.onDidChangeActiveColorTheme(() => {
        for (const look of Object.values(this.#looks)) look.dispose();
        this.#looks = createLooks();
        this.#update.request();
      }),
    );
  }

  dispose(): void {
    this.#held.dispose();
    this.#update.dispose();
    for (const look of Object.values(this.#looks)) look.dispose();
    for (const looking of this.#looking.values()) this.#stop(looking);
    this.#looking.clear();
  }

  /** Goes to the next match behind the cursor, or the one before it. Returns whether something is looked for there. */
  go(editor: vscode.TextEditor, step: 1 | -1): boolean {
    const uri = this.#sources.uriOf(editor.document);
    if (uri === undefined || this.#queries.of(uri).search === '') return false;
    const found = this.#placesIn(editor.document)?.found ?? [];
    const index = nextFound(found, editor.selection.active.line, step);
    const lines = found[index];
    const text = lines === undefined ? say('No results') : say('{0} of {1}', index + 1, found.length);
    vscode.window.setStatusBarMessage(`$(search) ${text}`, 3_000);
    if (lines === undefined) return true;
    const at = new vscode.Position(lines.start, 0);
    editor.selection = new vscode.Selection(at, at);
    editor.revealRange(rangeOf(editor.document, lines), vscode.TextEditorRevealType.InCenterIfOutsideViewport);
    return true;
  }

  /** Folds the messages that the filter leaves out, and opens all others. */
  async fold(editor: vscode.TextEditor): Promise<void> {
    const places = this.#placesIn(editor.document);
    const uri = this.#sources.uriOf(editor.document);
    const source = uri === undefined ? undefined : this.#sources.find(uri);
    await vscode.commands.executeCommand('editor.unfoldAll');
    if (places === undefined || source === undefined || places.leftOut.length === 0) return;
    const isLeftOut = ({ start }: LineRange): boolean => places.leftOut.some((run) => run.start <= start && start < run.end);
    const selectionLines = [...source.placesIn(editor.document).values()].filter(isLeftOut).map(({ start }) => start);
    await vscode.commands.executeCommand('editor.fold', { selectionLines });
  }

  #look(uri: vscode.Uri, query: SharedQuery): void {
    const key = uri.toString();
    const before = this.#looking.get(key);
    const isNothing = query.search === '' && query.filter === '';
    if (isNothing && before !== undefined) this.#stop(before);
    if (isNothing) {
      this.#looking.delete(key);
    } else {
      const source = before?.source ?? this.#sources.open(uri);
      const listening = before?.listening ?? source.onDidChange(() => this.#update.request());
      this.#looking.set(key, { source, query, listening, judge: undefined });
      // A file that nobody had read is read first.
      void source.whenRead().then(() => this.#update.request());
    }
    this.#update.request();
  }

  #stop({ source, listening }: Looking): void {
    listening.dispose();
    this.#sources.release(source);
  }

  #markAll(): void {
    for (const editor of vscode.window.visibleTextEditors) this.#mark(editor);
  }

  #mark(editor: vscode.TextEditor): void {
    const { document, visibleRanges } = editor;
    if (this.#sources.uriOf(document) === undefined) return;
    const { found, leftOut, words } = this.#placesIn(document) ?? { found: [], leftOut: [], words: [] };
    editor.setDecorations(this.#looks.leftOut, leftOut.map((lines) => rangeOf(document, lines)));
    editor.setDecorations(this.#looks.found, found.map(({ start }) => document.lineAt(Math.min(start, document.lineCount - 1)).range));
    const inView = found.filter(({ start, end }) => visibleRanges.some((range) => range.start.line < end && start <= range.end.line));
    const places = inView.flatMap((lines) => {
      const text = document.getText(rangeOf(document, lines)).split(/\r?\n/u);
      return placesOfWords(text, lines.start, words);
    });
    editor.setDecorations(this.#looks.word, places.map(({ line, start, end }) => new vscode.Range(line, start, line, end)));
  }

  /** Undefined where nothing is looked for or left out. */
  #placesIn(document: vscode.TextDocument): QueryPlaces | undefined {
    const uri = this.#sources.uriOf(document);
    const looking = uri === undefined ? undefined : this.#looking.get(uri.toString());
    const trace = looking?.source.trace;
    if (looking === undefined || trace === undefined) return undefined;
    if (looking.judge?.trace !== trace) looking.judge = { trace, judge: new QueryJudge(trace, looking.query) };
    return looking.judge.judge.places(looking.source.placesIn(document));
  }
}

/** High contrast has no backgrounds for matches: there they are framed. */
function createLooks(): Readonly<Record<'leftOut' | 'found' | 'word', vscode.TextEditorDecorationType>> {
  const { HighContrast, HighContrastLight } = vscode.ColorThemeKind;
  const { kind } = vscode.window.activeColorTheme;
  const isHighContrast = kind === HighContrast || kind === HighContrastLight;
  const frame = { border: '1px solid', borderColor: new vscode.ThemeColor('contrastActiveBorder') };
  const create = vscode.window.createTextEditorDecorationType;
  return {
    leftOut: create({ opacity: isHighContrast ? '0.6' : '0.4' }),
    found: create({
      isWholeLine: true,
      backgroundColor: new vscode.ThemeColor('editor.findRangeHighlightBackground'),
      overviewRulerColor: new vscode.ThemeColor('editorOverviewRuler.findMatchForeground'),
      overviewRulerLane: vscode.OverviewRulerLane.Center,
      ...(isHighContrast && frame),
    }),
    word: create({ backgroundColor: new vscode.ThemeColor('editor.findMatchHighlightBackground'), ...(isHighContrast && frame) }),
  };
}

/** From the first of these lines to the end of the last. */
function rangeOf(document: vscode.TextDocument, { start, end }: LineRange): vscode.Range {
  const last = Math.min(end, document.lineCount) - 1;
  return new vscode.Range(new vscode.Position(start, 0), document.lineAt(Math.max(0, last)).range.end);
}
