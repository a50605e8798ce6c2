import { isMainThread } from 'node:worker_threads';
import { version } from '../../package.json';
import { describeError } from '../core';
import { readCommandLine, UsageError } from './command-line';
import { exportFile } from './export-command';
import { workOff } from './job-pool';
import { run } from './run-command';
import { BadFile } from './scenario-file';
import { serve } from './serve-command';
import { usage } from './usage';

/** 0: all is well. 1: an expectation does not hold, or no phone could start. 2: a file or an argument is wrong. */
async function main(args: readonly string[]): Promise<number> {
  try {
    const line = readCommandLine(args);
    switch (line.command) {
      case 'help':
        console.log(usage);
        return 0;
      case 'version':
        console.log(version);
        return 0;
      case 'run':
        return await run(line, __filename);
      case 'export':
        return exportFile(line);
      case 'serve':
        return await serve(line);
    }
  } catch (error) {
    if (error instanceof UsageError) console.error(`call-lab: ${error.message}\n\n${usage}`);
    else console.error(error instanceof BadFile ? error.message : `call-lab: ${describeError(error)}`);
    return 2;
  }
}

/** What a run leaves open is a failure that its report names; it must not keep the terminal as well. In milliseconds. */
const graceAtExit = 1_000;

if (isMainThread) {
  // Who reads us may stop reading (`call-lab run ... | head`); that is no error of ours.
  process.stdout.on('error', () => undefined);
  void main(process.argv.slice(2)).then((code) => {
    process.exitCode = code;
    setTimeout(() => process.exit(), graceAtExit).unref();
  });
} else {
  workOff();
}
