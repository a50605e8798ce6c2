import type * as vscode from 'vscode';
import type { PasswordStore } from './with-passwords';

const prefix = 'callLab.password.';

/** Passwords of SIP users, in the editor's secret storage. They are in no setting, no log and no export. */
export class Passwords implements PasswordStore {
  readonly #secrets: vscode.SecretStorage;

  constructor(secrets: vscode.SecretStorage) {
    this.#secrets = secrets;
  }

  async get(username: string): Promise<string | undefined> {
    return this.#secrets.get(prefix + username);
  }

  async set(username: string, password: string): Promise<void> {
    await this.#secrets.store(prefix + username, password);
  }

  async forget(username: string): Promise<void> {
    await this.#secrets.delete(prefix + username);
  }
}
