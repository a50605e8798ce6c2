import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { SeededRandom } from '../../src/core';
import { toHex } from '../support/hex';
import { checkFrame } from '../support/iax-check';
import { iaxSamples } from '../support/iax-samples';
import { mutateFrame } from './mutate-frame';

/*
 * node --import tsx test/fuzz/iax-frames.ts [--count N] [--seed S]
 *
 * Feeds the reader of IAX2 frames what random changes made out of real ones, and checks what must hold for any octets. The
 * same seed gives the same frames. A frame that breaks a rule is saved under test/fixtures/crashers, and the exit status is 1.
 */

function save(bytes: Buffer, error: unknown): string {
  const folder = join(__dirname, '../fixtures/crashers');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `iax-${createHash('sha256').update(bytes).digest('hex').slice(0, 12)}.hex`);
  const reason = error instanceof Error ? error.message : String(error);
  writeFileSync(file, toHex(bytes, reason.split('\n')[0] ?? ''));
  return file;
}

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
      console.error(`run ${run} of seed ${seed}: ${error instanceof Error ? error.message : String(error)}\nsaved as ${save(bytes, error)}`);
      return 1;
    }
  }
  const seconds = (performance.now() - started) / 1000;
  console.log(`${count} frames of seed ${seed} in ${seconds.toFixed(1)} s, ${outcomes.size} kinds`);
  for (const [outcome, times] of [...outcomes].sort(([, a], [, b]) => b - a).slice(0, 25)) console.log(`${String(times).padStart(9)}  ${outcome}`);
  return 0;
}

process.exitCode = main();
