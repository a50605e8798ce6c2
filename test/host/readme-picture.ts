import { copyFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { repositoryRoot } from './driver';

const folder = path.join(repositoryRoot, 'media/readme');

/** Makes a screenshot the README's, as `name`, when the tests run with `UPDATE_PICTURES=1`. */
export function offerToReadme(file: string, name: string): void {
  if (process.env['UPDATE_PICTURES'] !== '1') return;
  mkdirSync(folder, { recursive: true });
  copyFileSync(file, path.join(folder, name));
}
