import * as vscode from 'vscode';
import type { SegmentFolder } from './archive';

/** A folder of the extension's own storage. It is made when something is first written. */
export class StorageFolder implements SegmentFolder {
  readonly #folder: vscode.Uri;

  constructor(folder: vscode.Uri) {
    this.#folder = folder;
  }

  uriOf(name: string): vscode.Uri {
    return vscode.Uri.joinPath(this.#folder, name);
  }

  async write(name: string, text: string): Promise<void> {
    await vscode.workspace.fs.createDirectory(this.#folder);
    await vscode.workspace.fs.writeFile(this.uriOf(name), new TextEncoder().encode(text));
  }

  async list(): Promise<readonly { readonly name: string; readonly octets: number }[]> {
    const names = await vscode.workspace.fs.readDirectory(this.#folder).then(
      (entries) => entries.flatMap(([name, type]) => (type === vscode.FileType.File ? [name] : [])),
      (error: unknown) => {
        if (error instanceof vscode.FileSystemError && error.code === 'FileNotFound') return [];
        throw error;
      },
    );
    return Promise.all(names.map(async (name) => ({ name, octets: (await vscode.workspace.fs.stat(this.uriOf(name))).size })));
  }

  async remove(name: string): Promise<void> {
    await vscode.workspace.fs.delete(this.uriOf(name));
  }
}
