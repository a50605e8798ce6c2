import * as vscode from 'vscode';
import type { LineRange } from '../../capture';
import type { Disposable } from '../../core';
import type { TraceModel } from '../../trace';
import type { LabHost } from '../lab/lab-host';
import { type LiveTrace, liveTraceUri } from '../trace-editor/live-trace';
import { outlineOf } from '../trace-editor/providers';
import type { TraceSource } from './trace-source';

/** The trace of this window's lab, while it runs and afterwards. */
export class LiveSource implements TraceSource, vscode.Disposable {
  readonly uri = liveTraceUri;
  readonly name = '';
  readonly isLive = true;
  readonly words = '';
  readonly remark = '';
  readonly #host: LabHost;
  readonly #text: LiveTrace;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #listening: Disposable;
  readonly onDidChange = this.#changed.event;
  /** What was read off a text last: cursor, marks and folds ask again and again for the same. */
  #places: { readonly document: vscode.TextDocument; readonly version: number; readonly lines: ReadonlyMap<string, LineRange> } | undefined;

  constructor(host: LabHost, text: LiveTrace) {
    this.#host = host;
    this.#text = text;
    this.#listening = host.on('changed', () => this.#changed.fire());
  }

  get trace(): TraceModel | undefined {
    return this.#host.lab?.trace;
  }

  get origin(): number | undefined {
    return this.#host.lab?.journal.startedAt.getTime();
  }

  whenRead(): Promise<void> {
    return Promise.resolve();
  }

  document(): Thenable<vscode.TextDocument> {
    // What was on the wire a moment ago is to be in it.
    this.#text.flush();
    return vscode.workspace.openTextDocument(liveTraceUri);
  }

  /** By what stands there: the text reaches the editor some moments after the message was on the wire. */
  placesIn(document: vscode.TextDocument): ReadonlyMap<string, LineRange> {
    const { version } = document;
    if (this.#places?.document !== document || this.#places.version !== version) {
      const lines = new Map(outlineOf(document).messages.map(({ id, start, end }) => [id, { start, end: end + 1 }]));
      this.#places = { document, version, lines };
    }
    return this.#places.lines;
  }

  dispose(): void {
    this.#listening.dispose();
    this.#changed.dispose();
  }
}
