import * as vscode from 'vscode';
import { say } from '../say';
import { traceEndings } from './trace-sources';

/** Asks for files with traces or captures; none when the person turned away. */
export async function chooseTraces(): Promise<readonly vscode.Uri[]> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const chosen = await vscode.window.showOpenDialog({
    title: say('Open Ladder of File'),
    openLabel: say('Open Ladder'),
    canSelectMany: true,
    filters: { [say('Traces and Captures')]: [...traceEndings], [say('All Files')]: ['*'] },
    ...(folder === undefined ? {} : { defaultUri: folder }),
  });
  return chosen ?? [];
}
