import path from 'node:path';
import { peerPath } from '../../support/peers';
import { findCommand } from '../../../scripts/lib/processes.mjs';
import { Child } from './child';
import type { InteropRun } from './run';

export type Scanner = 'svmap' | 'svwar' | 'svcrack' | 'svcrash' | 'sipsak';

/** Lets a prober of others loose, to its end, and returns what it has found out, as it writes it. */
export async function probe(run: InteropRun, scanner: Scanner, args: readonly string[]): Promise<string> {
  const child = run.add(
    new Child(scanner, programOf(scanner), args, {
      logFile: path.join(run.folder, `${scanner}-${args.join(' ').replace(/[^\w.-]+/gu, '_').slice(-80)}.log`),
      cwd: run.folder,
      // What it remembers of its sessions goes here.
      env: { HOME: run.folder, COLUMNS: '200' },
    }),
  );
  child.endInput();
  await child.exited(30_000);
  return child.output;
}

/** The four of sipvicious come together. */
function programOf(scanner: Scanner): string {
  if (scanner === 'sipsak' || scanner === 'svmap') return peerPath(scanner);
  return findCommand(scanner) ?? scanner;
}
