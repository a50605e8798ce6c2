import * as vscode from 'vscode';
import { DiagramPanel, type DiagramParts, type ShownKind, webviewOptions } from './diagram-panel';

const titles: Readonly<Record<ShownKind, string>> = { map: 'Dialog Map', transfer: 'Transfer State' };

/** What VS Code knows the panels by, over a restart as well. */
export const diagramViewTypes = { map: 'callLab.dialogMap', transfer: 'callLab.transferState' } as const satisfies Readonly<Record<ShownKind, string>>;

/** All open dialog maps and states of transfers: as many of each as their reader wants beside each other. */
export class DiagramPanels implements vscode.Disposable {
  readonly #parts: DiagramParts;
  readonly #icon: { readonly light: vscode.Uri; readonly dark: vscode.Uri };
  readonly #open = new Set<DiagramPanel>();
  readonly #held: vscode.Disposable;

  constructor(parts: DiagramParts) {
    this.#parts = parts;
    const icon = (name: string): vscode.Uri => vscode.Uri.joinPath(parts.extensionUri, 'media', name);
    this.#icon = { light: icon('ladder-light.svg'), dark: icon('ladder-dark.svg') };
    this.#held = vscode.Disposable.from(
      ...(['map', 'transfer'] as const).map((kind) =>
        vscode.window.registerWebviewPanelSerializer(diagramViewTypes[kind], {
          // The page itself remembers what it showed, and says so as soon as it is there.
          deserializeWebviewPanel: async (panel, state: unknown) => this.#take(kind, panel, transferIn(state)),
        }),
      ),
    );
  }

  /** The dialog map: the one that is open, or a new one beside what the person reads. */
  showMap(): void {
    const [known] = [...this.#open].filter(({ kind }) => kind === 'map');
    if (known === undefined) this.#create('map', '');
    else known.reveal(true);
  }

  /** The state of a transfer, or of the newest one where none is named. Each transfer gets a panel of its own. */
  showTransfer(transfer: string): void {
    const known = [...this.#open].find((panel) => panel.kind === 'transfer' && panel.transfer === transfer);
    if (known === undefined) this.#create('transfer', transfer);
    else known.reveal(true);
  }

  /** The lab has changed. */
  refresh(): void {
    for (const panel of this.#open) panel.refresh();
  }

  dispose(): void {
    this.#held.dispose();
    for (const panel of this.#open) panel.dispose();
  }

  #create(kind: ShownKind, transfer: string): void {
    const options = webviewOptions(this.#parts.extensionUri);
    this.#take(kind, vscode.window.createWebviewPanel(diagramViewTypes[kind], titles[kind], { viewColumn: vscode.ViewColumn.Beside }, options), transfer);
  }

  #take(kind: ShownKind, panel: vscode.WebviewPanel, transfer: string): void {
    panel.iconPath = this.#icon;
    this.#open.add(new DiagramPanel(kind, panel, this.#parts, { transfer, onClose: (closed) => void this.#open.delete(closed) }));
  }
}

/** What a page kept of its choice. */
function transferIn(state: unknown): string {
  const transfer = typeof state === 'object' && state !== null && 'transfer' in state ? state.transfer : '';
  return typeof transfer === 'string' ? transfer : '';
}
