import assert from 'node:assert/strict';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import { requirePeer } from '../support/peers';
import { Child } from './support/child';
import { InteropRun } from './support/run';
import { Sipp } from './support/sipp';

const root = path.join(import.meta.dirname, '..', '..');

/** One line that `call-lab serve --json` prints. */
interface ServedEvent {
  readonly event: string;
  readonly [field: string]: unknown;
}

/** `call-lab serve --json`, told what to do line by line as a script would. */
class Served {
  readonly #child: Child;

  constructor(test: TestContext, run: InteropRun, args: readonly string[] = []) {
    this.#child = new Child(
      'call-lab serve',
      process.execPath,
      ['--import', 'tsx', path.join(root, 'src', 'cli', 'main.ts'), 'serve', ...args, '--json'],
      { logFile: path.join(run.folder, 'serve.jsonl'), cwd: root },
    );
    test.after(() => this.#child.stop());
  }

  get events(): readonly ServedEvent[] {
    return this.#child.lines.map((line) => JSON.parse(line) as ServedEvent);
  }

  /** The first event that has these fields. */
  async event(wanted: ServedEvent, limit = 6_000): Promise<ServedEvent> {
    const find = (): ServedEvent | undefined =>
      this.events.find((event) => Object.entries(wanted).every(([field, value]) => JSON.stringify(event[field]) === JSON.stringify(value)));
    await this.#child.until(JSON.stringify(wanted), () => find() !== undefined, limit);
    return find()!;
  }

  /** Says one line, which must work. */
  async must(line: string): Promise<void> {
    const outcomes = (): readonly ServedEvent[] => this.events.filter(({ event, verb }) => event === 'outcome' && verb === line);
    const before = outcomes().length;
    this.say(line);
    await this.#child.until(`the outcome of "${line}"`, () => outcomes().length > before, 8_000);
    const outcome = outcomes().at(-1);
    assert.equal(outcome?.['ok'], true, String(outcome?.['text']));
  }

  say(line: string): void {
    this.#child.write(line);
  }

  endInput(): void {
    this.#child.endInput();
  }

  interrupt(): void {
    this.#child.signal('SIGINT');
  }

  exited(): Promise<number> {
    return this.#child.exited(8_000);
  }
}

test('a script drives phones against SIPp through call-lab serve', requirePeer('sipp'), async (context) => {
  // The lab of this run only keeps the logs together; the phones are those of the other process.
  const run = await InteropRun.start(context, 'serve', []);
  const served = new Served(context, run);
  const ready = await served.event({ event: 'ready' }, 10_000);
  assert.deepEqual(served.events[0], ready, 'ready is the first line');
  const phones = ready['phones'] as readonly { readonly name: string; readonly uri: string; readonly transports: readonly string[] }[];
  assert.deepEqual(
    phones.map(({ name, transports }) => [name, transports]),
    ['alice', 'bob', 'charlie'].map((name) => [name, ['udp', 'tcp']]),
  );

  // Out: a phone calls SIPp, hears itself through its echo, and hangs up.
  const callee = await Sipp.start(run, { scenario: 'uas' });
  await served.must(`alice place ${callee.uri}`);
  await served.event({ event: 'call', id: 'alice/1', state: 'connected' });
  await served.event({ event: 'hears', phone: 'alice', hears: ['alice'] });
  await served.must('alice hangup sipp');
  await served.event({ event: 'call', id: 'alice/1', state: 'ended' });

  // In: SIPp calls a phone, which a person answers and sends on.
  const caller = await Sipp.start(run, { scenario: 'uac-offer-in-answer', target: phones[1]!.uri });
  await served.event({ event: 'call', id: 'bob/1', state: 'incoming' });
  await served.must('bob answer');
  await served.event({ event: 'hears', phone: 'bob', hears: ['bob'] });
  await served.must('bob hangup');
  assert.equal((await caller.finished()).code, 0, caller.errors);

  // Refused: a callee that is busy, and a line that is no verb.
  const busy = await Sipp.start(run, { scenario: 'uas-busy' });
  await served.must(`charlie place ${busy.uri}`);
  const over = await served.event({ event: 'call', id: 'charlie/1', state: 'ended' });
  assert.deepEqual(over['end'], { by: 'peer', status: 486, text: 'Busy Here' });
  assert.equal((await busy.finished()).code, 0, busy.errors);
  served.say('charlie whistle');
  const error = await served.event({ event: 'error', line: 'charlie whistle' });
  assert.equal(error['code'], 'CL3008');

  // A transfer among the phones, with its verdict.
  await served.must('alice place bob');
  await served.event({ event: 'call', id: 'bob/2', state: 'incoming' });
  await served.must('bob answer');
  await served.event({ event: 'hears', phone: 'bob', hears: ['alice'] });
  served.say('bob transfer alice to charlie');
  await served.event({ event: 'call', phone: 'charlie', state: 'incoming' });
  await served.must('charlie answer');
  await served.event({ event: 'outcome', verb: 'bob transfer alice to charlie', ok: true });
  await served.event({ event: 'transfer', kind: 'blind', verdict: 'success' });

  served.endInput();
  assert.equal(await served.exited(), 0);
  assert.equal((await callee.finished()).code, 0, callee.errors);
});

test('an interrupted call-lab serve hangs up at SIPp and exits cleanly', requirePeer('sipp'), async (context) => {
  const run = await InteropRun.start(context, 'serve-interrupted', []);
  const served = new Served(context, run);
  const ready = await served.event({ event: 'ready' }, 10_000);
  const [alice] = ready['phones'] as readonly { readonly uri: string }[];
  const caller = await Sipp.start(run, { scenario: 'uac-offer-in-answer', target: alice!.uri });
  await served.event({ event: 'call', id: 'alice/1', state: 'incoming' });
  await served.must('alice answer');

  served.interrupt();

  assert.equal(await served.exited(), 0);
  // It got the BYE that its scenario waits for.
  assert.equal((await caller.finished()).code, 0, caller.errors);
});
