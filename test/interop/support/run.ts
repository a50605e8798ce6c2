import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { formatTrace, packetsOfJournal, writePcapng } from '../../../src/capture';
import { CryptoRandom, RealClock } from '../../../src/core';
import { type CallInfo, Lab, type LabOptions, type LabProblem, type Leaks, parseVerb, type PhoneOptions, type VerbOutcome } from '../../../src/lab';
import { buildLadder, labelOf, toMermaidFile } from '../../../src/ladder';
import { RealNetwork, type RealNetworkOptions } from '../../../src/net';
import type { Transfer } from '../../../src/trace';
import { type Guest, Place } from './place';
import { within } from './waiting';

export interface RunOptions {
  /** Where strangers wait already whom the phones need from their start; a place of its own unless given. */
  readonly place?: Place;
  readonly network?: RealNetworkOptions;
  /** What else the lab is given. */
  readonly lab?: Partial<LabOptions>;
}

/**
 * One lab on real sockets that meets strangers. What happened is written to `artifacts/interop/<name>.pcapng` and, in
 * the folder of that name, as a trace and a ladder; the logs of the strangers are there too.
 */
export class InteropRun {
  readonly lab: Lab;
  readonly place: Place;
  readonly problems: LabProblem[] = [];
  readonly #snapshots = new Map<string, CallInfo[]>();
  readonly #heard = new Map<string, string[]>();
  #leaks: Leaks | undefined;

  private constructor(name: string, phones: readonly PhoneOptions[] | undefined, { place, network, lab }: RunOptions) {
    this.place = place ?? new Place(name);
    this.lab = new Lab({
      network: new RealNetwork(network),
      clock: new RealClock(),
      random: new CryptoRandom(),
      startedAt: new Date(),
      ...(phones === undefined ? {} : { phones }),
      ...lab,
    });
  }

