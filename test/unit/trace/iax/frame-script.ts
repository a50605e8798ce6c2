import { VirtualClock } from '../../../../src/core';
import { buildCommand, buildFullFrame, buildMini, type CommandName, controls, type ControlName, type ElementValues, type FullFrame, frameTypes, retransmit } from '../../../../src/iax';
import type { SocketAddress } from '../../../../src/net';
import { Journal, TraceModel, type TraceOptions, type TracePacket } from '../../../../src/trace';

export const places = {
  customer: { host: '127.0.0.21', port: 4569 },
  secretary: { host: '127.0.0.22', port: 4569 },
  boss: { host: '127.0.0.23', port: 4569 },
  stranger: { host: '127.0.0.66', port: 4569 },
} as const satisfies Readonly<Record<string, SocketAddress>>;

export type Place = keyof typeof places;

interface ScriptedFrame extends TracePacket {
  readonly from: Place;
  readonly to: Place;
}

export interface FrameOptions {
  /** Whether the other end acknowledges it 1 ms later; true unless given. */
  readonly isAcknowledged?: boolean;
}

/** Writes down what IAX2 peers say to each other, 10 ms a frame. */
export class FrameScript {
  readonly packets: ScriptedFrame[] = [];
  now = 0;

  leg(caller: Place, callerNumber: number, callee: Place, calleeNumber: number): ScriptedLeg {
    return new ScriptedLeg(this, { place: caller, number: callerNumber }, { place: callee, number: calleeNumber });
  }

  pass(milliseconds: number): this {
    this.now += milliseconds;
    return this;
  }

  add(from: Place, to: Place, bytes: Uint8Array): void {
    this.packets.push({ at: this.now, from, to, transport: 'udp', source: places[from], destination: places[to], bytes });
  }

  /** Loses what was sent last: a lab's journal has no record of its arrival. */
  lose(): void {
    const last = this.packets.pop();
    if (last !== undefined) this.packets.push({ ...last, lost: true });
  }

  /** As a stranger's capture. */
  model(options?: TraceOptions): TraceModel {
    return TraceModel.from(this.packets, options);
  }

  /** As the journal of a lab in which all of them are phones; `hears` is what they measured at the end. */
  journal(hears: Readonly<Partial<Record<Place, readonly Place[]>>> = {}, options?: TraceOptions): TraceModel {
    const clock = new VirtualClock();
    const journal = new Journal({ clock, startedAt: new Date('2026-11-26T12:00:00.000Z') });
    const model = TraceModel.read(journal, options);
    for (const { at, from, to, source, destination, bytes, lost } of this.packets) {
      clock.advance(Math.max(0, at - journal.now()));
      for (const direction of lost === true ? (['sent'] as const) : (['sent', 'received'] as const)) {
        journal.append({ kind: 'packet', owner: direction === 'sent' ? from : to, direction, protocol: 'iax2', transport: 'iax2', source, destination, bytes });
      }
    }
    for (const [owner, phones] of Object.entries(hears)) journal.append({ kind: 'hears', owner, phones, hold: false, address: undefined });
    return model;
  }
}

interface ScriptedEnd {
  readonly place: Place;
  readonly number: number;
  outgoing: number;
  incoming: number;
}

/** One leg, with its sequence numbers. */
export class ScriptedLeg {
  readonly #script: FrameScript;
  readonly #ends: readonly [ScriptedEnd, ScriptedEnd];
  last: FullFrame | undefined;

  constructor(script: FrameScript, caller: { readonly place: Place; readonly number: number }, callee: { readonly place: Place; readonly number: number }) {
    this.#script = script;
    this.#ends = [{ ...caller, outgoing: 0, incoming: 0 }, { ...callee, outgoing: 0, incoming: 0 }];
  }

