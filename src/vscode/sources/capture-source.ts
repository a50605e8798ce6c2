import * as vscode from 'vscode';
import { type CaptureFile, formatTrace, readCaptureInSteps } from '../../capture';
import { CallLabError, type Clock, finishInSlices } from '../../core';
import { TraceModel } from '../../trace';
import { longestText, TraceIndex } from '../trace-editor/trace-index';
import type { TraceIndexes } from '../trace-editor/trace-indexes';
import { FileSource, type Reading } from './file-source';
import { hasNoSignalling, hasTooMuch, isEmpty, isTooLong, isUnreadable, notesRemark } from './words';

/** Of the documents that show captures as text. */
export const captureScheme = 'call-lab-capture';

/** The address of a capture's text. */
export function captureTextUri(capture: vscode.Uri): vscode.Uri {
  return vscode.Uri.from({ scheme: captureScheme, authority: capture.authority, path: `${capture.path}.siptrace`, query: capture.toString() });
}

/** The capture whose text has this address. */
export function captureOf(text: vscode.Uri): vscode.Uri {
  return vscode.Uri.parse(text.query);
}

/** Larger files, in octets, are not read: what was read of one stays in memory, with an object for each of its packets. */
const largestCapture = 200_000_000;

/** So long a capture is read without a pause, in milliseconds: the calls of the lab go on meanwhile. */
const slice = 15;

/** A capture: what the packets mean, and a text of it that is made when somebody wants to read it. */
export class CaptureSource extends FileSource {
  readonly #indexes: TraceIndexes;
  readonly #onText: (uri: vscode.Uri) => void;

  constructor(uri: vscode.Uri, clock: Clock, options: { readonly indexes: TraceIndexes; readonly onText: (uri: vscode.Uri) => void }) {
    super(uri, clock);
    this.#indexes = options.indexes;
    this.#onText = options.onText;
  }

  /** All messages, or the reason why there are none. */
  get text(): string {
    const { text = '', words } = this.reading;
    return text === '' ? `# ${words}\n` : text;
  }

  async document(): Promise<vscode.TextDocument> {
    await this.whenRead();
    return vscode.workspace.openTextDocument(captureTextUri(this.uri));
  }

  protected async read(): Promise<Reading> {
    const nothing = { index: undefined, remark: '' };
    const { size } = await vscode.workspace.fs.stat(this.uri);
    if (size === 0) return { ...nothing, words: isEmpty(this.name) };
    if (size > largestCapture) return { ...nothing, words: isTooLong(this.name, size, largestCapture) };
    const bytes = await vscode.workspace.fs.readFile(this.uri);
    try {
      const capture = await finishInSlices(readCaptureInSteps(bytes), this.clock, slice);
      return this.#readingOf(capture, await finishInSlices(TraceModel.fromInSteps(capture.packets), this.clock, slice));
    } catch (error) {
      if (!(error instanceof CallLabError)) throw error;
      return { ...nothing, words: isUnreadable(this.name, error.message) };
    }
  }

  #readingOf(capture: CaptureFile, model: TraceModel): Reading {
    const nothing = { index: undefined, remark: notesRemark(capture.notes) };
    if (model.messages.length === 0) return { ...nothing, words: hasNoSignalling(this.name, capture) };
    const startedAt = new Date(capture.packets[0]?.at ?? 0);
    const { text, lines } = formatTrace(model, { startedAt });
    if (text.length > longestText) return { ...nothing, words: hasTooMuch(this.name, text.length, longestText) };
    return { ...nothing, index: TraceIndex.written(model, lines, startedAt), words: '', text };
  }

  protected concernsChange(): boolean {
    return true;
  }

  protected override onRead(before: Reading): void {
    const uri = captureTextUri(this.uri);
    this.#indexes.setWritten(uri, this.reading.index);
    if (this.reading.text !== before.text) this.#onText(uri);
  }

  override dispose(): void {
    this.#indexes.setWritten(captureTextUri(this.uri), undefined);
    super.dispose();
  }
}