  static async start(test: TestContext, name: string, phones?: readonly PhoneOptions[], options: RunOptions = {}): Promise<InteropRun> {
    const run = new InteropRun(name, phones, options);
    const { lab } = run;
    test.after(() => run.#end());
    lab.on('call', (call) => {
      run.#snapshots.set(call.id, [...(run.#snapshots.get(call.id) ?? []), call]);
    });
    lab.on('hears', (phone, { phones: heard, hold }) => {
      const what = [...heard, ...(hold ? ['hold tone'] : [])].join('+');
      const before = run.#heard.get(phone) ?? [];
      if ((before.at(-1) ?? '') !== what) run.#heard.set(phone, [...before, what]);
    });
    lab.on('problem', (problem) => {
      run.problems.push(problem);
    });
    assert.deepEqual(lab.trace.transfers, []); // asked for now, the trace follows all that is to come
    await lab.start();
    for (const phone of lab.phones) assert.equal(phone.problem, undefined);
    return run;
  }

  /** Where logs go. */
  get folder(): string {
    return this.place.folder;
  }

  /** Ends `guest` with the run. */
  add<Kind extends Guest>(guest: Kind): Kind {
    return this.place.add(guest);
  }

  perform(line: string, limit = 8_000): Promise<VerbOutcome> {
    return within(this.lab.perform(parseVerb(line)), limit, () => `"${line}" is done; ${this.#describe()}`);
  }

  /** Does what must work. */
  async must(line: string, limit?: number): Promise<void> {
    const outcome = await this.perform(line, limit);
    assert.ok(outcome.ok, `"${line}": ${outcome.text}`);
  }

  until(what: string, isMet: () => boolean, limit = 6_000): Promise<void> {
    let isOverdue = false;
    return within(
      this.lab.until(() => isOverdue || isMet()),
      limit,
      () => {
        isOverdue = true; // nobody asks any more
        return `${what}; ${this.#describe()}`;
      },
    );
  }

  /** The states that a call went through, in order. */
  statesOf(call: string): readonly string[] {
    return unrepeated(this.snapshotsOf(call).map((snapshot) => snapshot.state));
  }

  /** Whether the other side held a call, as that changed. */
  heldOf(call: string): readonly boolean[] {
    return unrepeated(this.snapshotsOf(call).map((snapshot) => snapshot.held));
  }

  snapshotsOf(call: string): readonly CallInfo[] {
    return this.#snapshots.get(call) ?? [];
  }

  /** What a phone heard, as that changed: `['bob', '', 'bob']`; a hold tone is `hold tone`. */
  heardBy(phone: string): readonly string[] {
    return this.#heard.get(phone) ?? [];
  }

  callOf(phone: string, index = 0): CallInfo {
    const call = this.lab.phone(phone).calls[index];
    assert.ok(call, `${phone} has no call ${String(index)}`);
    return call;
  }

  isHearing(listener: string, speaker: string): boolean {
    return this.lab.phone(listener).hears.phones.includes(speaker);
  }

  /** Resolves with the only transfer when its verdict is reached. */
  async verdict(limit?: number): Promise<Transfer> {
    await this.until('a verdict', () => (this.lab.trace.transfers[0]?.verdict ?? 'pending') !== 'pending', limit);
    assert.equal(this.lab.trace.transfers.length, 1);
    return this.lab.trace.transfers[0]!;
  }

  /** Messages of the trace as `INVITE`, `180 Ringing`, ..., without repetitions. */
  get labels(): readonly string[] {
    return this.lab.trace.messages.filter((message) => message.retransmissionOf === undefined).map((message) => labelOf(message));
  }

  /** What the lab sent and received, `artifacts/interop/<name>.pcapng`; it is there when the run has stopped. */
  get captureFile(): string {
    return `${this.folder}.pcapng`;
  }

  /** Stops the lab, which must leave nothing behind, and sees that no call is left half open in the trace either. */
  async stopCleanly(): Promise<void> {
    assert.deepEqual(await this.stop(), { sockets: 0, timers: 0, calls: 0 });
    const open = this.lab.trace.calls.filter((call) => !['ended', 'failed', 'cancelled'].includes(call.state));
    assert.deepEqual(open.map((call) => `${call.caller.name} -> ${call.callee.name}: ${call.state}`), []);
    const unreadable = this.lab.trace.messages.filter((message) => message.sip === undefined);
    assert.deepEqual(unreadable.map((message) => message.error?.text), []);
  }

  async stop(): Promise<Leaks> {
    if (this.#leaks === undefined) {
      this.#leaks = await this.lab.stop();
      this.#write();
    }
    return this.#leaks;
  }

  async #end(): Promise<void> {
    try {
      await this.stop();
    } finally {
      await this.place.stop();
    }
  }

  #write(): void {
    const { journal, trace } = this.lab;
    writeFileSync(this.captureFile, writePcapng(packetsOfJournal(journal)));
    writeFileSync(path.join(this.folder, 'run.siptrace'), formatTrace(trace).text);
    writeFileSync(path.join(this.folder, 'run.mmd'), toMermaidFile(buildLadder(trace)));
    const entries = journal.entries.filter((entry) => entry.kind !== 'packet').map((entry) => JSON.stringify(entry));
    writeFileSync(path.join(this.folder, 'journal.jsonl'), `${entries.join('\n')}\n`);
  }

  /** Where everything stands, for the one who reads why a test failed. */
  #describe(): string {
    const phones = this.lab.phones.map(({ name, hears, calls }) => {
      const states = calls.map(({ id, peer, state, held, holding, end }) =>
        [id, 'with', peer, state, held ? 'held' : '', holding ? 'holding' : '', end?.text ?? ''].filter((word) => word !== '').join(' '),
      );
      return `  ${name}: ${states.join('; ')}; hears ${JSON.stringify(hears)}`;
    });
    const transfers = this.lab.trace.transfers.map(({ kind, verdict, reason }) => `  ${kind} ${verdict}: ${reason}`);
    const problems = this.problems.map(({ phone, code, text }) => `  problem of ${phone}: ${code} ${text}`);
    return ['now', ...phones, ...transfers, ...problems, `  messages: ${this.labels.slice(-40).join(' | ')}`].join('\n');
  }
}

function unrepeated<Value>(values: readonly Value[]): readonly Value[] {
  return values.filter((value, index) => index === 0 || value !== values[index - 1]);
}
