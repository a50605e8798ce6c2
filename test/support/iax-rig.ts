import { randomInteger, SeededRandom, VirtualClock } from '../../src/core';
import {
  type CallRequest,
  decodeFrame,
  type FullFrame,
  type IaxAddress,
  type IaxCall,
  IaxEndpoint,
  type IaxEndpointOptions,
  type IaxFrame,
  IaxFrameError,
  type VoicePacket,
} from '../../src/iax';

/** What the path between endpoints does to datagrams. */
export interface PathConditions {
  /** Chance of 0 to 1 that a datagram is lost. */
  readonly loss?: number;
  /** Chance that it comes twice. */
  readonly duplication?: number;
  /** Milliseconds that it takes at least, and at most. */
  readonly delay?: readonly [least: number, most: number];
}

/** One datagram as it left. */
export interface SentDatagram {
  readonly at: number;
  readonly from: IaxAddress;
  readonly to: IaxAddress;
  readonly bytes: Uint8Array;
}

/** An endpoint of the rig, with what it told. */
export class RigEndpoint {
  readonly endpoint: IaxEndpoint;
  readonly address: IaxAddress;
  readonly incoming: IaxCall[] = [];
  readonly problems: string[] = [];
  /** `call 1: incoming -> ringing (rule)`. */
  readonly states: string[] = [];

  constructor(rig: IaxRig, address: IaxAddress, options: Partial<IaxEndpointOptions>) {
    this.address = address;
    this.endpoint = new IaxEndpoint({
      clock: rig.clock,
      random: rig.random,
      local: address,
      observer: {
        stateChanged: (_machine, id, from, to) => this.states.push(`${id}: ${from} -> ${to}`),
        timer: () => undefined,
      },
      send: (destination, bytes) => rig.carry(address, destination, bytes),
      ...options,
    });
    this.endpoint.on('incoming', (call) => this.incoming.push(call));
    this.endpoint.on('problem', ({ text }) => this.problems.push(text));
  }

  /** The call that came in last. */
  get lastCall(): IaxCall {
    const call = this.incoming.at(-1);
    if (call === undefined) throw new Error('nobody called');
    return call;
  }

  call(other: { readonly address: IaxAddress }, request: Partial<CallRequest> = {}): IaxCall {
    return this.endpoint.place(other.address, { number: '100', ...request });
  }
}

/** IAX2 endpoints, and strangers, on a simulated path with a clock that moves when told to. */
export class IaxRig {
  readonly clock = new VirtualClock(1_000);
  readonly random: SeededRandom;
  readonly sent: SentDatagram[] = [];
  conditions: PathConditions;
  /** Called for each datagram before it leaves; false loses it. */
  filter: (datagram: SentDatagram) => boolean = () => true;
  readonly #receivers = new Map<string, (source: IaxAddress, bytes: Uint8Array) => void>();
  readonly #endpoints: RigEndpoint[] = [];

  constructor(conditions: PathConditions = {}, seed = 1) {
    this.conditions = conditions;
    this.random = new SeededRandom(seed);
  }

  /** An endpoint at 127.0.0.`host`:4569. */
  endpoint(host: number, options: Partial<IaxEndpointOptions> = {}): RigEndpoint {
    const address = { host: `127.0.0.${host}`, port: 4569 };
    const made = new RigEndpoint(this, address, options);
    this.#receivers.set(keyOf(address), (source, bytes) => made.endpoint.receive(source, bytes));
    this.#endpoints.push(made);
    return made;
  }

  /** Somebody at 127.0.0.`host`:4569 who sends and receives bare frames. */
  stranger(host: number): Stranger {
    const address = { host: `127.0.0.${host}`, port: 4569 };
    const stranger = new Stranger(this, address);
    this.#receivers.set(keyOf(address), (_source, bytes) => stranger.received.push(decodeFrame(bytes)));
    return stranger;
  }

  /** Takes one datagram from its sender to its receiver, if it gets there. */
  carry(from: IaxAddress, to: IaxAddress, bytes: Uint8Array): void {
    const datagram = { at: this.clock.now(), from, to, bytes };
    this.sent.push(datagram);
    if (!this.filter(datagram)) return;
    const { loss = 0, duplication = 0, delay: [least, most] = [1, 1] } = this.conditions;
    if (loss > 0 && this.random.fraction() < loss) return;
    const copies = duplication > 0 && this.random.fraction() < duplication ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      this.clock.setTimer(least + randomInteger(this.random, most - least + 1), () => this.#receivers.get(keyOf(to))?.(from, bytes));
    }
  }

  /** Lets `duration` milliseconds pass. */
  run(duration: number): void {
    this.clock.advance(duration);
  }

  /** `NEW`, `ACK`, `VOICE PCMU`, `mini`: titles of what `from` sent (to anybody), repeats marked by a star. */
  titles(from: { readonly address: IaxAddress }): string[] {
    return this.sent.filter((datagram) => keyOf(datagram.from) === keyOf(from.address)).map(({ bytes }) => titleOf(bytes));
  }

  /** Closes all endpoints; returns the timers that are left, which must be none. */
  close(): number {
    for (const { endpoint } of this.#endpoints) endpoint.close();
    this.clock.advance(60_000);
    return this.clock.pendingTimers;
  }
}

/** Somebody who knows the frames and no rules. */
export class Stranger {
  readonly address: IaxAddress;
  readonly received: IaxFrame[] = [];
  readonly #rig: IaxRig;

  constructor(rig: IaxRig, address: IaxAddress) {
    this.#rig = rig;
    this.address = address;
  }

  send(to: { readonly address: IaxAddress }, frame: { readonly bytes: Uint8Array } | Uint8Array): void {
    this.#rig.carry(this.address, to.address, frame instanceof Uint8Array ? frame : frame.bytes);
  }

  /** The full frames among what came, in order. */
  get frames(): FullFrame[] {
    return this.received.filter((frame) => frame.kind === 'full');
  }

  get last(): FullFrame {
    const frame = this.frames.at(-1);
    if (frame === undefined) throw new Error('nothing came');
    return frame;
  }
}

/** What `call` hears, as it comes. */
export function listenTo(call: IaxCall): VoicePacket[] {
  const heard: VoicePacket[] = [];
  call.on('voice', (packet) => heard.push(packet));
  return heard;
}

export function titleOf(bytes: Uint8Array): string {
  try {
    const frame = decodeFrame(bytes);
    return frame.kind === 'full' ? `${frame.title}${frame.isRetransmission ? '*' : ''}` : frame.kind;
  } catch (error) {
    if (error instanceof IaxFrameError) return error.fault.code;
    throw error;
  }
}

function keyOf({ host, port }: IaxAddress): string {
  return `${host}:${port}`;
}
