import * as vscode from 'vscode';
import { specOf, titled } from '../commands/table';
import { say } from '../say';
import type { Passwords } from './passwords';
import type { Settings } from './settings';
import { usersOf } from './with-passwords';

/** Sets the password of a user that the settings name. */
export async function askPassword(settings: Settings, passwords: Passwords): Promise<void> {
  const username = await chooseUser(settings, titled(specOf('callLab.setPassword').title));
  if (username === undefined) return;
  const password = await vscode.window.showInputBox({
    title: `Call Lab: ${say('Password of {0}', username)}`,
    prompt: say('Kept in the secret storage of this editor. It takes effect when the lab starts next.'),
    password: true,
    validateInput: (text) => (text === '' ? say('A password has at least one character.') : undefined),
  });
  if (password !== undefined) await passwords.set(username, password);
}

export async function forgetPassword(settings: Settings, passwords: Passwords): Promise<void> {
  const username = await chooseUser(settings, titled(specOf('callLab.forgetPassword').title));
  if (username !== undefined) await passwords.forget(username);
}

async function chooseUser(settings: Settings, title: string): Promise<string | undefined> {
  const users = usersOf(settings.lab);
  if (users.length === 0) {
    const open = say('Open Settings');
    const text = say('No phone and no server has a user. Give a phone a "username" in the setting callLab.phones, or let it or a registrar of callLab.servers require users.');
    const chosen = await vscode.window.showInformationMessage(text, open);
    if (chosen === open) await vscode.commands.executeCommand('workbench.action.openSettings', 'callLab.phones');
    return undefined;
  }
  const items = users.map(({ username, uses }) => ({ label: username, description: uses.join(', ') }));
  return (await vscode.window.showQuickPick(items, { title, placeHolder: say('Whose password?') }))?.label;
}
