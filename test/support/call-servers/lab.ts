import { CryptoRandom, RealClock } from '../../../src/core';
import { Lab } from '../../../src/lab';
import { RealNetwork } from '../../../src/net';

/* One phone of a lab that answers every call at once, with its journal on. Ends with its standard input. */

/** As a long-running lab keeps it: the newest entries of some thousand calls. */
const entryLimit = 100_000;

async function main(port: number): Promise<void> {
  const lab = new Lab({
    network: new RealNetwork(),
    clock: new RealClock(),
    random: new CryptoRandom(),
    startedAt: new Date(),
    entryLimit,
    phones: [{ name: 'bob', port, behaviour: { kind: 'answer', after: 0 } }],
  });
  await lab.start();
  const { problem } = lab.phone('bob');
  if (problem !== undefined) throw new Error(problem);
  process.stdin.resume().once('end', () => {
    const { entries, droppedEntries } = lab.journal;
    void lab.stop().then((leaks) => {
      const { problems, calls } = { problems: entries.filter((entry) => entry.kind === 'problem'), calls: lab.calls };
      console.log(JSON.stringify({ ...leaks, entries: entries.length, droppedEntries, infos: calls.length, problem: problems[0] }));
      process.exit();
    });
  });
  console.log('ready');
}

void main(Number(process.argv[2]));
