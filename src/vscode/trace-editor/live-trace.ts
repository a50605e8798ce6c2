import * as vscode from 'vscode';
import { followTrace, type LineRange, TraceText } from '../../capture';
import { type Clock, type Disposable, DisposableStore } from '../../core';
import type { Lab } from '../../lab';
import { Coalesced } from '../lab/coalesced';
import type { LabHost } from '../lab/lab-host';
import type { TraceArchive } from '../trace-archive/trace-archive';
import type { Settings } from '../settings/settings';
import { DetailedTraceText } from './detail';

export const traceScheme = 'call-lab';
/** The trace of this window's lab. */
export const liveTraceUri = vscode.Uri.from({ scheme: traceScheme, path: '/live.siptrace' });

/** The editor gets new text at most this often, in milliseconds. */
const pause = 120;

/**
 * The live trace as a read-only document. Its text grows at the end, and the editor takes over the difference, so a reader's
 * selection stays where it is; when the trace forgets its beginning, so does the text, and says so in its second line.
 */
export class LiveTrace implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly #update: Coalesced;
  readonly #held: Disposable;
  readonly #settings: Pick<Settings, 'traceDetail'>;
  readonly #archive: Pick<TraceArchive, 'notice'>;
  #following = new DisposableStore();
  #text = new TraceText();
  readonly onDidChange = this.#changed.event;

  constructor(host: LabHost, clock: Clock, settings: Pick<Settings, 'traceDetail'>, archive: Pick<TraceArchive, 'notice'>) {
    this.#settings = settings;
    this.#archive = archive;
    this.#update = new Coalesced(clock, pause, () => this.flush());
    this.#held = host.on('lab', (lab) => this.#follow(lab));
  }

  provideTextDocumentContent(): string {
    return this.#text.text;
  }

  /** Where each message stands, by its id. */
  get lines(): ReadonlyMap<string, LineRange> {
    return this.#text.lines;
  }

  /** Gives the editor what it does not have yet. */
  flush(): void {
    this.#changed.fire(liveTraceUri);
  }

  dispose(): void {
    this.#held.dispose();
    this.#following.dispose();
    this.#update.dispose();
    this.#changed.dispose();
  }

  #follow(lab: Lab): void {
    this.#following.dispose();
    this.#following = new DisposableStore();
    this.#text = new DetailedTraceText(lab.journal.startedAt, this.#settings.traceDetail);
    this.#following.add(followTrace(lab.trace, lab.journal, this.#text, () => this.#update.request()));
    const { trace } = lab;
    const text = this.#text;
    const forget = (): void => {
      const [first] = trace.messages;
      if (first !== undefined) text.forgetBefore(first.id, this.#archive.notice);
      this.#update.request();
    };
    this.#following.add(trace.on('forgotten', forget));
    this.#update.request();
  }
}
