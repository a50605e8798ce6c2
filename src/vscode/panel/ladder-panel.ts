import * as vscode from 'vscode';
import type { FromPanel, PanelAction, PanelChosen, ToPanel } from '../../../webview/protocol';
import { type Clock, CryptoRandom, type Disposable, type Milliseconds, randomToken } from '../../core';
import type { CommandId } from '../commands/table';
import { visibleLabel } from '../../ladder';
import { Coalesced } from '../lab/coalesced';
import type { LabHost } from '../lab/lab-host';
import type { Settings } from '../settings/settings';
import type { SharedQueries, SharedQuery } from '../sources/shared-queries';
import type { TraceSource } from '../sources/trace-source';
import type { TraceArchive } from '../trace-archive/trace-archive';
import { buildComparison } from './comparison';
import { readFromPanel } from './from-panel';
import { LadderFeed, ladderPause, type LadderSource } from './ladder-feed';
import { LadderSearch, type SearchSource } from './ladder-search';
import { page } from './page';
import { buildView } from './view';

/** What stands around the ladder is for reading. */
const viewPause = 100;

/** The commands of the buttons; those that concern a trace are told which. */
const commandOf: Readonly<Record<Exclude<PanelAction, 'clear'>, CommandId>> = {
  start: 'callLab.start',
  'place-call': 'callLab.placeCall',
  export: 'callLab.exportLadder',
  'open-trace': 'callLab.openTrace',
  'open-map': 'callLab.showDialogMap',
  'open-transfer': 'callLab.showTransferState',
  'open-earlier': 'callLab.openEarlierTrace',
};

const aboutTrace: ReadonlySet<PanelAction> = new Set(['export', 'open-trace', 'open-map', 'open-transfer']);

/** What a ladder needs of the extension. */
export interface LadderParts {
  readonly host: LabHost;
  readonly settings: Settings;
  readonly queries: SharedQueries;
  readonly log: vscode.LogOutputChannel;
  readonly clock: Clock;
  readonly extensionUri: vscode.Uri;
  /** Where the part of the trace is that is in memory no longer. */
  readonly archive: Pick<TraceArchive, 'earlier'>;
}

/**
 * One webview with a ladder: of the live trace, of a document or of a capture. It holds no truth but what its reader has
 * cleared away and reads now: whenever its page asks or the trace changes, the page gets the view. A hidden page is unloaded;
 * it asks again, with what it remembers, when it is back.
 */
export class LadderPanel implements Disposable {
  readonly source: TraceSource;
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

  constructor(panel: vscode.WebviewPanel, source: TraceSource, parts: LadderParts, on: { readonly close: (closed: LadderPanel) => void; readonly focus: (focused: LadderPanel) => void }) {
    const { clock, log, extensionUri } = parts;
    this.source = source;
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
    this.#listening = source.onDidChange(() => this.refresh());
    panel.onDidDispose(() => {
      this.#isReady = false;
      this.#listening.dispose();
      this.#updateView.dispose();
      this.#updateLadder.dispose();
      this.#feed.dispose();
      parts.queries.leave(source.uri, this);
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
      // What is all there is read from its start.
      follow: source.isLive && parts.settings.follow,
      texts: vscode.l10n.bundle ?? {},
      data: { source: source.uri.toString() },
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

  /** Whether it has the focus. */
  get isActive(): boolean {
    return this.#panel.active;
  }

  /** The trace has changed, or what its reader wants of it. */
  refresh(): void {
    this.#updateView.request();
    this.#updateLadder.request();
  }

  /** There is another lab, and so another trace. */
  reset(): void {
    this.#feed.reset();
    this.#shareFilter();
    this.#clearedBefore = 0;
    this.#marked = undefined;
  }

  /** Leaves everything up to now out of the ladder. */
  clear(): void {
    this.#clearedBefore = this.source.trace?.endIndex ?? 0;
    this.#feed.reset();
    this.#shareFilter();
    this.refresh();
  }

  /** Marks the row of the message that is read in the trace. */
  mark(id: string | undefined): void {
    if (this.#marked === id) return;
    this.#marked = id;
    this.#post({ type: 'mark', id });
  }

  /** Looks for what somebody looks for in the text, and leaves out what they leave out there. */
  take({ search, filter }: SharedQuery): void {
    if (filter !== this.#feed.options.query) this.#feed.onMessage({ type: 'arrange', options: { query: filter } }, this.#ladder());
    this.#post({ type: 'find', text: search });
  }

  /** Lets its reader type what they look for. */
  find(): void {
    this.#post({ type: 'open-finder' });
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
        this.#feed.onMessage({ type: 'arrange', options: message.options }, this.#ladder());
        if (this.#feed.options.query !== '') this.#shareFilter();
        this.#post({ type: 'mark', id: this.#marked });
        // Its reader is where they were: nothing is brought into view.
        this.#post({ type: 'chosen', chosen: { ...this.#chosen, first: undefined } });
        for (const finish of [...this.#waiting]) finish();
        return;
      case 'open':
        void vscode.commands.executeCommand('callLab.openMessage' satisfies CommandId, {
          message: message.id,
          focus: message.focus,
          source: this.source.uri.toString(),
        });
        return;
      case 'compare':
        this.#post({ type: 'comparison', comparison: buildComparison(this.source.trace, message.left, message.right) });
        return;
      case 'arrange':
        this.#feed.onMessage(message, this.#ladder());
        this.#shareFilter();
        return;
      case 'search':
        this.#search.find(message.text, this.#searched());
        this.#parts.queries.set(this.source.uri, { search: message.text }, this);
        return;
      case 'action':
        // What is cleared away here stays in the other ladders.
        if (message.action === 'clear') this.clear();
        else void vscode.commands.executeCommand(commandOf[message.action], ...(aboutTrace.has(message.action) ? [{ source: this.source.uri.toString() }] : []));
        return;
      case 'trouble':
        this.#parts.log.error(`The panel: ${message.text}`);
    }
  }

  /** The text of the trace shows what is left out here. */
  #shareFilter(): void {
    this.#parts.queries.set(this.source.uri, { filter: this.#feed.options.query }, this);
  }

  #sendView(): void {
    if (!this.#isReady) return;
    const { source } = this;
    const { phase, lab } = this.#parts.host;
    const { name, words, remark, isLive } = source;
    const view = buildView({
      phase,
      trace: source.trace,
      phones: isLive ? (lab?.phones ?? []) : [],
      clearedBefore: this.#clearedBefore,
      ...(!isLive && { file: { name: visibleLabel(name), words: visibleLabel(words), remark: visibleLabel(remark) } }),
    });
    this.#post({ type: 'view', view });
  }

  #sendLadder(): void {
    if (this.#isReady) this.#feed.update(this.#ladder());
  }

  #searched(): SearchSource {
    return { trace: this.source.trace, rows: this.#feed.rows };
  }

  #ladder(): LadderSource {
    const { trace, origin, isLive } = this.source;
    const { settings, archive } = this.#parts;
    const earlier = isLive ? archive.earlier : undefined;
    return { trace, clearedBefore: this.#clearedBefore, origin, lints: settings.lints, isWhole: !isLive, earlier };
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
