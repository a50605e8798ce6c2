import * as vscode from 'vscode';
import type { FromPanel, PanelAction, ToPanel } from '../../../webview/protocol';
import { type Clock, CryptoRandom, type Milliseconds, randomToken } from '../../core';
import type { CommandId } from '../commands/table';
import { Coalesced } from '../lab/coalesced';
import type { LabHost } from '../lab/lab-host';
import type { Settings } from '../settings/settings';
import { readFromPanel } from './from-panel';
import { LadderFeed, type LadderSource } from './ladder-feed';
import { page } from './page';
import { buildView } from './view';

const viewType = 'callLab.ladder';
/** Less than a frame: a message is to be on the screen before one can wonder where it is. In milliseconds. */
const ladderPause = 12;
/** What stands around the ladder is for reading. */
const viewPause = 100;

const commandOf: Readonly<Record<PanelAction, CommandId>> = {
  start: 'callLab.start',
  'place-call': 'callLab.placeCall',
  clear: 'callLab.clearLadder',
  export: 'callLab.exportLadder',
  'open-trace': 'callLab.openTrace',
};

/**
 * The panel with the live ladder. It holds no truth: whenever its page asks or the lab changes, it gets the whole view.
 */
export class LadderPanel implements vscode.Disposable, vscode.WebviewPanelSerializer {
  readonly #host: LabHost;
  readonly #settings: Settings;
  readonly #log: vscode.LogOutputChannel;
  readonly #media: vscode.Uri;
  readonly #icon: { readonly light: vscode.Uri; readonly dark: vscode.Uri };
  readonly #updateView: Coalesced;
  readonly #updateLadder: Coalesced;
  readonly #feed: LadderFeed;
  readonly #clock: Clock;
  readonly #waiting = new Set<() => void>();
  #panel: vscode.WebviewPanel | undefined;
  #isReady = false;
  #clearedBefore = 0;
  #marked: string | undefined;

