import * as vscode from 'vscode';
import type { FromPanel, PanelAction, PanelChosen, ToPanel } from '../../../webview/protocol';
import { type Clock, CryptoRandom, type Disposable, type Milliseconds, randomToken } from '../../core';
import type { CommandId } from '../commands/table';
import { Coalesced } from '../lab/coalesced';
import type { LabHost } from '../lab/lab-host';
import type { Settings } from '../settings/settings';
import { buildComparison } from './comparison';
import { readFromPanel } from './from-panel';
import { LadderFeed, ladderPause, type LadderSource } from './ladder-feed';
import { LadderSearch, type SearchSource } from './ladder-search';
import { page } from './page';
import { buildView } from './view';

/** What stands around the ladder is for reading. */
const viewPause = 100;

const commandOf: Readonly<Record<Exclude<PanelAction, 'clear'>, CommandId>> = {
  start: 'callLab.start',
  'place-call': 'callLab.placeCall',
  export: 'callLab.exportLadder',
  'open-trace': 'callLab.openTrace',
  'open-map': 'callLab.showDialogMap',
  'open-transfer': 'callLab.showTransferState',
};

/** What a ladder needs of the extension. */
export interface LadderParts {
  readonly host: LabHost;
  readonly settings: Settings;
  readonly log: vscode.LogOutputChannel;
  readonly clock: Clock;
  readonly extensionUri: vscode.Uri;
}

/**
 * One webview with the live ladder. It holds no truth but what its reader has cleared away and reads now: whenever its page
 * asks or the lab changes, the page gets the view. A hidden page is unloaded; it asks again, with what it remembers, when it
 * is back.
 */
export class LadderPanel implements Disposable {
  readonly #parts: LadderParts;
  readonly #panel: vscode.WebviewPanel;
  readonly #updateView: Coalesced;
  readonly #updateLadder: Coalesced;
  readonly #feed: LadderFeed;
  readonly #search: LadderSearch;
  readonly #waiting = new Set<() => void>();
  readonly #listening: Disposable;
  #isReady = false;
  #clearedBefore = 0;
  #marked: string | undefined;
  #chosen: PanelChosen = { messages: [], lanes: [] };