  say(from: Place, command: CommandName, elements: ElementValues = {}, options: FrameOptions = {}): this {
    const [own, other] = this.#sides(from);
    const isOpening = command === 'NEW' || command === 'REGREQ' || command === 'POKE';
    const isUncounted = command === 'TXCNT' || command === 'TXACC';
    const header = {
      sourceCall: own.number,
      destinationCall: isOpening && own.outgoing === 0 ? 0 : other.number,
      timestamp: Math.round(this.#script.now),
      outgoingSequence: isUncounted ? 0 : own.outgoing,
      incomingSequence: isUncounted ? 0 : own.incoming,
    };
    const isAcknowledged = !isUncounted && !isOpening && options.isAcknowledged !== false;
    return this.#send(own, other, buildCommand(header, command, elements), { isCounted: !isUncounted, isArriving: options.isAcknowledged !== false, isAcknowledged });
  }

  control(from: Place, name: ControlName, options: FrameOptions = {}): this {
    return this.#full(from, frameTypes.control, controls[name], new Uint8Array(0), options);
  }

  voice(from: Place, options: FrameOptions = {}): this {
    return this.#full(from, frameTypes.voice, 4, new Uint8Array(160).fill(0x7f), options);
  }

  text(from: Place, text: string): this {
    return this.#full(from, frameTypes.text, 0, Buffer.from(text), {});
  }

  mini(from: Place): this {
    const [own, other] = this.#sides(from);
    this.#script.add(own.place, other.place, buildMini(own.number, this.#script.now & 0xffff, new Uint8Array(160)).bytes);
    return this.tick();
  }

  /** The last frame once more, with the R bit. */
  again(from: Place): this {
    const [own, other] = this.#sides(from);
    if (this.last !== undefined) this.#script.add(own.place, other.place, retransmit(this.last, own.incoming).bytes);
    return this.tick();
  }

  /** NEW, ACCEPT, RINGING and, unless it is left ringing, ANSWER. */
  call(caller: Place, callee: Place, number: string, isAnswered = true): this {
    this.say(caller, 'NEW', { version: 2, calledNumber: number, format: 4, capability: 4 }).say(callee, 'ACCEPT', { format: 4 }).control(callee, 'RINGING');
    return isAnswered ? this.control(callee, 'ANSWER') : this;
  }

  tick(): this {
    this.#script.now += 10;
    return this;
  }

  #full(from: Place, type: number, subclass: number, data: Uint8Array, options: FrameOptions): this {
    const [own, other] = this.#sides(from);
    const header = {
      sourceCall: own.number,
      destinationCall: other.number,
      timestamp: Math.round(this.#script.now),
      outgoingSequence: own.outgoing,
      incomingSequence: own.incoming,
    };
    const isArriving = options.isAcknowledged !== false;
    return this.#send(own, other, buildFullFrame(header, type, subclass, data), { isCounted: true, isArriving, isAcknowledged: isArriving });
  }

  #send(own: ScriptedEnd, other: ScriptedEnd, frame: FullFrame, { isCounted, isArriving, isAcknowledged }: Readonly<Record<'isCounted' | 'isArriving' | 'isAcknowledged', boolean>>): this {
    this.last = frame;
    this.#script.add(own.place, other.place, frame.bytes);
    if (isCounted) own.outgoing += 1;
    if (isCounted && isArriving) other.incoming += 1;
    if (isAcknowledged) {
      this.#script.now += 1;
      const header = {
        sourceCall: other.number,
        destinationCall: own.number,
        timestamp: frame.timestamp,
        outgoingSequence: frame.incomingSequence,
        incomingSequence: other.incoming,
      };
      this.#script.add(other.place, own.place, buildCommand(header, 'ACK').bytes);
    }
    return this.tick();
  }

  #sides(from: Place): readonly [ScriptedEnd, ScriptedEnd] {
    const [caller, callee] = this.#ends;
    return caller.place === from ? [caller, callee] : [callee, caller];
  }
}

/** The secretary has both the customer and the boss on the line, and is about to connect them. */
export class Secretary {
  readonly script = new FrameScript();
  readonly customer = this.script.leg('customer', 2654, 'secretary', 3001);
  readonly boss = this.script.leg('secretary', 3002, 'boss', 9396);
  readonly path = this.script.leg('customer', 2654, 'boss', 9396);

  constructor(isBossUp = true) {
    this.customer.call('customer', 'secretary', '555');
    this.customer.say('secretary', 'QUELCH', { musicOnHold: '' });
    this.boss.call('secretary', 'boss', '101', isBossUp);
  }

  request(transferId = 0x1234): this {
    this.customer.say('secretary', 'TXREQ', { apparentAddress: places.boss, callNumber: 9396, transferId });
    this.boss.say('secretary', 'TXREQ', { apparentAddress: places.customer, callNumber: 2654, transferId });
    return this;
  }

  probe(transferId = 0x1234): this {
    this.path.say('boss', 'TXCNT', { transferId }).say('customer', 'TXCNT', { transferId }).say('customer', 'TXACC').say('boss', 'TXACC');
    return this;
  }

  ready(): this {
    this.boss.say('boss', 'TXREADY', { callNumber: 9396 });
    this.customer.say('customer', 'TXREADY', { callNumber: 2654 });
    return this;
  }

  resume(): this {
    this.customer.say('secretary', 'UNQUELCH');
    return this;
  }

  release(command: 'TXREL' | 'TXMEDIA' = 'TXREL', options: { readonly customer?: FrameOptions; readonly boss?: FrameOptions } = {}): this {
    this.customer.say('secretary', command, { callNumber: 9396 }, options.customer);
    this.boss.say('secretary', command, { callNumber: 2654 }, options.boss);
    return this;
  }

  talk(): this {
    this.path.voice('customer').voice('boss').mini('customer').mini('boss');
    return this;
  }
}
