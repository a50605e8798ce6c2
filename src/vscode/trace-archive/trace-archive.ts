import { setImmediate as rest } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { PanelEarlier } from '../../../webview/protocol';
import { CryptoRandom, describeError, DisposableStore, randomToken } from '../../core';
import type { Lab } from '../../lab';
import { TraceLimit } from '../../trace';
import type { LabHost } from '../lab/lab-host';
import { noticeText } from '../notice-text';
import type { Settings } from '../settings/settings';
import { Archive, type ArchivedPart, noticeOf, sessionName } from './archive';
import { StorageFolder } from './storage-folder';

const nothing: PanelEarlier = { messages: 0, inFiles: 0, files: 0 };

/** Keeps the trace of this window's lab at the length that the settings say: its earlier part goes into files. */
export class TraceArchive implements vscode.Disposable {
  readonly #host: LabHost;
  readonly #settings: Pick<Settings, 'keepMessages'>;
  readonly #folder: StorageFolder;
  readonly #log: vscode.LogOutputChannel;
  readonly #listening: { dispose(): void };
  #held = new DisposableStore();
  #archive: Archive | undefined;

  constructor(parts: { readonly host: LabHost; readonly settings: Pick<Settings, 'keepMessages'>; readonly storage: vscode.Uri; readonly log: vscode.LogOutputChannel }) {
    this.#host = parts.host;
    this.#settings = parts.settings;
    this.#log = parts.log;
    this.#folder = new StorageFolder(vscode.Uri.joinPath(parts.storage, 'earlier'));
    this.#listening = parts.host.on('lab', (lab) => this.#follow(lab));
  }

  /** What the trace has forgotten, and how much of it is in files. */
  get earlier(): PanelEarlier {
    const { lab } = this.#host;
    return lab === undefined ? nothing : (this.#archive?.earlier(lab.trace) ?? nothing);
  }

  /** The same, for the first line of the trace. */
  get notice(): string {
    return noticeOf(this.earlier);
  }

  /** Opens the file with the newest of the earlier messages, or lets the person choose where there are several. */
  async open(): Promise<void> {
    const parts = [...(this.#archive?.parts ?? [])].reverse();
    const [newest] = parts;
    if (newest === undefined) {
      void vscode.window.showInformationMessage('Call Lab: the whole trace is still in the editor; no part of it is in a file.');
      return;
    }
    const part = parts.length === 1 ? newest : await choose(parts);
    if (part !== undefined) await vscode.window.showTextDocument(this.#folder.uriOf(part.name), { preview: false });
  }

  dispose(): void {
    this.#listening.dispose();
    this.#held.dispose();
  }

  #follow(lab: Lab): void {
    this.#held.dispose();
    this.#held = new DisposableStore();
    const { startedAt } = lab.journal;
    const archive = new Archive(this.#folder, sessionName(startedAt, randomToken(new CryptoRandom(), 32)), () => rest());
    this.#archive = archive;
    let hasTold = false;
    const limit = new TraceLimit(lab.trace, lab.journal, {
      keep: this.#settings.keepMessages,
      save: async (before) => {
        await archive.save(lab.trace, lab.journal, before);
        this.#clean(archive);
      },
      onSaveFailed: (error) => {
        this.#log.error(`The earlier part of the trace was not written to a file: ${describeError(error)}`);
        if (!hasTold) this.#tell(error);
        hasTold = true;
      },
    });
    this.#held.add(limit);
    this.#clean(archive);
  }

  #clean(archive: Archive): void {
    archive.clean().catch((error: unknown) => this.#log.warn(`Old parts of traces were not removed: ${describeError(error)}`));
  }

  /** Once: each later part fails for the same reason, as a rule. */
  #tell(error: unknown): void {
    const text = `Call Lab: the earlier part of the trace cannot be written to a file (${describeError(error)}). From here on the oldest messages are lost.`;
    void vscode.window.showWarningMessage(noticeText(text));
  }
}

async function choose(parts: readonly ArchivedPart[]): Promise<ArchivedPart | undefined> {
  const items = parts.map((part) => ({ label: `m${part.first + 1} to m${part.end}`, description: `${(part.end - part.first).toLocaleString()} messages`, part }));
  const chosen = await vscode.window.showQuickPick(items, { title: 'Earlier Part of Trace', placeHolder: 'The newest first' });
  return chosen?.part;
}
