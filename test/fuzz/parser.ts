import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { randomInteger, SeededRandom } from '../../src/core';
import { checkMessage, checkStream } from '../support/sip-check';
import { sipSamples } from '../support/sip-samples';
import { mutate } from './mutate';
import { saveCrasher } from './save-crasher';

/*
 * node --import tsx test/fuzz/parser.ts [--count N] [--seed S]
 *
 * Feeds the parser messages that random changes made out of good ones and of the torture set, and checks what must hold for
 * any octets. The same seed gives the same messages. A message that breaks a rule is saved under test/fixtures/crashers,
 * where a unit test replays it from then on, and the exit status is 1.
 */

const fixtures = join(__dirname, '../fixtures');
/** Octets the heap may have grown by when all is done and collected. */
const ALLOWED_GROWTH = 8 * 1024 * 1024;
/** Milliseconds of processor time that no message may take. */
const ALLOWED_TIME = 1000;

function seeds(): Buffer[] {
  const torture = join(fixtures, 'rfc4475');
  const files = readdirSync(torture).filter((file) => file.endsWith('.dat'));
  return [...files.map((file) => readFileSync(join(torture, file))), ...Object.values(sipSamples).map((text) => Buffer.from(text, 'latin1'))];
}

function heapUsed(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}

/** Checks one message as a datagram and, now and then, as a piece of a stream. Returns what became of it. */
function checkOne(bytes: Buffer, random: SeededRandom): string {
  const start = performance.now();
  const outcome = checkMessage(bytes);
  if (randomInteger(random, 8) === 0) {
    const cuts = Array.from({ length: 3 }, () => randomInteger(random, bytes.length + 1));
    checkStream(bytes, cuts.sort((a, b) => a - b));
  }
  // Asking for processor time is slow; a busy machine alone is no fault of the parser.
  if (performance.now() - start > ALLOWED_TIME && processorTime(() => checkMessage(bytes)) > ALLOWED_TIME) throw new Error('it takes too long');
  return outcome;
}

function processorTime(work: () => void): number {
  const start = process.cpuUsage();
  work();
  return process.cpuUsage(start).user / 1000;
}

function main(): number {
  const { values } = parseArgs({ options: { count: { type: 'string', default: '1000000' }, seed: { type: 'string', default: '1' } } });
  const [count, seed] = [Number(values.count), Number(values.seed)];
  const random = new SeededRandom(seed);
  const originals = seeds();
  const outcomes = new Map<string, number>();
  // Most messages are refused: building a stack trace for each would take most of the time.
  Error.stackTraceLimit = 0;
  for (const original of originals) checkOne(original, random);
  const heapBefore = heapUsed();
  const started = performance.now();
  for (let run = 0; run < count; run += 1) {
    const bytes = mutate(originals[run % originals.length]!, random, originals);
    try {
      const outcome = checkOne(bytes, random);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    } catch (error) {
      console.error(`run ${run} of seed ${seed}: ${error instanceof Error ? error.message : String(error)}\nsaved as ${saveCrasher('sip', bytes, error)}`);
      return 1;
    }
  }
  const seconds = (performance.now() - started) / 1000;
  const growth = heapUsed() - heapBefore;
  console.log(`${count} messages of seed ${seed} in ${seconds.toFixed(1)} s, heap ${growth >= 0 ? '+' : ''}${(growth / 1024).toFixed(0)} KiB`);
  for (const [outcome, times] of [...outcomes].sort(([, a], [, b]) => b - a)) console.log(`${String(times).padStart(9)}  ${outcome}`);
  if (growth <= ALLOWED_GROWTH) return 0;
  console.error('the heap has grown by more than is allowed');
  return 1;
}

process.exitCode = main();
