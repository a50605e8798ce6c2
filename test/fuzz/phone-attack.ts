import assert from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { randomInteger, SeededRandom } from '../../src/core';
import type { TcpConnection, UdpSocket } from '../../src/net';
import { parseMessage, type SipMessage, validateRequest, validateResponse } from '../../src/sip';
import type { JournalEntry, PacketEntry, ProblemEntry } from '../../src/trace';
import { defaultFloodLimits } from '../../src/lab/flood-gate';
import { type LabRig, LabWorld } from '../support/lab-rig';
import { mutate } from './mutate';

export interface AttackReport {
  readonly messages: number;
  /** How many attacks the phone answered, dropped or took part in, by what the journal says of them. */
  readonly outcomes: ReadonlyMap<string, number>;
  /** How often a message of the attack ended the good call, and a new one was placed. */
  readonly newCalls: number;
  /** Octets by which the heap grew. */
  readonly heapGrowth: number;
}

const attacker = { host: '127.0.0.66', port: 5999 };

/** So many messages between two looks at the good call. */
const round = 100;

/** Octets by which the heap may grow: the journal is bounded, and nothing else may stay. */
const allowedGrowth = 24 * 1024 * 1024;

/**
 * Sends mutated messages into running phones: real flows with the Call-IDs, tags and branches of calls that are up. Throws
 * when a phone does, when the good call stops being heard without having been hung up, when a rejection is missing in
 * the journal or has no code and octets, and when anything grows or stays. The same seed gives the same attack.
 */
export async function attackPhone(count: number, seed: number): Promise<AttackReport> {
  const attack = await Attack.begin(seed);
  for (let sent = 0; sent < count; sent += round) await attack.round(Math.min(round, count - sent));
  return attack.end(count);
}

class Attack {
  readonly #rig: LabRig;
  readonly #random: SeededRandom;
  readonly #flows: readonly Buffer[];
  readonly #socket: UdpSocket;
  readonly #outcomes = new Map<string, number>();
  readonly #sockets: number;
  /** Branch and method of all requests so far. */
  readonly #transactions = new Set<string>();
  #stream: TcpConnection | undefined;
  #newCalls = 0;
  /** The 200 to the INVITE of the good call: it has both tags. */
  #goodCall: SipMessage | undefined;
  #sequence = 10;
  #heapBefore = 0;
  /** Entries of the journal before this number have been looked at. */
  #seen = 0;

  private constructor(rig: LabRig, random: SeededRandom, flows: readonly Buffer[], socket: UdpSocket) {
    this.#rig = rig;
    this.#random = random;
    this.#flows = flows;
    this.#socket = socket;
    this.#sockets = rig.world.network.openSockets;
  }

  static async begin(seed: number): Promise<Attack> {
    const world = new LabWorld({}, seed);
    const phones = [
      { name: 'alice', ringLimit: 2_000 },
      { name: 'bob', ringLimit: 2_000 },
      { name: 'charlie', behaviour: { kind: 'answer', after: 20 }, ringLimit: 2_000 },
    ] as const;
    const rig = await world.lab(phones, {
      entryLimit: 20_000,
      mediaLimit: 1_000,
      // Each refusal must be told, however many there are.
      floodLimits: { ...defaultFloodLimits, problemsOfAKind: Number.POSITIVE_INFINITY },
    });
    const flows = await recordFlows(rig);
    const ignore = (): void => undefined;
    const socket = await world.network.bindUdp({ ...attacker, tap: ignore, onPacket: ignore, onError: ignore });
    const attack = new Attack(rig, new SeededRandom(seed), flows, socket);
    await attack.#connect();
    attack.#checkJournal(); // what it holds already is in order, and its requests may be repeated by the attack
    return attack;
  }

