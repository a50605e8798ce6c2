import * as vscode from 'vscode';
import type { DiagramKind, DiagramView, FromDiagram } from '../../../webview/views/protocol';
import { type Clock, CryptoRandom, type Disposable, randomToken } from '../../core';
import { visibleLabel } from '../../ladder';
import type { CommandId } from '../commands/table';
import { Coalesced } from '../lab/coalesced';
import type { LabHost } from '../lab/lab-host';
import type { TraceSource } from '../sources/trace-source';
import { readFromDiagram } from './from-diagram';
import { buildMapView } from './map-view';
import { page } from './page';
import { buildTransferView } from './transfer-view';

/** What a diagram needs of the extension. */
export interface DiagramParts {
  readonly host: LabHost;
  readonly log: vscode.LogOutputChannel;
  readonly clock: Clock;
  readonly extensionUri: vscode.Uri;
}

/** The diagrams that stay open; a picture is drawn once. */
export type ShownKind = Exclude<DiagramKind, 'picture'>;

/** Six frames: the eye follows a map that moves, but not one that trembles. In milliseconds. */
const pause = 100;

/**
 * One webview with one diagram. It holds no truth but the choice of its reader; whenever its page asks or the trace changes, it
 * gets the whole view. A hidden page is unloaded, and says its choice again when it is back.
 */
export class DiagramPanel implements Disposable {
  readonly kind: ShownKind;
  readonly source: TraceSource;
  readonly #parts: DiagramParts;
  readonly #panel: vscode.WebviewPanel;
  readonly #update: Coalesced;
  #transfer: string;
  #isReady = false;
  #shown = '';

  constructor(
    kind: ShownKind,
    panel: vscode.WebviewPanel,
    parts: DiagramParts,
    options: { readonly source: TraceSource; readonly transfer: string; readonly onClose: (closed: DiagramPanel) => void },
  ) {
    this.kind = kind;
    this.source = options.source;
    this.#parts = parts;
    this.#panel = panel;
    this.#transfer = options.transfer;
    this.#update = new Coalesced(parts.clock, pause, () => this.#send());
    const { webview } = panel;
    webview.options = webviewOptions(parts.extensionUri);
    const listening = this.source.onDidChange(() => this.#update.request());
    panel.onDidDispose(() => {
      listening.dispose();
      this.#update.dispose();
      options.onClose(this);
    });
    panel.onDidChangeViewState(() => {
      if (!panel.visible) this.#isReady = false;
    });
    webview.onDidReceiveMessage((message: unknown) => {
      const read = readFromDiagram(message);
      if (read === undefined) parts.log.warn('A diagram said something that is no message of its own.');
      else this.#onMessage(read);
    });
    webview.html = diagramPage(webview, parts.extensionUri, { kind, transfer: this.#transfer, source: this.source.uri.toString() });
  }

  /** The transfer that its reader has chosen; empty for whichever is the newest. */
  get transfer(): string {
    return this.#transfer;
  }

  reveal(takeFocus: boolean): void {
    this.#panel.reveal(undefined, !takeFocus);
  }

  /** Whether it has the focus. */
  get isActive(): boolean {
    return this.#panel.active;
  }

  dispose(): void {
    this.#panel.dispose();
  }

  #onMessage(message: FromDiagram): void {
    switch (message.type) {
      case 'ready':
        this.#isReady = true;
        this.#shown = '';
        this.#transfer = message.transfer;
        this.#send();
        return;
      case 'choose':
        this.#transfer = message.transfer;
        this.#send();
        return;
      case 'open':
        void vscode.commands.executeCommand('callLab.openMessage' satisfies CommandId, { message: message.id, focus: message.focus, source: this.source.uri.toString() });
        return;
      case 'run':
        void vscode.commands.executeCommand(message.command, { phone: message.phone, ...(message.call === undefined ? {} : { call: message.call }) });
        return;
      case 'picture':
        // Nobody asked this page for one.
        return;
      case 'trouble':
        this.#parts.log.error(`A diagram: ${message.text}`);
    }
  }

  #send(): void {
    if (!this.#isReady) return;
    const view = this.#view();
    // Most changes of a lab change nothing here.
    const next = JSON.stringify(view);
    if (next === this.#shown) return;
    this.#shown = next;
    void this.#panel.webview.postMessage({ type: 'view', view });
  }

  #view(): DiagramView {
    const { host } = this.#parts;
    const { trace, words, isLive } = this.source;
    const file = isLive ? undefined : visibleLabel(words);
    if (this.kind === 'transfer') return buildTransferView(trace, this.#transfer, file);
    const { phase, lab } = host;
    const isThere = isLive && phase !== 'stopped';
    return buildMapView({
      phase,
      trace,
      phones: isThere ? (lab?.phones ?? []) : [],
      can: (...asked) => (isLive && host.runningLab?.can(...asked)) ?? false,
      ...(file !== undefined && { file }),
    });
  }
}

/** The page of a diagram. */
export function diagramPage(webview: vscode.Webview, extensionUri: vscode.Uri, data: { readonly kind: DiagramKind; readonly transfer: string; readonly source: string }): string {
  const address = (name: string): string => webview.asWebviewUri(vscode.Uri.joinPath(mediaFolder(extensionUri), 'views', name)).toString();
  return page({
    script: address('main.js'),
    style: address('main.css'),
    source: webview.cspSource,
    nonce: randomToken(new CryptoRandom(), 128),
    follow: false,
    texts: vscode.l10n.bundle ?? {},
    makesImages: data.kind === 'picture',
    data,
  });
}

export function webviewOptions(extensionUri: vscode.Uri): vscode.WebviewOptions {
  return { enableScripts: true, localResourceRoots: [mediaFolder(extensionUri)], enableForms: false };
}

function mediaFolder(extensionUri: vscode.Uri): vscode.Uri {
  return vscode.Uri.joinPath(extensionUri, 'dist', 'webview');
}
