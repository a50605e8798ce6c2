import assert from 'node:assert/strict';
import { SeededRandom, VirtualClock } from '../../src/core';
import { type CallInfo, Lab, type LabOptions, type Leaks, parseVerb, type PhoneOptions, type VerbOutcome } from '../../src/lab';
import { type NetworkConditions, SimulatedNetwork } from '../../src/net';
import { parseMessage, type SipMessage } from '../../src/sip';
import { OwnTimers } from '../../src/scenario/own-timers';
import { driveVirtualTime } from '../../src/scenario/virtual-time';
import type { PacketEntry } from '../../src/trace';

/** Simulated milliseconds after which a condition that does not hold is taken to hold never. */
const patience = 120_000;

/** A network in memory, its virtual time, and the labs that live on it. */
export class LabWorld {
  readonly clock = new VirtualClock();
  readonly network: SimulatedNetwork;
  readonly #seed: number;
  #labs = 0;

  constructor(conditions: Partial<NetworkConditions> = {}, seed = 1) {
    this.#seed = seed;
    this.network = new SimulatedNetwork({ clock: this.clock, random: new SeededRandom(seed), ...conditions });
  }

  /** A lab of its own on this network, started. */
  async lab(phones?: readonly PhoneOptions[], options: Partial<LabOptions> = {}): Promise<LabRig> {
    this.#labs += 1;
    const lab = new Lab({
      network: this.network,
      // Each lab answers for its own timers only.
      clock: new OwnTimers(this.clock),
      random: new SeededRandom(1_000 * this.#labs + this.#seed),
      startedAt: new Date('2026-01-01T00:00:00Z'),
      ...(phones && { phones }),
      ...options,
    });
    const rig = new LabRig(this, lab);
    await this.drive(lab.start());
    return rig;
  }

  /** Lets time pass until `work` is done. */
  drive<Result>(work: Promise<Result>): Promise<Result> {
    return driveVirtualTime(this.clock, work);
  }

  /** Lets so many milliseconds pass. */
  async pass(duration: number): Promise<void> {
    await this.drive(new Promise<void>((resolve) => void this.clock.setTimer(duration, resolve)));
  }

  /** Lets time pass until `isMet`; fails when that takes longer than anything in SIP may take. */
  async until(isMet: () => boolean, what = isMet.toString()): Promise<void> {
    const deadline = this.clock.now() + patience;
    while (!isMet()) {
      assert.ok(this.clock.now() < deadline, `this never came true: ${what}`);
      await this.pass(1);
    }
  }
}

/** A lab under virtual time, with what tests say to it. */
export class LabRig {
  readonly lab: Lab;
  readonly world: LabWorld;

  constructor(world: LabWorld, lab: Lab) {
    this.world = world;
    this.lab = lab;
  }

  /** Performs one verb and lets time pass until it is done. */
  perform(line: string): Promise<VerbOutcome> {
    return this.world.drive(this.lab.perform(parseVerb(line)));
  }

  /** Performs verbs that must work, one after the other. */
  async do(...lines: readonly string[]): Promise<void> {
    for (const line of lines) {
      const outcome = await this.perform(line);
      assert.ok(outcome.ok, `${line}: ${outcome.text}`);
    }
  }

  /** Performs a verb that must fail, with a code and a sentence. */
  async fails(line: string, code: string, text: RegExp | string): Promise<void> {
    const outcome = await this.perform(line);
    assert.deepEqual({ ok: outcome.ok, code: outcome.code }, { ok: false, code }, `${line}: ${outcome.text}`);
    if (typeof text === 'string') assert.equal(outcome.text, text);
    else assert.match(outcome.text, text);
  }

  /** Begins a verb; time stands still until somebody drives it. */
  begin(line: string): Promise<VerbOutcome> {
    return this.lab.perform(parseVerb(line));
  }

  until(isMet: () => boolean, what?: string): Promise<void> {
    return this.world.until(isMet, what);
  }