  /** Sends so many messages, then looks at everything. */
  async round(count: number): Promise<void> {
    const { world } = this.#rig;
    for (let sent = 0; sent < count; sent += 1) {
      await this.#sendOne();
      await world.pass(randomInteger(this.#random, 4) === 0 ? randomInteger(this.#random, 20) : 1);
    }
    await world.pass(10);
    this.#checkJournal();
    await this.#checkGoodCall();
    // The first rounds fill the journal up.
    if (this.#heapBefore === 0 && this.#rig.lab.journal.droppedEntries > 0) this.#heapBefore = heapUsed();
  }

  async end(messages: number): Promise<AttackReport> {
    const { world, lab } = this.#rig;
    await this.#stream?.close();
    await this.#socket.close();
    // Every timer of a call that came to nothing has fired by then: 64*T1 twice, and the ringing.
    await world.pass(100_000);
    await this.#checkGoodCall();
    const left = this.#rig.calls().filter(({ phone, peer }) => !isGoodCall(phone, peer));
    for (const { id, phone } of left) await this.#rig.perform(`${phone} hangup ${id}`);
    await world.pass(40_000);
    const heapGrowth = this.#heapBefore === 0 ? 0 : heapUsed() - this.#heapBefore;
    assert.ok(heapGrowth < allowedGrowth, `the heap has grown by ${heapGrowth} octets`);
    assert.deepEqual(this.#rig.calls().map(({ phone, peer }) => `${phone} ${peer}`).sort(), ['alice bob', 'bob alice']);
    const { pendingTimers } = world.clock;
    assert.ok(pendingTimers <= 12, `${pendingTimers} timers run, and two streams of audio with their ears and packets need 12`);
    assert.ok(lab.journal.entries.length <= 25_000);
    assert.ok(world.network.openSockets <= this.#sockets + 3 * 64 + 2, `${world.network.openSockets} sockets are open`);
    await this.#rig.end();
    return { messages, outcomes: this.#outcomes, newCalls: this.#newCalls, heapGrowth };
  }

  async #sendOne(): Promise<void> {
    const name = ['bob', 'bob', 'bob', 'charlie', 'alice'][randomInteger(this.#random, 5)]!;
    const to = { host: '127.0.0.1', port: Number(this.#rig.lab.phone(name).uri.split(':').at(-1)) };
    const bytes = this.#draw();
    if (randomInteger(this.#random, 4) > 0) {
      if (bytes.length <= 65_507) this.#socket.send(bytes, to);
      return;
    }
    // A stream that told a lie is closed by the phone; the next message opens another.
    if (this.#stream === undefined || this.#stream.remote.port !== to.port) {
      await this.#stream?.close();
      const onClose = (): void => {
        this.#stream = undefined;
      };
      const ignore = (): void => undefined;
      const { network } = this.#rig.world;
      this.#stream = await network.connectTcp({ from: attacker.host, to, tap: ignore, onData: ignore, onClose });
    }
    this.#stream.send(bytes);
  }

  /** One message: of a real flow, of a call that is up, or of neither. */
  #draw(): Buffer {
    const random = this.#random;
    if (randomInteger(random, 50) === 0) return Buffer.from(random.bytes(1 + randomInteger(random, 900)));
    const flow = this.#flows[randomInteger(random, this.#flows.length)]!;
    const aimed = randomInteger(random, 3) === 0 ? flow : this.#aim(flow);
    // As it is, now and then: a good message of a stranger who knows the call.
    return randomInteger(random, 6) === 0 ? aimed : mutate(aimed, random, this.#flows);
  }

  /** The message with the Call-ID, tags, branch and number of something that really happens now. */
  #aim(flow: Buffer): Buffer {
    const random = this.#random;
    const live = this.#rig.lab.journal.entries.filter(isSip).slice(-40);
    const isGood = randomInteger(random, 2) === 0;
    const model = isGood ? this.#goodCall : read(live[randomInteger(random, live.length)]?.bytes);
    const own = read(flow);
    if (model === undefined || own === undefined) return flow;
    let text = flow.toString('latin1');
    const exchange = (from: string | undefined, to: string | undefined): void => {
      if (from !== undefined && from !== '' && to !== undefined) text = text.replaceAll(from, to);
    };
    const swapped = randomInteger(random, 2) === 0;
    const modelTags = [model.fromTag, model.toTag];
    exchange(own.callId, model.callId);
    exchange(own.fromTag, modelTags[swapped ? 1 : 0]);
    exchange(own.toTag, modelTags[swapped ? 0 : 1]);
    if (randomInteger(random, 2) === 0) exchange(own.topVia.branch, model.topVia.branch);
    else exchange(own.topVia.branch, `z9hG4bK${Buffer.from(random.bytes(6)).toString('hex')}`);
    // Requests of the caller go on from its own; the callee may begin anywhere.
    this.#sequence += 1;
    const sequence = isGood ? this.#sequence : model.cseq.sequence + randomInteger(random, 3);
    text = text.replace(/^CSeq: *\d+/mu, `CSeq: ${sequence}`);
    return Buffer.from(text, 'latin1');
  }

  /** Each message that cannot be served stands in the journal with a code and octets of its own. */
  #checkJournal(): void {
    const entries = this.#rig.lab.journal.entries.filter(({ seq }) => seq >= this.#seen);
    this.#seen = this.#rig.lab.journal.count;
    const problems = entries.filter((entry): entry is ProblemEntry => entry.kind === 'problem');
    const blamed = new Map(problems.map((problem) => [problem.packet, problem]));
    for (const entry of entries.filter(isSip)) {
      // Empty lines and zeros only keep a port open (RFC 5626 section 4.4.1).
      if (entry.direction !== 'received' || entry.bytes.every((octet) => octet === 13 || octet === 10 || octet === 0)) continue;
      const problem = blamed.get(entry.seq);
      const { bytes } = entry;
      // A repeat is known by its branch; what else it says is not looked at (RFC 3261 section 17.2.3).
      const transaction = transactionOf(bytes);
      // The ACK of a refusal belongs to the INVITE's transaction, which it ends whatever else it says (section 17.1.1.3).
      const isRepeat = transaction !== undefined && (this.#transactions.has(transaction) || this.#transactions.has(transaction.replace(/\|ACK$/u, '|INVITE')));
      if (transaction !== undefined) this.#transactions.add(transaction);
      if (problem === undefined) {
        if (!isRepeat) assert.equal(refusal(bytes), undefined, `nothing in the journal about\n${Buffer.from(bytes).toString('latin1')}`);
      } else {
        const { code, range } = problem;
        assert.ok(code !== '', problem.text);
        assert.ok(range !== undefined && range.start <= range.end && range.end <= bytes.length, `${problem.text}: ${JSON.stringify(range)}`);
      }
      if (entry.source.host === attacker.host) this.#count(problem?.code ?? 'taken');
    }
    for (const { code, text, packet } of problems) {
      // What has no packet is no rejection: a call of ours that found nobody, an answer that came to nothing.
      if (packet === undefined) assert.match(code, /^CL[13]\d{3}$/u, text);
    }
  }

  #count(outcome: string): void {
    this.#outcomes.set(outcome, (this.#outcomes.get(outcome) ?? 0) + 1);
  }

  /** Alice and Bob hear each other, unless somebody hung up or held: then a new call works. */
  async #checkGoodCall(): Promise<void> {
    const rig = this.#rig;
    const isUp = (phone: string, peer: string): boolean =>
      rig.calls(phone).some((call) => call.peer === peer && call.state === 'connected' && !call.held && !call.holding);
    if (isUp('alice', 'bob') && isUp('bob', 'alice')) {
      const hears = (phone: string, peer: string): boolean => rig.lab.phone(phone).hears.phones.includes(peer);
      const { world } = rig;
      const deadline = world.clock.now() + 2_000;
      while (!(hears('alice', 'bob') && hears('bob', 'alice')) && world.clock.now() < deadline) await world.pass(20);
      if (hears('alice', 'bob') && hears('bob', 'alice')) return;
      // A re-INVITE of the attack may have moved the audio, as a re-INVITE may; a new call must cure it.
    }
    this.#newCalls += 1;
    await hangUpAll(rig);
    await this.#connect();
  }

  async #connect(): Promise<void> {
    const rig = this.#rig;
    await rig.connect('alice', 'bob');
    const { callId } = rig.calls('alice').find(({ peer, state }) => peer === 'bob' && state === 'connected')!;
    const answers = rig.packets('bob', 'sent').map(({ bytes }) => parseMessage(bytes));
    this.#goodCall = answers.findLast((message) => message.kind === 'response' && message.status === 200 && message.callId === callId);
    this.#sequence += 10;
  }
}

async function hangUpAll(rig: LabRig): Promise<void> {
  for (const { id, phone } of rig.calls()) await rig.perform(`${phone} hangup ${id}`);
}

function isGoodCall(phone: string, peer: string): boolean {
  return (phone === 'alice' && peer === 'bob') || (phone === 'bob' && peer === 'alice');
}

function isSip(entry: JournalEntry): entry is PacketEntry {
  return entry.kind === 'packet' && entry.protocol === 'sip';
}

function read(bytes: Uint8Array | undefined): SipMessage | undefined {
  if (bytes === undefined) return undefined;
  try {
    const message = parseMessage(bytes);
    const fault = message.kind === 'request' ? validateRequest(message) : validateResponse(message);
    return fault === undefined ? message : undefined;
  } catch {
    return undefined;
  }
}

function transactionOf(bytes: Uint8Array): string | undefined {
  try {
    const message = parseMessage(bytes);
    return message.kind === 'request' ? `${message.topVia.branch ?? ''}|${message.method}` : undefined;
  } catch {
    return undefined;
  }
}

/** Why nobody could serve these octets; undefined when they are in order. */
function refusal(bytes: Uint8Array): string | undefined {
  try {
    const message = parseMessage(bytes);
    return (message.kind === 'request' ? validateRequest(message) : validateResponse(message))?.rule;
  } catch (error) {
    return String(error);
  }
}

function heapUsed(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}

/** Everything that phones say to each other: a call with hold and keys, a refusal, a CANCEL, both transfers. */
async function recordFlows(rig: LabRig): Promise<readonly Buffer[]> {
  await rig.connect('alice', 'bob');
  await rig.do('bob hold', 'bob resume', 'alice hold alice/1 inactive', 'alice resume', 'bob transfer to charlie');
  await hangUpAll(rig);
  await rig.connect('alice', 'bob');
  await rig.do('bob attended-transfer alice to charlie');
  await hangUpAll(rig);
  await rig.do('alice place bob');
  await rig.reaches('bob', 'incoming');
  await rig.do('alice hangup', 'alice place bob');
  await rig.reaches('bob', 'incoming');
  await rig.do('bob reject');
  await rig.world.pass(40_000);
  const texts = new Set(rig.lab.journal.entries.filter(isSip).map(({ bytes }) => Buffer.from(bytes).toString('latin1')));
  return [...texts].map((text) => Buffer.from(text, 'latin1'));
}
