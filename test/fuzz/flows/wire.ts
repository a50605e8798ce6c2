import { type RandomSource, randomToken, SeededRandom, VirtualClock } from '../../../src/core';
import type { Hop, ProtocolObserver } from '../../../src/sip';
import { type AgentOptions, type AgentWire, RigAgent } from '../../support/sip-agents';
import { changeMessage, forgeRequest, forgeResponse, type MessagePlace, type Mutation, type PlacedMutation } from './mutation';

/** A message that was sent, as it was before the wire did anything to it. */
export interface SentMessage extends MessagePlace {
  readonly from: string;
  readonly to: string;
  readonly bytes: Uint8Array;
}

/** Says what happens to a message: undefined for nothing. */
export type Chooser = (message: SentMessage, wire: MutatingWire) => Mutation | undefined;

/** A message takes this long, in milliseconds. */
const delay = 1;

/** A message that waits to be overtaken waits no longer than this, in milliseconds. */
const longestSwap = 3_000;

const silent: ProtocolObserver = { stateChanged: () => undefined, timer: () => undefined };

/** User agents on a virtual clock, with nothing between them but a wire that does what it is told to their messages. */
export class MutatingWire implements AgentWire {
  readonly clock = new VirtualClock();
  readonly random: RandomSource;
  readonly observer = silent;
  readonly agents: RigAgent[] = [];
  /** Everything that was sent, to splice and replay from. */
  readonly sent: SentMessage[] = [];
  readonly applied: PlacedMutation[] = [];
  /** Once false, the wire carries everything as it is. */
  isBad = true;
  readonly #choose: Chooser;
  readonly #counts = new Map<string, number>();
  readonly #byPort = new Map<number, RigAgent>();
  readonly #ports = new Map<string, number>();
  readonly #lost = new Set<string>();
  readonly #deafUntil = new Map<string, number>();
  readonly #overtaken = new Map<string, () => void>();

  constructor(seed: number, choose: Chooser) {
    this.random = new SeededRandom(seed);
    this.#choose = choose;
  }

  add(name: string, options: AgentOptions): RigAgent {
    const port = 5061 + this.agents.length;
    const agent = new RigAgent(this, name, port, options);
    this.agents.push(agent);
    this.#byPort.set(port, agent);
    this.#ports.set(name, port);
    return agent;
  }

  carry(from: string, fromPort: number, bytes: Uint8Array, hop: Hop, onFailure: (error: Error) => void): void {
    const receiver = hop.host === '127.0.0.1' ? this.#byPort.get(hop.port) : undefined;
    if (receiver === undefined) {
      if (hop.transport !== 'udp') this.clock.setTimer(delay, () => onFailure(new Error('nobody listens there')));
      return;
    }
    const message = this.#note(from, receiver.name, bytes);
    const source: Hop = { transport: hop.transport, host: '127.0.0.1', port: fromPort };
    if (!this.isBad) {
      this.#deliver(receiver, bytes, source, delay);
      return;
    }
    if (this.#lost.size > 0 && this.#lost.has(lossKey(message))) return;
    const mutation = this.#choose(message, this);
    if (mutation === undefined) this.#deliver(receiver, bytes, source, delay);
    else this.#mutate(message, mutation, receiver, source);
    const overtaken = this.#overtaken.get(from);
    if (overtaken !== undefined && mutation?.kind !== 'swap') overtaken();
  }

  find({ label, ordinal }: MessagePlace): Uint8Array | undefined {
    return this.sent.find((message) => message.ordinal === ordinal && message.label === label)?.bytes;
  }

  #note(from: string, to: string, bytes: Uint8Array): SentMessage {
    const label = `${from}>${to} ${labelOf(bytes)}`;
    const ordinal = (this.#counts.get(label) ?? 0) + 1;
    this.#counts.set(label, ordinal);
    const message = { label, ordinal, from, to, bytes };
    this.sent.push(message);
    return message;
  }

  #mutate(message: SentMessage, mutation: Mutation, receiver: RigAgent, source: Hop): void {
    const { label, ordinal, from, to, bytes } = message;
    this.applied.push({ label, ordinal, mutation });
    switch (mutation.kind) {
      case 'drop':
        return;
      case 'lose':
        this.#lost.add(lossKey(message));
        return;
      case 'deafen':
        this.#deafUntil.set(to, this.clock.now() + mutation.during);
        return;
      case 'duplicate':
        this.#deliver(receiver, bytes, source, delay);
        this.#deliver(receiver, bytes, source, delay + mutation.after);
        return;
      case 'delay':
        this.#deliver(receiver, bytes, source, delay + mutation.by);
        return;
      case 'replay': {
        this.#deliver(receiver, bytes, source, delay);
        const earlier = this.find(mutation.of);
        if (earlier !== undefined) this.#deliver(receiver, earlier, source, delay);
        return;
      }
      case 'swap':
        this.#holdBack(from, () => this.#deliver(receiver, bytes, source, delay));
        return;
      case 'misdeliver':
        this.#deliver(this.agents.find(({ name }) => name === mutation.to) ?? receiver, bytes, source, delay);
        return;
      case 'forge-request': {
        this.#deliver(receiver, bytes, source, delay);
        const forged = forgeRequest(bytes, mutation, `z9hG4bK${randomToken(this.random, 64)}`);
        const [taker, giver] = mutation.turned ? [this.#named(from), this.#hopOf(to, source)] : [receiver, source];
        this.#deliver(taker ?? receiver, forged, giver, delay + mutation.after);
        return;
      }
      case 'forge-response': {
        this.#deliver(receiver, bytes, source, delay);
        const forged = forgeResponse(bytes, mutation);
        const sender = this.#named(from);
        if (forged !== undefined && sender !== undefined) this.#deliver(sender, forged, this.#hopOf(to, source), delay + mutation.after);
        return;
      }
      default:
        this.#deliver(receiver, changeMessage(bytes, mutation, (place) => this.find(place)), source, delay);
    }
  }

  #holdBack(from: string, release: () => void): void {
    this.#overtaken.get(from)?.();
    const timer = this.clock.setTimer(longestSwap, () => go());
    const go = (): void => {
      timer.dispose();
      this.#overtaken.delete(from);
      release();
    };
    this.#overtaken.set(from, go);
  }

  #named(name: string): RigAgent | undefined {
    return this.agents.find((agent) => agent.name === name);
  }

  #hopOf(name: string, like: Hop): Hop {
    return { ...like, port: this.#ports.get(name) ?? like.port };
  }

  #deliver(receiver: RigAgent, bytes: Uint8Array, source: Hop, after: number): void {
    this.clock.setTimer(after, () => {
      if ((this.#deafUntil.get(receiver.name) ?? 0) > this.clock.now() && this.isBad) return;
      receiver.agent.receive(bytes, source);
    });
  }
}

function lossKey({ label, bytes }: SentMessage): string {
  return `${label} ${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')}`;
}

/** `INVITE`, or `200 INVITE`. */
function labelOf(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (!startsWithVersion(bytes)) return text.toString('latin1', 0, text.indexOf(0x20));
  const sequence = text.indexOf('\r\nCSeq: ');
  const line = text.toString('latin1', sequence + 8, text.indexOf('\r\n', sequence + 8));
  return `${text.toString('latin1', 8, 11)} ${line.slice(line.indexOf(' ') + 1)}`;
}

function startsWithVersion(bytes: Uint8Array): boolean {
  return bytes[0] === 0x53 && bytes[1] === 0x49 && bytes[2] === 0x50 && bytes[3] === 0x2f;
}
