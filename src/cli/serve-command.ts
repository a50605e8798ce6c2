import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { CallLabError, CryptoRandom, RealClock } from '../core';
import { Lab, parseVerb, type Verb } from '../lab';
import { RealNetwork } from '../net';
import type { Scenario } from '../scenario';
import type { CommandLine } from './command-line';
import { loadScenario } from './scenario-file';
import { readyEvent, type ServeEvent, watchLab } from './serve-events';
import { describeEvent } from './serve-text';
import { VerbQueue } from './verb-queue';

export type ServeLine = Extract<CommandLine, { readonly command: 'serve' }>;

/** Media packets kept: nobody looks at them. */
const mediaLimit = 2_000;

/** How long verbs that are under way when the input ends may take to their outcome, in milliseconds. */
const lastOutcomes = 5_000;

/** Verbs whose outcome is a matter of other people. */
const lengthyVerbs: ReadonlySet<Verb['verb']> = new Set(['transfer', 'attended-transfer']);

/** The phones and servers of a scenario file. */
function loadSetUp(file: string): Pick<Scenario, 'phones' | 'servers'> {
  const { phones, servers } = loadScenario(file);
  return { phones, servers };
}

/** `call-lab serve`: resolves with the exit code when the lab has stopped. */
export async function serve({ file, json, keep: keepMessages }: ServeLine): Promise<number> {
  const setUp = file === undefined ? {} : loadSetUp(file);
  const lab = new Lab({ network: new RealNetwork(), clock: new RealClock(), random: new CryptoRandom(), startedAt: new Date(), ...setUp, keepMessages, mediaLimit });
  const early: ServeEvent[] = [];
  let isReady = false;
  watchLab(lab, (event) => {
    if (isReady) print(event, json);
    else early.push(event);
  });
  await lab.start();
  const working = lab.phones.filter(({ problem }) => problem === undefined);
  print(readyEvent(working), json);
  isReady = true;
  for (const event of early) print(event, json);
  if (working.length > 0) {
    await followInput(lab, (event) => {
      print(event, json);
    });
  }
  await lab.stop();
  process.stdin.destroy();
  return working.length > 0 ? 0 : 1;
}

function print(event: ServeEvent, json: boolean): void {
  process.stdout.write(`${json ? JSON.stringify(event) : describeEvent(event)}\n`);
}

/** Carries out the verbs of standard input until it ends, or a signal comes, or nobody reads any more. */
async function followInput(lab: Lab, answer: (event: ServeEvent) => void): Promise<void> {
  const queue = new VerbQueue();
  const input = createInterface({ input: process.stdin });
  input.on('line', (line) => {
    const text = line.trim();
    if (text === '' || text.startsWith('#')) return;
    const verb = readVerb(text, answer);
    if (verb !== undefined) queue.add(() => perform(lab, verb, text, answer), lengthyVerbs.has(verb.verb));
  });
  const ended = new Promise<void>((resolve) => input.once('close', resolve)).then(async () => {
    await queue.drain(lastOutcomes);
    await verdicts(lab);
  });
  const interrupted = new Promise<void>((resolve) => {
    process.once('SIGINT', resolve).once('SIGTERM', resolve);
    process.stdout.once('error', () => {
      resolve();
    });
  });
  await Promise.race([ended, interrupted]);
  input.close();
}

/** A transfer that just worked needs a moment until it is heard who hears whom. */
async function verdicts(lab: Lab): Promise<void> {
  const settled = lab.until(() => lab.trace.transfers.every(({ verdict }) => verdict !== 'pending'));
  await Promise.race([settled, pause(lastOutcomes, undefined, { ref: false })]);
}

/** A line that is no verb is answered with an error, and nothing else happens. */
function readVerb(line: string, answer: (event: ServeEvent) => void): Verb | undefined {
  try {
    return parseVerb(line);
  } catch (error) {
    if (!(error instanceof CallLabError)) throw error;
    answer({ event: 'error', code: error.code, text: error.message, remedy: error.remedy, line });
    return undefined;
  }
}

async function perform(lab: Lab, verb: Verb, line: string, answer: (event: ServeEvent) => void): Promise<void> {
  const { ok, text, code } = await lab.perform(verb);
  answer({ event: 'outcome', verb: line, ok, text, ...(code === undefined ? {} : { code }) });
}
