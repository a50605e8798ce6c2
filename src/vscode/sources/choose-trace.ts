import * as vscode from 'vscode';
import { traceEndings } from './trace-sources';

/** Asks for files with traces or captures; none when the person turned away. */
export async function chooseTraces(): Promise<readonly vscode.Uri[]> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const chosen = await vscode.window.showOpenDialog({
    title: 'Open Ladder of File',
    openLabel: 'Open Ladder',
    canSelectMany: true,
    filters: { 'Traces and Captures': [...traceEndings], 'All Files': ['*'] },
    ...(folder === undefined ? {} : { defaultUri: folder }),
  });
  return chosen ?? [];
}
