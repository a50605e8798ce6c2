import * as vscode from 'vscode';

/**
 * Keeps the end of a growing document in view, as long as the reader has it in view and has nothing selected: whoever
 * scrolls away or reads a message stays there.
 */
export function followEnd(uri: vscode.Uri): vscode.Disposable {
  return vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
    if (document.uri.toString() !== uri.toString() || contentChanges.length === 0) return;
    const oldEnd = Math.min(...contentChanges.map(({ range }) => range.start.line));
    for (const editor of vscode.window.visibleTextEditors) {
      if (editor.document !== document || !editor.selection.isEmpty) continue;
      const hadEndInView = editor.visibleRanges.some(({ end }) => end.line >= oldEnd - 1);
      const end = new vscode.Position(document.lineCount - 1, 0);
      if (hadEndInView) editor.revealRange(new vscode.Range(end, end));
    }
  });
}