  /** Waits until a phone has a call in this state, with this peer if one is named. */
  async reaches(phone: string, state: CallInfo['state'], peer?: string): Promise<CallInfo> {
    const find = (): CallInfo | undefined => this.calls(phone).find((call) => call.state === state && (peer ?? call.peer) === call.peer);
    await this.until(() => find() !== undefined, `${phone} has a call that is ${state}`);
    return find()!;
  }

  /** One phone calls another, which answers; both hear each other. */
  async connect(caller: string, callee: string): Promise<void> {
    await this.do(`${caller} place ${callee}`);
    await this.reaches(callee, 'incoming');
    await this.do(`${callee} answer ${caller}`);
    await this.hears(caller, callee);
    await this.hears(callee, caller);
  }

  /** Waits until the phone hears exactly these phones, and no hold tone. */
  async hears(listener: string, ...speakers: readonly string[]): Promise<void> {
    const wanted = [...speakers].sort().join();
    const now = (): string => {
      const { phones, hold } = this.lab.phone(listener).hears;
      return hold ? `${phones.join()} and the hold tone` : phones.join();
    };
    await this.until(() => now() === wanted, `${listener} hears "${wanted}"`);
  }

  async hearsHoldTone(listener: string): Promise<void> {
    await this.until(() => this.lab.phone(listener).hears.hold, `${listener} hears the hold tone`);
  }

  /** The calls of a phone that have not ended; of all phones unless one is named. */
  calls(phone?: string): readonly CallInfo[] {
    return this.lab.calls.filter((call) => call.state !== 'ended' && (phone ?? call.phone) === call.phone);
  }

  /** The calls of a phone in words: `bob connected, alice connected held`. */
  state(phone: string): string {
    const words = this.calls(phone).map(({ peer, state, holding, held }) =>
      [peer, state, ...(holding ? ['holding'] : []), ...(held ? ['held'] : [])].join(' '),
    );
    return words.join(', ');
  }

  /** Journal entries of one kind that a phone owns, as `code text`. */
  problems(phone?: string): readonly string[] {
    return this.lab.journal.entries.flatMap((entry) =>
      entry.kind === 'problem' && (phone ?? entry.owner) === entry.owner ? [`${entry.code} ${entry.text}`] : [],
    );
  }

  /** SIP packets of the journal as they were sent or received by one phone. */
  packets(phone: string, direction: 'sent' | 'received'): readonly PacketEntry[] {
    return this.lab.journal.entries.filter(
      (entry): entry is PacketEntry => entry.kind === 'packet' && entry.owner === phone && entry.direction === direction,
    );
  }

  /** `INVITE`, `200 INVITE`: what one phone sent, or received. */
  messages(phone: string, direction: 'sent' | 'received'): readonly string[] {
    return this.packets(phone, direction).map(({ bytes }) => describeMessage(parseMessage(bytes)));
  }

  /** Stops the lab, which must leave nothing behind. */
  async stop(): Promise<Leaks> {
    const leaks = await this.world.drive(this.lab.stop());
    assert.deepEqual({ calls: leaks.calls, timers: leaks.timers }, { calls: 0, timers: 0 });
    return leaks;
  }

  /** Stops the only lab of its world, which must leave nothing behind. */
  async end(): Promise<void> {
    const leaks = await this.stop();
    assert.equal(leaks.sockets, 0);
  }
}

export function describeMessage(message: SipMessage): string {
  return message.kind === 'request' ? message.method : `${message.status} ${message.cseq.method}`;
}

/** A lab with phones alice, bob, charlie and dave in a world of their own; options by name. */
export async function startLab(
  phones: Readonly<Record<string, Partial<PhoneOptions>>> = {},
  options: Partial<LabOptions> = {},
  conditions: Partial<NetworkConditions> = {},
): Promise<LabRig> {
  const names = ['alice', 'bob', 'charlie', 'dave'];
  return new LabWorld(conditions).lab(names.map((name) => ({ name, ...phones[name] })), options);
}
