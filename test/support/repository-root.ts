import { existsSync } from 'node:fs';
import path from 'node:path';

/** The repository's folder, from wherever this module came to be bundled into. */
export function repositoryRoot(): string {
  let folder = __dirname;
  while (!existsSync(path.join(folder, 'package.json'))) folder = path.dirname(folder);
  return folder;
}