  constructor(panel: vscode.WebviewPanel, parts: LadderParts, on: { readonly close: (closed: LadderPanel) => void; readonly focus: (focused: LadderPanel) => void }) {
    const { host, clock, log, extensionUri } = parts;
    this.#parts = parts;
    this.#panel = panel;
    const later = (run: () => void): void => void clock.setTimer(0, run);
    this.#search = new LadderSearch((found) => this.#post({ type: 'found', found }), later);
    this.#feed = new LadderFeed((patch) => {
      this.#post({ type: 'ladder', patch });
      this.#search.update(this.#searched());
    }, later);
    this.#updateView = new Coalesced(clock, viewPause, () => this.#sendView());
    this.#updateLadder = new Coalesced(clock, ladderPause, () => this.#sendLadder());
    this.#listening = host.on('changed', () => this.#updateLadder.request());
    panel.onDidDispose(() => {
      this.#isReady = false;
      this.#listening.dispose();
      this.#updateView.dispose();
      this.#updateLadder.dispose();
      this.#feed.dispose();
      on.close(this);
    });
    panel.onDidChangeViewState(() => {
      if (!panel.visible) this.#isReady = false;
      if (panel.active) on.focus(this);
    });
    const { webview } = panel;
    webview.options = ladderOptions(extensionUri);
    webview.onDidReceiveMessage((message: unknown) => {
      const read = readFromPanel(message);
      if (read === undefined) log.warn('The panel said something that is no message of its own.');
      else this.#onMessage(read);
    });
    const media = (name: string): string => webview.asWebviewUri(vscode.Uri.joinPath(mediaFolder(extensionUri), name)).toString();
    webview.html = page({
      script: media('main.js'),
      style: media('main.css'),
      source: webview.cspSource,
      nonce: randomToken(new CryptoRandom(), 128),
      follow: parts.settings.follow,
      texts: vscode.l10n.bundle ?? {},
    });
  }

  reveal(takeFocus: boolean): void {
    this.#panel.reveal(undefined, !takeFocus);
  }

  /**
   * Resolves when the page is there to be looked at; a page that does not come is not waited for longer than `limit`.
   */
  whenReady(limit: Milliseconds): Promise<void> {
    if (this.#isReady) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = this.#parts.clock.setTimer(limit, () => finish());
      const finish = (): void => {
        timer.dispose();
        this.#waiting.delete(finish);
        resolve();
      };
      this.#waiting.add(finish);
    });
  }

  /** Where the panel is, when it is in view. */
  get column(): vscode.ViewColumn | undefined {
    return this.#panel.visible ? this.#panel.viewColumn : undefined;
  }

  /** The lab has changed. */
  refresh(): void {
    this.#updateView.request();
    this.#updateLadder.request();
  }

  /** There is another lab, and so another trace. */
  reset(): void {
    this.#feed.reset();
    this.#clearedBefore = 0;
    this.#marked = undefined;
  }

  /** Leaves everything up to now out of the ladder. */
  clear(): void {
    this.#clearedBefore = this.#parts.host.lab?.trace.messages.length ?? 0;
    this.#feed.reset();
    this.refresh();
  }

  /** Marks the row of the message that is read in the trace. */
  mark(id: string | undefined): void {
    if (this.#marked === id) return;
    this.#marked = id;
    this.#post({ type: 'mark', id });
  }

  /** Marks what is chosen in a tree. */
  choose(chosen: PanelChosen): void {
    this.#chosen = chosen;
    this.#post({ type: 'chosen', chosen });
  }

  dispose(): void {
    this.#panel.dispose();
  }

  #onMessage(message: FromPanel): void {
    switch (message.type) {
      case 'ready':
        this.#isReady = true;
        this.#sendView();
        this.#feed.restart();
        this.#search.restart();
        this.#feed.onMessage({ type: 'arrange', options: message.options }, this.#source());
        this.#post({ type: 'mark', id: this.#marked });
        // Its reader is where they were: nothing is brought into view.
        this.#post({ type: 'chosen', chosen: { ...this.#chosen, first: undefined } });
        for (const finish of [...this.#waiting]) finish();
        return;
      case 'open':
        void vscode.commands.executeCommand('callLab.openMessage' satisfies CommandId, {
          message: message.id,
          focus: message.focus,
        });
        return;
      case 'compare':
        this.#post({ type: 'comparison', comparison: buildComparison(this.#source().trace, message.left, message.right) });
        return;
      case 'arrange':
        this.#feed.onMessage(message, this.#source());
        return;
      case 'search':
        this.#search.find(message.text, this.#searched());
        return;
      case 'action':
        // What is cleared away here stays in the other ladders.
        if (message.action === 'clear') this.clear();
        else void vscode.commands.executeCommand(commandOf[message.action]);
        return;
      case 'trouble':
        this.#parts.log.error(`The panel: ${message.text}`);
    }
  }

  #sendView(): void {
    if (!this.#isReady) return;
    const { phase, lab } = this.#parts.host;
    const view = buildView({ phase, trace: lab?.trace, phones: lab?.phones ?? [], clearedBefore: this.#clearedBefore });
    this.#post({ type: 'view', view });
  }

  #sendLadder(): void {
    if (this.#isReady) this.#feed.update(this.#source());
  }

  #searched(): SearchSource {
    return { trace: this.#source().trace, rows: this.#feed.rows };
  }

  #source(): LadderSource {
    const { host, settings } = this.#parts;
    const { lab } = host;
    return {
      trace: lab?.trace,
      clearedBefore: this.#clearedBefore,
      origin: lab?.journal.startedAt.getTime(),
      lints: settings.lints,
    };
  }

  #post(message: ToPanel): void {
    if (this.#isReady) void this.#panel.webview.postMessage(message);
  }
}

/** No page is kept while it is hidden: each remembers by itself what it needs to come back. */
export function ladderOptions(extensionUri: vscode.Uri): vscode.WebviewPanelOptions & vscode.WebviewOptions {
  return { enableScripts: true, localResourceRoots: [mediaFolder(extensionUri)], enableForms: false };
}

function mediaFolder(extensionUri: vscode.Uri): vscode.Uri {
  return vscode.Uri.joinPath(extensionUri, 'dist', 'webview');
}
