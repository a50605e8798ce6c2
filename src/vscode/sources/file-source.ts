import path from 'node:path';
import * as vscode from 'vscode';
import type { LineRange } from '../../capture';
import { type Clock, describeError, type Disposable, DisposableStore } from '../../core';
import type { TraceModel } from '../../trace';
import type { TraceIndex } from '../trace-editor/trace-index';
import type { TraceSource } from './trace-source';
import { isBeingRead, isGone, isUnreadable } from './words';

/** A file is read this long after its last change, in milliseconds: the same as its marks. */
const pause = 300;

/** What reading a file has brought. */
export interface Reading {
  /** Undefined where it could not be read. */
  readonly index: TraceIndex | undefined;
  /** Why there is nothing to draw; empty where there is. */
  readonly words: string;
  readonly remark: string;
  /** Of a file that is no text, what it says as one; empty where there is nothing to read. */
  readonly text?: string;
}

/** A trace in a file: read when it is opened, and again some moments after each change. */
export abstract class FileSource implements TraceSource, Disposable {
  readonly uri: vscode.Uri;
  readonly name: string;
  readonly isLive = false;
  protected readonly held = new DisposableStore();
  protected readonly clock: Clock;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;
  #reading: Reading;
  #readings = 0;
  #first: Promise<void> | undefined;
  #waiting: Disposable | undefined;
  #isDisposed = false;

  constructor(uri: vscode.Uri, clock: Clock) {
    this.uri = uri;
    this.name = path.posix.basename(uri.path);
    this.clock = clock;
    this.#reading = { index: undefined, words: isBeingRead(this.name), remark: '' };
    this.#watch();
  }

  get trace(): TraceModel | undefined {
    return this.#reading.index?.model;
  }

  get origin(): number | undefined {
    return this.#reading.index?.startedAt?.getTime();
  }

  get words(): string {
    return this.#reading.words;
  }

  get remark(): string {
    return this.#reading.remark;
  }

  whenRead(): Promise<void> {
    return (this.#first ??= this.#readNow());
  }

  abstract document(): Thenable<vscode.TextDocument>;

  placesIn(): ReadonlyMap<string, LineRange> {
    return this.#reading.index?.lines ?? new Map<string, LineRange>();
  }

  dispose(): void {
    this.#isDisposed = true;
    this.held.dispose();
    this.#waiting?.dispose();
    this.#changed.dispose();
  }

  protected get reading(): Reading {
    return this.#reading;
  }

  /** Reads the file. What it throws is told as the reason why there is nothing to draw. */
  protected abstract read(): Promise<Reading>;

  /** It was read, or read again. */
  protected onRead(_before: Reading): void {
    // For those who have to tell somebody.
  }

  /** The file on the disk has changed: whether that concerns what was read. */
  protected abstract concernsChange(): boolean;

  /** Reads it again, when nothing has changed any more for some moments. */
  protected readLater(): void {
    this.#waiting?.dispose();
    this.#waiting = this.clock.setTimer(pause, () => void this.#readNow());
  }

  async #readNow(): Promise<void> {
    const reading = ++this.#readings;
    let read: Reading;
    try {
      read = await this.read();
    } catch (error) {
      read = { index: undefined, words: isAbsence(error) ? isGone(this.name) : isUnreadable(this.name, describeError(error)), remark: '' };
    }
    // What was begun later knows more.
    if (this.#isDisposed || reading !== this.#readings) return;
    const before = this.#reading;
    this.#reading = read;
    this.onRead(before);
    this.#changed.fire();
  }

  /** While no document of it is open, only the file itself tells of its changes. */
  #watch(): void {
    if (this.uri.scheme === 'untitled') return;
    const folder = vscode.Uri.joinPath(this.uri, '..');
    // A name may hold what is special in a pattern.
    const name = this.name.replace(/[[\]{}*?]/gu, '[$&]');
    const watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(folder, name));
    const onChange = (): void => {
      if (this.concernsChange()) this.readLater();
    };
    this.held.add(watcher);
    // A file that is deleted keeps its ladder, as it keeps its text in an editor.
    this.held.add(watcher.onDidCreate(onChange));
    this.held.add(watcher.onDidChange(onChange));
  }
}

/** Whether the file is not there. The editor wraps the file system's error when it opens a document. */
function isAbsence(error: unknown): boolean {
  if (error instanceof vscode.FileSystemError) return error.code === 'FileNotFound';
  return /\b(?:ENOENT|EntryNotFound|FileNotFound|nonexistent)\b/iu.test(describeError(error));
}