  constructor(options: {
    readonly host: LabHost;
    readonly settings: Settings;
    readonly log: vscode.LogOutputChannel;
    readonly clock: Clock;
    readonly extensionUri: vscode.Uri;
  }) {
    this.#host = options.host;
    this.#settings = options.settings;
    this.#log = options.log;
    this.#media = vscode.Uri.joinPath(options.extensionUri, 'dist', 'webview');
    const icon = (name: string): vscode.Uri => vscode.Uri.joinPath(options.extensionUri, 'media', name);
    this.#icon = { light: icon('ladder-light.svg'), dark: icon('ladder-dark.svg') };
    this.#clock = options.clock;
    this.#feed = new LadderFeed((patch) => this.#post({ type: 'ladder', patch }));
    this.#updateView = new Coalesced(options.clock, viewPause, () => this.#sendView());
    this.#updateLadder = new Coalesced(options.clock, ladderPause, () => this.#sendLadder());
    options.host.on('changed', () => this.#updateLadder.request());
    options.host.on('lab', () => {
      this.#feed.reset();
      this.#clearedBefore = 0;
      this.#marked = undefined;
    });
  }

  /** Brings the panel into view, and takes the focus there only if asked to. */
  show(takeFocus: boolean): void {
    if (this.#panel !== undefined) {
      this.#panel.reveal(undefined, !takeFocus);
      return;
    }
    const place = { viewColumn: vscode.ViewColumn.Active, preserveFocus: !takeFocus };
    this.#open(vscode.window.createWebviewPanel(viewType, 'Call Lab', place, this.#options()));
  }

  /**
   * Resolves when the page is there to be looked at; a page that does not come is not waited for longer than `limit`.
   */
  whenReady(limit: Milliseconds): Promise<void> {
    if (this.#isReady) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = this.#clock.setTimer(limit, () => finish());
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
    return this.#panel?.visible === true ? this.#panel.viewColumn : undefined;
  }

  /** The lab has changed. */
  refresh(): void {
    this.#updateView.request();
    this.#updateLadder.request();
  }

  /** Leaves everything up to now out of the ladder. */
  clear(): void {
    this.#clearedBefore = this.#host.lab?.trace.messages.length ?? 0;
    this.#feed.reset();
    this.refresh();
  }

  /** Marks the row of the message that is read in the trace. */
  mark(id: string | undefined): void {
    if (this.#marked === id) return;
    this.#marked = id;
    this.#post({ type: 'mark', id });
  }

  /** The window was loaded again, and the panel with it. */
  async deserializeWebviewPanel(panel: vscode.WebviewPanel): Promise<void> {
    panel.webview.options = this.#options();
    this.#open(panel);
  }

  dispose(): void {
    this.#updateView.dispose();
    this.#updateLadder.dispose();
    this.#feed.dispose();
    this.#panel?.dispose();
  }

  #options(): vscode.WebviewPanelOptions & vscode.WebviewOptions {
    return { enableScripts: true, localResourceRoots: [this.#media], enableForms: false };
  }

  #open(panel: vscode.WebviewPanel): void {
    this.#panel?.dispose();
    this.#panel = panel;
    this.#isReady = false;
    const { webview } = panel;
    const media = (name: string): string => webview.asWebviewUri(vscode.Uri.joinPath(this.#media, name)).toString();
    panel.onDidDispose(() => {
      if (this.#panel !== panel) return;
      this.#panel = undefined;
      this.#isReady = false;
    });
    webview.onDidReceiveMessage((message: unknown) => {
      const read = readFromPanel(message);
      if (read === undefined) this.#log.warn('The panel said something that is no message of its own.');
      else this.#onMessage(read);
    });
    // A hidden page is unloaded; it asks again when it is back.
    panel.onDidChangeViewState(() => {
      if (!panel.visible && this.#panel === panel) this.#isReady = false;
    });
    panel.iconPath = this.#icon;
    webview.html = page({
      script: media('main.js'),
      style: media('main.css'),
      source: webview.cspSource,
      nonce: randomToken(new CryptoRandom(), 128),
      follow: this.#settings.follow,
      texts: vscode.l10n.bundle ?? {},
    });
  }

  #onMessage(message: FromPanel): void {
    switch (message.type) {
      case 'ready':
        this.#isReady = true;
        this.#sendView();
        this.#feed.restart();
        this.#feed.onMessage({ type: 'arrange', options: message.options }, this.#source());
        this.#post({ type: 'mark', id: this.#marked });
        for (const finish of [...this.#waiting]) finish();
        return;
      case 'open':
        void vscode.commands.executeCommand('callLab.openMessage' satisfies CommandId, {
          message: message.id,
          focus: message.focus,
        });
        return;
      case 'arrange':
        this.#feed.onMessage(message, this.#source());
        return;
      case 'action':
        void vscode.commands.executeCommand(commandOf[message.action]);
        return;
      case 'trouble':
        this.#log.error(`The panel: ${message.text}`);
    }
  }

  #sendView(): void {
    if (this.#panel === undefined || !this.#isReady) return;
    const { phase, lab } = this.#host;
    const view = buildView({ phase, trace: lab?.trace, phones: lab?.phones ?? [], clearedBefore: this.#clearedBefore });
    this.#post({ type: 'view', view });
  }

  #sendLadder(): void {
    if (this.#panel !== undefined && this.#isReady) this.#feed.update(this.#source());
  }

  #source(): LadderSource {
    const { lab } = this.#host;
    return {
      trace: lab?.trace,
      clearedBefore: this.#clearedBefore,
      origin: lab?.journal.startedAt.getTime(),
      lints: this.#settings.lints,
    };
  }

  #post(message: ToPanel): void {
    if (this.#panel !== undefined && this.#isReady) void this.#panel.webview.postMessage(message);
  }
}
