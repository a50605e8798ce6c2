import * as vscode from 'vscode';
import type { Clock } from '../../core';
import { say } from '../say';
import { longestText } from '../trace-editor/trace-index';
import type { TraceIndexes } from '../trace-editor/trace-indexes';
import { FileSource, type Reading } from './file-source';
import { faultsRemark, hasNoMessage, isEmpty, isTooLong } from './words';

/** The trace in a document as it stands in the editor, saved or not; opened for the purpose where no editor has it. */
export class TextSource extends FileSource {
  readonly #indexes: TraceIndexes;

  constructor(uri: vscode.Uri, clock: Clock, indexes: TraceIndexes) {
    super(uri, clock);
    this.#indexes = indexes;
    const { workspace } = vscode;
    this.held.add(workspace.onDidOpenTextDocument((document) => this.#onDocument(document)));
    this.held.add(workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      if (contentChanges.length > 0) this.#onDocument(document);
    }));
  }

  async document(): Promise<vscode.TextDocument> {
    const open = this.#openDocument();
    if (open !== undefined) return open;
    // Opened by its address, an untitled document that is no more would be a new one.
    if (this.uri.scheme === 'untitled') throw new Error(say('it was closed without being saved.'));
    return vscode.workspace.openTextDocument(this.uri);
  }

  protected async read(): Promise<Reading> {
    const nothing = { index: undefined, remark: '' };
    if (this.#openDocument() === undefined && this.uri.scheme !== 'untitled') {
      // The editor opens no text of this size for us, and tells it in words of its own.
      const { size } = await vscode.workspace.fs.stat(this.uri);
      if (size > longestText) return { ...nothing, words: isTooLong(this.name, size, longestText) };
    }
    const document = await this.document();
    const index = this.#indexes.of(document);
    if (index === undefined) return { ...nothing, words: isTooLong(this.name, document.getText().length, longestText) };
    const remark = faultsRemark(index.faults);
    if (index.model.messages.length > 0) return { index, words: '', remark };
    return { index, words: document.getText().trim() === '' ? isEmpty(this.name) : hasNoMessage(this.name), remark };
  }

  /** An open document follows its file by itself. */
  protected concernsChange(): boolean {
    return this.#openDocument() === undefined;
  }

  #openDocument(): vscode.TextDocument | undefined {
    return vscode.workspace.textDocuments.find((document) => this.#isOurs(document) && !document.isClosed);
  }

  #onDocument(document: vscode.TextDocument): void {
    if (this.#isOurs(document)) this.readLater();
  }

  #isOurs({ uri }: vscode.TextDocument): boolean {
    return uri.toString() === this.uri.toString();
  }
}
