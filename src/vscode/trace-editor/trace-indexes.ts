import type * as vscode from 'vscode';
import { TraceIndex } from './trace-index';

/** What was read of the traces that are open, until they change: one reading serves marks, navigation and panels. */
export class TraceIndexes {
  readonly #known = new WeakMap<vscode.TextDocument, { readonly version: number; readonly index: TraceIndex | undefined }>();
  readonly #written = new Map<string, TraceIndex>();

  /** Undefined for a text that is too long. */
  of(document: vscode.TextDocument): TraceIndex | undefined {
    const written = this.#written.get(document.uri.toString());
    if (written !== undefined) return written;
    const known = this.#known.get(document);
    if (known?.version === document.version) return known.index;
    const index = TraceIndex.of(document.getText());
    this.#known.set(document, { version: document.version, index });
    return index;
  }

  /** Says what a text means that was written from it, and need not be read back; until further notice. */
  setWritten(uri: vscode.Uri, index: TraceIndex | undefined): void {
    if (index === undefined) this.#written.delete(uri.toString());
    else this.#written.set(uri.toString(), index);
  }
}
