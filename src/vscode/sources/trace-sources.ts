import * as vscode from 'vscode';
import type { Clock } from '../../core';
import { liveTraceUri, traceScheme } from '../trace-editor/live-trace';
import { traceLanguage } from '../trace-editor/providers';
import type { TraceIndexes } from '../trace-editor/trace-indexes';
import { captureOf, captureScheme, CaptureSource } from './capture-source';
import type { FileSource } from './file-source';
import type { LiveSource } from './live-source';
import { TextSource } from './text-source';
import type { TraceSource } from './trace-source';

/** Endings of the files that panels can show; of these, all but the first are captures. */
export const traceEndings = ['siptrace', 'pcap', 'pcapng', 'cap'] as const;

/** Whether its address says that a file holds a trace or a capture. */
export function isTraceFile({ scheme, path }: vscode.Uri): boolean {
  return scheme === traceScheme || scheme === captureScheme || traceEndings.some((ending) => path.toLowerCase().endsWith(`.${ending}`));
}

interface Opened {
  readonly source: FileSource;
  users: number;
}

/**
 * The traces of this window that panels can show. Who opens one releases it: a file is read once, however many panels show it,
 * and forgotten with the last of them. Gives captures as text, too.
 */
export class TraceSources implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly live: LiveSource;
  readonly #clock: Clock;
  readonly #indexes: TraceIndexes;
  readonly #open = new Map<string, Opened>();
  /** The sources of the captures whose text is open in an editor. */
  readonly #texts = new Map<string, TraceSource>();
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly #closing: vscode.Disposable;
  readonly onDidChange = this.#changed.event;

  constructor(live: LiveSource, clock: Clock, indexes: TraceIndexes) {
    this.live = live;
    this.#clock = clock;
    this.#indexes = indexes;
    this.#closing = vscode.workspace.onDidCloseTextDocument(({ uri }) => {
      const source = this.#texts.get(uri.toString());
      this.#texts.delete(uri.toString());
      if (source !== undefined) this.release(source);
    });
  }

  /** The source of this address, which is known from then on; to be released. */
  open(uri: vscode.Uri): TraceSource {
    const key = uri.toString();
    if (key === liveTraceUri.toString()) return this.live;
    const known = this.#open.get(key);
    if (known !== undefined) {
      known.users += 1;
      return known.source;
    }
    const source = this.#create(uri);
    this.#open.set(key, { source, users: 1 });
    void source.whenRead();
    return source;
  }

  release(source: TraceSource): void {
    const key = source.uri.toString();
    const known = this.#open.get(key);
    if (known?.source !== source) return;
    known.users -= 1;
    if (known.users > 0) return;
    this.#open.delete(key);
    known.source.dispose();
  }

  /** The source of this address, if somebody has it open. */
  find(uri: vscode.Uri): TraceSource | undefined {
    return uri.toString() === liveTraceUri.toString() ? this.live : this.#open.get(uri.toString())?.source;
  }

  /** The address of the source that a document is the text of; undefined for one that is no trace. */
  uriOf({ uri, languageId }: Pick<vscode.TextDocument, 'uri' | 'languageId'>): vscode.Uri | undefined {
    if (uri.scheme === captureScheme) return captureOf(uri);
    return languageId === traceLanguage ? uri : undefined;
  }

  /** The text of a capture. Its source stays open as long as the text. */
  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const source = this.#texts.get(uri.toString()) ?? this.open(captureOf(uri));
    this.#texts.set(uri.toString(), source);
    await source.whenRead();
    return source instanceof CaptureSource ? source.text : '';
  }

  dispose(): void {
    this.#closing.dispose();
    for (const { source } of this.#open.values()) source.dispose();
    this.#open.clear();
    this.live.dispose();
    this.#changed.dispose();
  }

  #create(uri: vscode.Uri): FileSource {
    if (!this.#isText(uri)) return new CaptureSource(uri, this.#clock, { indexes: this.#indexes, onText: (text) => this.#changed.fire(text) });
    return new TextSource(uri, this.#clock, this.#indexes);
  }

  /** By its ending, and whatever else is open as a trace's text. */
  #isText(uri: vscode.Uri): boolean {
    if (/\.siptrace$/iu.test(uri.path) || uri.scheme === 'untitled') return true;
    return vscode.workspace.textDocuments.some((document) => document.uri.toString() === uri.toString() && document.languageId === traceLanguage);
  }
}
