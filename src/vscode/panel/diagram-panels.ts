import * as vscode from 'vscode';
import { say } from '../say';
import type { TraceSources } from '../sources/trace-sources';
import { DiagramPanel, type DiagramParts, type ShownKind, webviewOptions } from './diagram-panel';
import { panelTitle, sourceIn } from './panel-state';

function titleOf(kind: ShownKind): string {
  return kind === 'map' ? say('Dialog Map') : say('Transfer State');
}

/** What VS Code knows the panels by, over a restart as well. */
export const diagramViewTypes = { map: 'callLab.dialogMap', transfer: 'callLab.transferState' } as const satisfies Readonly<Record<ShownKind, string>>;

/** Of which trace, and of which of its transfers; empty for the newest. */
interface Shown {
  readonly uri: vscode.Uri;
  readonly transfer: string;
}

/** All open dialog maps and states of transfers: as many of each as their reader wants beside each other. */
export class DiagramPanels implements vscode.Disposable {
  readonly #parts: DiagramParts;
  readonly #sources: TraceSources;
  readonly #icon: { readonly light: vscode.Uri; readonly dark: vscode.Uri };
  readonly #open = new Set<DiagramPanel>();
  readonly #held: vscode.Disposable;

  constructor(parts: DiagramParts, sources: TraceSources) {
    this.#parts = parts;
    this.#sources = sources;
    const icon = (name: string): vscode.Uri => vscode.Uri.joinPath(parts.extensionUri, 'media', name);
    this.#icon = { light: icon('ladder-light.svg'), dark: icon('ladder-dark.svg') };
    this.#held = vscode.Disposable.from(
      ...(['map', 'transfer'] as const).map((kind) =>
        vscode.window.registerWebviewPanelSerializer(diagramViewTypes[kind], {
          // The page itself remembers what it showed, and says so as soon as it is there.
          deserializeWebviewPanel: async (panel, state: unknown) => this.#take(kind, panel, { uri: sourceIn(state), transfer: transferIn(state) }),
        }),
      ),
    );
  }

  /** The dialog map of a trace: the one that is open, or a new one beside what the person reads. */
  showMap(uri: vscode.Uri): void {
    this.#show('map', { uri, transfer: '' });
  }

  /** The state of a transfer, or of the newest one where none is named. Each transfer gets a panel of its own. */
  showTransfer(uri: vscode.Uri, transfer: string): void {
    this.#show('transfer', { uri, transfer });
  }

  /** The trace of the diagram that has the focus. */
  get activeSource(): vscode.Uri | undefined {
    return [...this.#open].find(({ isActive }) => isActive)?.source.uri;
  }

  dispose(): void {
    this.#held.dispose();
    for (const panel of this.#open) panel.dispose();
  }

  #show(kind: ShownKind, what: Shown): void {
    const known = [...this.#open].find((panel) => panel.kind === kind && panel.source.uri.toString() === what.uri.toString() && (kind === 'map' || panel.transfer === what.transfer));
    if (known === undefined) this.#create(kind, what);
    else known.reveal(true);
  }

  #create(kind: ShownKind, what: Shown): void {
    const options = webviewOptions(this.#parts.extensionUri);
    this.#take(kind, vscode.window.createWebviewPanel(diagramViewTypes[kind], panelTitle(titleOf(kind), what.uri), { viewColumn: vscode.ViewColumn.Beside }, options), what);
  }

  #take(kind: ShownKind, panel: vscode.WebviewPanel, { uri, transfer }: Shown): void {
    panel.iconPath = this.#icon;
    const source = this.#sources.open(uri);
    const onClose = (closed: DiagramPanel): void => {
      this.#open.delete(closed);
      this.#sources.release(source);
    };
    this.#open.add(new DiagramPanel(kind, panel, this.#parts, { source, transfer, onClose }));
  }
}

/** What a page kept of its choice. */
function transferIn(state: unknown): string {
  const transfer = typeof state === 'object' && state !== null && 'transfer' in state ? state.transfer : '';
  return typeof transfer === 'string' ? transfer : '';
}
