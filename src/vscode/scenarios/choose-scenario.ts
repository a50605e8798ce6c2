import path from 'node:path';
import * as vscode from 'vscode';
import { specOf, titled } from '../commands/table';
import { say, sayKnown } from '../say';

const pattern = /\.calllab\.ya?ml$/u;

/** The scenario file in the active editor, or one of the workspace's, or one picked from the disk. */
export async function chooseScenario(): Promise<vscode.Uri | undefined> {
  const active = vscode.window.activeTextEditor?.document.uri;
  if (active !== undefined && pattern.test(active.path)) return active;
  const found = await vscode.workspace.findFiles('**/*.calllab.{yaml,yml}', '**/node_modules/**', 200);
  if (found.length === 0) return browse();
  const items = found
    .map((uri) => ({
      label: path.posix.basename(uri.path),
      description: vscode.workspace.asRelativePath(path.posix.dirname(uri.path)),
      uri,
    }))
    .sort((a, b) => a.label.localeCompare(b.label));
  const elsewhere = { label: say('Another file…'), description: '', uri: undefined };
  const chosen = await vscode.window.showQuickPick<{
    readonly label: string;
    readonly description: string;
    readonly uri: vscode.Uri | undefined;
  }>([...items, elsewhere], {
    title: titled(specOf('callLab.runScenario').title),
    placeHolder: say('Which scenario?'),
    matchOnDescription: true,
  });
  if (chosen === undefined) return undefined;
  return chosen.uri ?? browse();
}

async function browse(): Promise<vscode.Uri | undefined> {
  const chosen = await vscode.window.showOpenDialog({
    title: sayKnown(specOf('callLab.runScenario').title),
    filters: { [say('Call Lab scenarios')]: ['yaml', 'yml'] },
  });
  return chosen?.[0];
}
