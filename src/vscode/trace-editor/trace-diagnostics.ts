import * as vscode from 'vscode';
import { type Clock, type Disposable, DisposableStore } from '../../core';
import { Coalesced } from '../lab/coalesced';
import type { LabHost } from '../lab/lab-host';
import { section, type Settings } from '../settings/settings';
import { type LiveTrace, liveTraceUri } from './live-trace';
import { type Mark, marksIn, placeFindings } from './marks';
import { traceLanguage } from './providers';
import type { TraceIndexes } from './trace-indexes';

/** The live trace is searched at most this often, and a file this long after the last key, in milliseconds. */
const pause = 300;

/** Marks the failures of the field in traces: in the live one, and in the files that are open. */
export class TraceDiagnostics implements vscode.Disposable {
  readonly #host: LabHost;
  readonly #live: LiveTrace;
  readonly #settings: Pick<Settings, 'lints'>;
  readonly #clock: Clock;
  readonly #collection = vscode.languages.createDiagnosticCollection('call-lab');
  readonly #held = new DisposableStore();
  readonly #update: Coalesced;
  readonly #waiting = new Map<string, Disposable>();
  readonly #indexes: TraceIndexes;
  #following: Disposable | undefined;
  /** A lint may find something before the live text has its message. */
  #hasUnplaced = false;

  constructor(host: LabHost, live: LiveTrace, settings: Pick<Settings, 'lints'>, clock: Clock, indexes: TraceIndexes) {
    this.#host = host;
    this.#live = live;
    this.#settings = settings;
    this.#clock = clock;
    this.#indexes = indexes;
    this.#update = new Coalesced(clock, pause, () => this.#markLive());
    const { workspace } = vscode;
    this.#held.add(host.on('lab', (lab) => {
      this.#following?.dispose();
      this.#following = lab.trace.on('lint', () => this.#update.request());
      this.#update.request();
    }));
    this.#held.add(live.onDidChange(() => {
      if (this.#hasUnplaced) this.#update.request();
    }));
    this.#held.add(workspace.onDidOpenTextDocument((document) => this.#markFile(document)));
    this.#held.add(workspace.onDidChangeTextDocument(({ document }) => this.#markLater(document)));
    this.#held.add(workspace.onDidCloseTextDocument((document) => this.#forget(document)));
    this.#held.add(workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration(`${section}.trace`)) this.#markAll();
    }));
    this.#markAll();
  }

  dispose(): void {
    this.#following?.dispose();
    this.#held.dispose();
    this.#update.dispose();
    for (const timer of this.#waiting.values()) timer.dispose();
    this.#collection.dispose();
  }

  #markAll(): void {
    this.#update.request();
    for (const document of vscode.workspace.textDocuments) this.#markFile(document);
  }

  #markLive(): void {
    const lints = this.#host.lab?.trace.lints ?? [];
    const { lines } = this.#live;
    this.#hasUnplaced = lints.some(({ message }) => !lines.has(message.id));
    this.#set(liveTraceUri, placeFindings(lints, ({ id }) => lines.get(id), this.#settings.lints));
  }

  #markLater(document: vscode.TextDocument): void {
    if (!isTraceFile(document)) return;
    const key = document.uri.toString();
    this.#waiting.get(key)?.dispose();
    this.#waiting.set(key, this.#clock.setTimer(pause, () => {
      this.#waiting.delete(key);
      this.#markFile(document);
    }));
  }

  #markFile(document: vscode.TextDocument): void {
    if (!isTraceFile(document) || document.isClosed) return;
    const { lints } = this.#settings;
    this.#set(document.uri, marksIn(lints.size === 0 ? undefined : this.#indexes.of(document), lints));
  }

  #forget(document: vscode.TextDocument): void {
    if (!isTraceFile(document)) return;
    this.#waiting.get(document.uri.toString())?.dispose();
    this.#waiting.delete(document.uri.toString());
    this.#collection.delete(document.uri);
  }

  #set(uri: vscode.Uri, marks: readonly Mark[]): void {
    this.#collection.set(uri, marks.map((mark) => diagnosticOf(mark, uri)));
  }
}

/** A trace in a file or an untitled document; the live one is marked as it grows. */
function isTraceFile({ languageId, uri }: vscode.TextDocument): boolean {
  return languageId === traceLanguage && uri.scheme !== liveTraceUri.scheme;
}

function diagnosticOf({ id, text, rule, start, end, related }: Mark, uri: vscode.Uri): vscode.Diagnostic {
  const range = new vscode.Range(start.line, start.column, end.line, end.column);
  const diagnostic = new vscode.Diagnostic(range, `${text} (${rule})`, vscode.DiagnosticSeverity.Warning);
  diagnostic.source = 'Call Lab';
  diagnostic.code = id;
  diagnostic.relatedInformation = related.map(
    (other) => new vscode.DiagnosticRelatedInformation(new vscode.Location(uri, new vscode.Position(other.line, 0)), other.text),
  );
  return diagnostic;
}
