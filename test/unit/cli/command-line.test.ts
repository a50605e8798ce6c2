import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readCommandLine, UsageError } from '../../../src/cli/command-line';

describe('the arguments', () => {
  it('say what to run, and where what happened is to go', () => {
    assert.deepEqual(readCommandLine(['run', 'a.yaml', '--json', 'b.yaml', '--mmd', 'x.mmd', '--pcap=y.pcap']), {
      command: 'run',
      files: ['a.yaml', 'b.yaml'],
      json: true,
      outputs: { mmd: 'x.mmd', md: undefined, html: undefined, pcap: 'y.pcap', trace: undefined },
      simulation: undefined,
    });
  });

  it('ask for the simulated network by any of its properties', () => {
    const simulationOf = (...args: readonly string[]): unknown => {
      const line = readCommandLine(['run', 'a', ...args]);
      return line.command === 'run' ? line.simulation : undefined;
    };
    assert.deepEqual(simulationOf('--seed', '7'), { seeds: [7], conditions: { loss: 0, duplicate: 0, reorder: 0 } });
    assert.deepEqual(simulationOf('--loss', '0.2', '--seed', '3..5'), { seeds: [3, 4, 5], conditions: { loss: 0.2, duplicate: 0, reorder: 0 } });
    assert.deepEqual(simulationOf('--reorder', '1'), { seeds: [1], conditions: { loss: 0, duplicate: 0, reorder: 1 } });
    assert.deepEqual(simulationOf('--duplicate', '.5'), { seeds: [1], conditions: { loss: 0, duplicate: 0.5, reorder: 0 } });
  });

  it('say what to serve', () => {
    assert.deepEqual(readCommandLine(['serve']), { command: 'serve', file: undefined, json: false, keep: 20_000 });
    assert.deepEqual(readCommandLine(['serve', 'a.yaml', '--json', '--keep', '1000']), { command: 'serve', file: 'a.yaml', json: true, keep: 1_000 });
  });

  it('are refused with a sentence when they make no sense', () => {
    const wrong: readonly (readonly [readonly string[], RegExp])[] = [
      [[], /command is missing/u],
      [['walk'], /no command "walk"/u],
      [['run'], /needs the name/u],
      [['serve', '--keep', '999'], /^--keep takes a number of messages, 1000 at least, not "999"\.$/u],
      [['serve', '--keep', ''], /--keep/u],
      [['run', 'a', '--keep', '5000'], /run takes no --keep/u],
      [['run', 'a', '--sed', '3'], /^Unknown option '--sed'\.$/u],
      [['run', 'a', '--seed'], /--seed/u],
      [['run', 'a', '--seed', '5..3'], /range such as/u],
      [['run', 'a', '--seed', '-1'], /--seed/u],
      [['run', 'a', '--seed', '1.5'], /range such as/u],
      [['run', 'a', '--seed', '1..2000000'], /range such as/u],
      [['run', 'a', '--loss', '20%'], /part from 0 to 1/u],
      [['run', 'a', '--loss', '1.1'], /part from 0 to 1/u],
      [['run', 'a', '--loss='], /part from 0 to 1/u],
      [['serve', 'a', 'b'], /one file/u],
      [['serve', '--loss', '0.1'], /no --loss/u],
    ];
    for (const [args, message] of wrong) {
      assert.throws(
        () => readCommandLine(args),
        (error) => error instanceof UsageError && message.test(error.message),
        args.join(' '),
      );
    }
  });
});
