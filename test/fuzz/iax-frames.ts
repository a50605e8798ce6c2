import { parseArgs } from 'node:util';
import { SeededRandom } from '../../src/core';
import { checkFrame } from '../support/iax-check';
import { iaxSamples } from '../support/iax-samples';
import { mutateFrame } from './mutate-frame';
import { saveCrasher } from './save-crasher';

/*
 * node --import tsx test/fuzz/iax-frames.ts [--count N] [--seed S]
 *
 * Feeds the reader of IAX2 frames what random changes made out of real ones, and checks what must hold for any octets. The
 * same seed gives the same frames. A frame that breaks a rule is saved under test/fixtures/crashers, and the exit status is 1.
 */

function main(): number {
  const { values } = parseArgs({ options: { count: { type: 'string', default: '1000000' }, seed: { type: 'string', default: '1' } } });
  const [count, seed] = [Number(values.count), Number(values.seed)];
  const random = new SeededRandom(seed);
  const originals = iaxSamples();
  const outcomes = new Map<string, number>();
  Error.stackTraceLimit = 0;
  const started = performance.now();
  for (let run = 0; run < count; run += 1) {
    const bytes = mutateFrame(originals[run % originals.length]!, random, originals);
    try {
      const outcome = checkFrame(bytes);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    } catch (error) {
      console.error(`run ${run} of seed ${seed}: ${error instanceof Error ? error.message : String(error)}\nsaved as ${saveCrasher('iax', bytes, error)}`);
      return 1;
    }
  }
  const seconds = (performance.now() - started) / 1000;
  console.log(`${count} frames of seed ${seed} in ${seconds.toFixed(1)} s, ${outcomes.size} kinds`);
  for (const [outcome, times] of [...outcomes].sort(([, a], [, b]) => b - a).slice(0, 25)) console.log(`${String(times).padStart(9)}  ${outcome}`);
  return 0;
}

process.exitCode = main();
