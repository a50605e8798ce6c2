import type * as vscode from 'vscode';
import type { LadderPanels } from './ladder-panels';

/** What VS Code knows it by. */
export const captureViewType = 'callLab.capture';

/** A capture opened as an editor shows its ladder: its octets are no text. */
export class CaptureEditor implements vscode.CustomReadonlyEditorProvider {
  readonly #panels: LadderPanels;

  constructor(panels: LadderPanels) {
    this.#panels = panels;
  }

  openCustomDocument(uri: vscode.Uri): vscode.CustomDocument {
    // The panels read the file, and know when nobody needs it any more.
    return { uri, dispose: () => undefined };
  }

  resolveCustomEditor({ uri }: vscode.CustomDocument, panel: vscode.WebviewPanel): void {
    this.#panels.adopt(panel, uri);
  }
}
