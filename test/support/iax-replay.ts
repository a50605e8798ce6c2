import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { readCapture } from '../../src/capture';
import { SeededRandom, VirtualClock } from '../../src/core';
import {
  buildFullFrame,
  type CodecName,
  codecs,
  decodeFrame,
  type ElementName,
  type ElementValues,
  type FullFrame,
  frameTypes,
  type IaxAddress,
  type IaxCall,
  IaxEndpoint,
  type IaxEndpointOptions,
  type IaxFrame,
  IaxFrameError,
  type IaxRegistration,
  rewriteElement,
  writeElement,
} from '../../src/iax';

/*
 * Puts our endpoint in the place of one party of a capture. What the others sent is sent to us at the times of the capture, with
 * our numbers, tokens and challenges in place of that party's. What its person or dialplan decided is decided again at the same
 * times (it placed a call, it answered, it began a transfer); all else our endpoint must do by itself. Then the frames of both are
 * compared, for each destination in order.
 */

const folder = path.join(__dirname, '../fixtures/iax2');

interface Captured {
  /** Milliseconds since the first packet. */
  readonly at: number;
  readonly source: IaxAddress;
  readonly destination: IaxAddress;
  readonly frame: IaxFrame;
}

export interface ReplayOptions {
  readonly capture: string;
  /** The party whose place we take: `127.0.0.2`, or with a port. */
  readonly role: string;
  /** Secrets of users, by name. */
  readonly secrets?: Readonly<Record<string, string>>;
  readonly endpoint?: Partial<IaxEndpointOptions>;
  /** Frames that the captured party, a script, sent on purpose and that no endpoint would: `IAX 44`. They are not compared. */
  readonly leaveOut?: readonly string[];
  /** A TRANSFER came, on one of the calls. */
  readonly onTransfer?: (call: IaxCall, number: string, calls: readonly IaxCall[]) => void;
  /** Called when the whole capture has been played. */
  readonly inspect?: (endpoint: IaxEndpoint, calls: readonly IaxCall[]) => void;
}

export interface ReplayResult {
  /** `- ` what only the captured party sent, `+ ` what only we did; each with its destination. */
  readonly differences: readonly string[];
  /** Frames that both sent alike. */
  readonly alike: number;
  /** Of ours, without mini frames. */
  readonly frames: readonly string[];
  readonly timersLeft: number;
}

/** What is compared of each command; whatever else it carries may differ. */
const compared: Readonly<Record<string, readonly ElementName[]>> = {
  NEW: ['calledNumber', 'username', 'format'],
  ACCEPT: ['format'],
  AUTHREQ: ['authMethods', 'username'],
  AUTHREP: ['md5Result'],
  REJECT: ['causeCode'],
  HANGUP: ['causeCode'],
  REGREQ: ['username', 'refresh'],
  REGREL: ['username'],
  REGAUTH: ['authMethods', 'username'],
  REGACK: ['username', 'refresh', 'apparentAddress'],
  REGREJ: ['causeCode'],
  UNSUPPORT: ['iaxUnknown'],
  TRANSFER: ['calledNumber', 'calledContext'],
  QUELCH: ['musicOnHold'],
  TXREQ: ['apparentAddress', 'callNumber'],
  TXREL: ['callNumber'],
  TXMEDIA: ['callNumber'],
  TXREADY: ['callNumber'],
};

const unnumbered = new Set(['ACK', 'INVAL', 'VNAK', 'TXCNT', 'TXACC']);

export function replay(options: ReplayOptions): ReplayResult {
  return new Replay(options).run();
}

class Replay {
  readonly #options: ReplayOptions;
  readonly #role: IaxAddress;
  readonly #packets: readonly Captured[];
  readonly #clock = new VirtualClock(1_000);
  readonly #endpoint: IaxEndpoint;
  readonly #sent: { readonly to: IaxAddress; readonly frame: FullFrame }[] = [];
  readonly #calls: IaxCall[] = [];
  readonly #registrations: IaxRegistration[] = [];
  /** Captured numbers of the party to ours. */
  readonly #numbers = new Map<number, number>();
  readonly #callOf = new Map<number, IaxCall>();
  /** The number that the captured party had, by peer and the peer's number. */
  readonly #roleNumbers = new Map<string, number>();
  /** What we send next, by our number and destination. */
  readonly #outgoing = new Map<string, number>();
  readonly #tokens = new Map<string, Uint8Array>();
  readonly #challenges = new Map<string, string>();
  /** Captured challenges and ids of the party, to what we have in their place. */
  readonly #captured = { challenges: new Map<string, string>(), ids: new Map<number, number>(), tokens: new Set<string>() };
  #transferId: number | undefined;
  /** Captured numbers of legs that are transferred to the captured party itself. */
  readonly #toUs = new Set<number>();

  constructor(options: ReplayOptions) {
    this.#options = options;
    const [host = '', port = '4569'] = options.role.split(':');
    this.#role = { host, port: Number(port) };
    this.#packets = readPackets(options.capture);
    for (const { source, destination, frame } of this.#packets) this.#index(source, destination, frame);
    const { secrets } = options;
    const access = secrets === undefined ? undefined : { secretOf: (user: string) => (user === '' ? '' : secrets[user]) };
    this.#endpoint = new IaxEndpoint({
      clock: this.#clock,
      random: new SeededRandom(7),
      local: this.#role,
      send: (to, bytes) => {
        this.#onSent(to, bytes);
      },
      codecs: ['PCMU'],
      ...(access === undefined ? {} : { access, registrar: { access } }),
      ...options.endpoint,
    });
    this.#endpoint.on('incoming', (call) => {
      this.#take(call);
      const { address, number } = call.leg.path;
      const role = this.#roleNumbers.get(keyOf(address, number));
      if (role !== undefined) this.#callOf.set(role, call);
    });
  }

  run(): ReplayResult {
    const start = this.#clock.now();
    for (const packet of this.#packets) {
      this.#clock.advance(Math.max(0, start + packet.at - this.#clock.now()));
      if (sameParty(packet.source, this.#role)) this.#act(packet);
      // What it sent to itself, as a server does between its two legs, we send to ourselves.
      else if (sameParty(packet.destination, this.#role)) this.#inject(packet);
    }
    this.#clock.advance(50);
    this.#options.inspect?.(this.#endpoint, this.#calls);
    const frames = this.#ours();
    this.#endpoint.close();
    this.#clock.advance(120_000);
    return { ...this.#compare(), frames, timersLeft: this.#clock.pendingTimers };
  }

  #take(call: IaxCall): void {
    this.#calls.push(call);
    const { onTransfer } = this.#options;
    if (onTransfer !== undefined) call.on('transferAsked', (number) => onTransfer(call, number, this.#calls));
  }

  #index(source: IaxAddress, destination: IaxAddress, frame: IaxFrame): void {
    if (frame.kind !== 'full' || !sameParty(source, this.#role)) return;
    const { sourceCall, destinationCall } = frame;
    if (sourceCall > 1 && destinationCall > 0) this.#roleNumbers.set(keyOf(destination, destinationCall), sourceCall);
    const challenge = frame.element('challenge');
    if (challenge !== undefined) this.#captured.challenges.set(keyOf(destination, destinationCall), challenge);
    const token = frame.element('callToken');
    if (frame.command === 'CALLTOKEN' && token !== undefined) this.#captured.tokens.add(Buffer.from(token).toString('hex'));
  }

  #onSent(to: IaxAddress, bytes: Uint8Array): void {
    if (sameParty(to, this.#role)) this.#clock.setTimer(0, () => this.#endpoint.receive(this.#role, bytes));
    const frame = decodeFrame(Uint8Array.from(bytes));
    if (frame.kind !== 'full') return;
    this.#sent.push({ to, frame });
    const { sourceCall, destinationCall } = frame;
    if (sourceCall > 1) {
      const role = this.#roleNumbers.get(keyOf(to, destinationCall));
      if (role !== undefined && !this.#numbers.has(role)) this.#numbers.set(role, sourceCall);
      if (isNumbered(frame) && !frame.isRetransmission) this.#outgoing.set(keyOf(to, sourceCall), (frame.outgoingSequence + 1) % 256);
    }
    const token = frame.element('callToken');
    if (frame.command === 'CALLTOKEN' && token !== undefined) this.#tokens.set(keyOf(to, destinationCall), token);
    const challenge = frame.element('challenge');
    if (challenge !== undefined) this.#challenges.set(keyOf(to, destinationCall), challenge);
    if (frame.command === 'TXREQ') this.#transferId = frame.element('transferId');
  }

  /** What another party sent to the captured one comes to us, with our numbers. */
  #inject({ source, frame }: Captured): void {
    if (frame.kind !== 'full') {
      this.#endpoint.receive(source, frame.bytes);
      return;
    }
    const destinationCall = this.#numbers.get(frame.destinationCall) ?? frame.destinationCall;
    const expected = this.#outgoing.get(keyOf(source, destinationCall));
    const incomingSequence = frame.sourceCall === 1 || destinationCall === 0 ? frame.incomingSequence : (expected ?? frame.incomingSequence);
    const { sourceCall, timestamp, outgoingSequence, isRetransmission, type, subclass } = frame;
    const isBare = !isNumbered(frame);
    const header = { sourceCall, destinationCall, timestamp, outgoingSequence, incomingSequence: isBare && frame.command !== 'ACK' ? frame.incomingSequence : incomingSequence, isRetransmission };
    this.#endpoint.receive(source, buildFullFrame(header, type, subclass, this.#rewriteData(source, frame)).bytes);
  }

  #rewriteData(source: IaxAddress, frame: FullFrame): Uint8Array {
    if (frame.fault !== undefined || frame.elements.length === 0) return frame.data;
    const changed: Partial<Record<ElementName, ElementValues[ElementName]>> = {};
    const token = frame.element('callToken');
    if (token !== undefined && this.#captured.tokens.has(Buffer.from(token).toString('hex'))) changed.callToken = this.#tokens.get(keyOf(source, frame.sourceCall));
    const result = frame.element('md5Result');
    if (result !== undefined) changed.md5Result = this.#prove(source, frame.sourceCall, result);
    const id = frame.element('transferId');
    if (id !== undefined && this.#captured.ids.has(id)) changed.transferId = this.#transferId;
    const number = frame.element('callNumber');
    const address = frame.element('apparentAddress');
    // The other end is ours as well.
    if (address !== undefined && sameParty(address, this.#role)) this.#toUs.add(frame.destinationCall);
    if (number !== undefined && this.#toUs.has(frame.destinationCall)) changed.callNumber = this.#numbers.get(number);
    const pieces = frame.elements.map((element) => {
      const value = element.name === undefined ? undefined : changed[element.name];
      if (value !== undefined && element.name !== undefined) return rewriteElement({ ...element, value }) ?? new Uint8Array();
      return writeElement(element.id, frame.bytes.subarray(element.dataRange.start, element.dataRange.end));
    });
    return Buffer.concat(pieces);
  }

  /** The same proof for our challenge, if it was one for the captured challenge. */
  #prove(source: IaxAddress, number: number, result: string): string {
    const captured = this.#captured.challenges.get(keyOf(source, number)) ?? '';
    const ours = this.#challenges.get(keyOf(source, number)) ?? '';
    const secret = Object.values(this.#options.secrets ?? {}).find((candidate) => md5(captured + candidate) === result);
    return secret === undefined ? result : md5(ours + secret);
  }

  /** What the person at the captured party did, ours does too. */
  #act({ destination, frame }: Captured): void {
    if (frame.kind === 'mini') {
      this.#callOf.get(frame.sourceCall)?.sendVoice('PCMU', frame.data);
      return;
    }
    if (frame.kind !== 'full' || frame.isRetransmission || this.#options.leaveOut?.includes(frame.title) === true) return;
    if (frame.command === 'NEW' || frame.command === 'REGREQ' || frame.command === 'REGREL' || frame.command === 'POKE') {
      if (!this.#numbers.has(frame.sourceCall)) this.#begin(destination, frame);
      return;
    }
    const call = this.#callOf.get(frame.sourceCall);
    if (call === undefined || call.state === 'ended') return;
    if (frame.type === frameTypes.iax) this.#command(call, frame);
    else this.#signal(call, frame);
  }

  #begin(destination: IaxAddress, frame: FullFrame): void {
    const username = frame.element('username');
    const secret = this.#options.secrets?.[username ?? ''];
    const before = this.#sent.length;
    switch (frame.command) {
      case 'NEW': {
        const call = this.#endpoint.place(destination, { number: frame.element('calledNumber') ?? '', username, secret });
        this.#take(call);
        this.#callOf.set(frame.sourceCall, call);
        break;
      }
      case 'REGREQ':
        this.#registrations.push(this.#endpoint.register(destination, { username: username ?? '', secret: secret ?? '', refresh: frame.element('refresh') ?? 60 }));
        break;
      case 'REGREL':
        this.#registrations.at(-1)?.release();
        break;
      default:
        this.#endpoint.poke(destination, () => undefined);
    }
    const number = this.#sent[before]?.frame.sourceCall;
    if (number !== undefined) this.#numbers.set(frame.sourceCall, number);
  }

  #command(call: IaxCall, frame: FullFrame): void {
    switch (frame.command) {
      case 'ACCEPT':
        if (!call.isAccepted) call.accept();
        break;
      case 'REJECT':
        call.reject({ code: frame.element('causeCode') ?? 21, text: frame.element('cause') ?? '' });
        break;
      case 'HANGUP':
        call.hangUp({ code: frame.element('causeCode') ?? 16, text: frame.element('cause') ?? '' });
        break;
      case 'QUELCH':
        if (call.holding === undefined) call.hold(frame.element('musicOnHold') ?? false);
        break;
      case 'UNQUELCH':
        if (call.holding !== undefined) call.resume();
        break;
      case 'TRANSFER':
        call.transfer(frame.element('calledNumber') ?? '', frame.element('calledContext'));
        break;
      case 'TXREQ':
        this.#connect(call, frame);
        break;
      default:
        // All the rest an endpoint does by itself.
        break;
    }
  }

  #connect(call: IaxCall, frame: FullFrame): void {
    const id = frame.element('transferId');
    if (id !== undefined) this.#captured.ids.set(id, id);
    const address = frame.element('apparentAddress');
    const number = frame.element('callNumber');
    const other = this.#calls.find(({ leg, state }) => state !== 'ended' && leg.path.number === number && sameParty(leg.path.address, address ?? leg.path.address));
    const isUnderWay = this.#sent.some((sent) => sent.frame.command === 'TXREQ');
    if (other === undefined || isUnderWay) return;
    const media = this.#packets.some((packet) => packet.frame.kind === 'full' && packet.frame.command === 'TXMEDIA' && sameParty(packet.source, this.#role));
    this.#endpoint.connect(call, other, { media, relay: false });
  }

  #signal(call: IaxCall, frame: FullFrame): void {
    switch (frame.title) {
      case 'CONTROL RINGING':
        call.report('ringing');
        return;
      case 'CONTROL ANSWER':
        call.answer();
        return;
      case 'CONTROL BUSY':
        call.report('busy');
        return;
      case 'CONTROL STOP SOUNDS':
        call.report('stop-sounds');
        return;
      case 'CONTROL HOLD':
        call.hold(true, 'hold');
        return;
      case 'CONTROL UNHOLD':
        if (call.holding !== undefined) call.resume();
        return;
      default:
        break;
    }
    if (frame.type === frameTypes.voice) call.sendVoice(codecOf(frame), frame.data);
    else if (frame.type === frameTypes.dtmfBegin) call.sendDigit(String.fromCharCode(frame.subclass));
    else if (frame.type === frameTypes.text) call.sendText(Buffer.from(frame.data).toString('utf8').replace(/\0+$/, ''));
  }

  #ours(): string[] {
    return this.#sent.filter(({ frame }) => !frame.isRetransmission).map(({ to, frame }) => describe(to, frame));
  }

  /** IAX2 reference 3.2: whether something is acknowledged by an ACK or by what is sent anyway makes no difference. */
  #isCompared(frame: FullFrame): boolean {
    return !frame.isRetransmission && frame.command !== 'ACK' && this.#options.leaveOut?.includes(frame.title) !== true;
  }

  #compare(): { readonly differences: readonly string[]; readonly alike: number } {
    const theirs = new Map<string, string[]>();
    const ours = new Map<string, string[]>();
    for (const { source, destination, frame } of this.#packets) {
      if (frame.kind === 'full' && sameParty(source, this.#role) && this.#isCompared(frame)) add(theirs, destination, describe(destination, frame));
    }
    for (const { to, frame } of this.#sent) if (this.#isCompared(frame)) add(ours, to, describe(to, frame));
    const differences: string[] = [];
    let alike = 0;
    for (const destination of new Set([...theirs.keys(), ...ours.keys()])) {
      const result = compareLists(theirs.get(destination) ?? [], ours.get(destination) ?? []);
      differences.push(...result.differences);
      alike += result.alike;
    }
    return { differences: [...differences, ...this.#unacknowledged()], alike };
  }

  /** Frames of others that the captured party acknowledged, by whatever frame, and we did not; but for those without a call (3.2). */
  #unacknowledged(): string[] {
    const theirs = this.#packets.filter(({ source }) => sameParty(source, this.#role)).map(({ destination, frame }) => ({ to: destination, frame }));
    return this.#packets.flatMap(({ source, destination, frame }) => {
      if (frame.kind !== 'full' || frame.isRetransmission || !sameParty(destination, this.#role) || sameParty(source, this.#role) || frame.sourceCall <= 1 || !isNumbered(frame)) return [];
      return acknowledges(theirs, source, frame) && !acknowledges(this.#sent, source, frame) ? [`- ACK of ${frame.title} to .${source.host.split('.').at(-1) ?? ''}`] : [];
    });
  }
}

function acknowledges(sent: readonly { readonly to: IaxAddress; readonly frame: IaxFrame }[], source: IaxAddress, received: FullFrame): boolean {
  return sent.some(({ to, frame }) => {
    if (frame.kind !== 'full' || !sameParty(to, source) || frame.destinationCall !== received.sourceCall) return false;
    return frame.command !== 'INVAL' && frame.command !== 'TXCNT' && frame.command !== 'TXACC' && ((frame.incomingSequence - received.outgoingSequence - 1) & 0xff) < 128;
  });
}

function readPackets(capture: string): readonly Captured[] {
  const { packets } = readCapture(readFileSync(path.join(folder, `${capture}.pcap`)));
  const start = packets[0]?.at ?? 0;
  return packets.flatMap(({ at, source, destination, bytes }) => {
    try {
      return [{ at: at - start, source, destination, frame: decodeFrame(bytes) }];
    } catch (error) {
      if (error instanceof IaxFrameError) return [];
      throw error;
    }
  });
}

/** `.3 TXREL callNumber=9396`: with our own number as `own`, so that it is the same in both. */
function describe({ host }: IaxAddress, frame: FullFrame): string {
  const names = compared[frame.command ?? ''] ?? [];
  const elements = names.flatMap((name) => {
    const value = frame.element(name);
    if (value === undefined) return [];
    if (name === 'md5Result') return ['proof'];
    if (name === 'callNumber' && value === frame.sourceCall) return ['own number'];
    return [`${name}=${typeof value === 'object' ? Object.values(value).join(':') : String(value)}`];
  });
  return [`.${host.split('.').at(-1) ?? ''}`, frame.title, ...elements].join(' ');
}

/** What is only in one list or the other, in order: the longest common subsequence stays. */
function compareLists(theirs: readonly string[], ours: readonly string[]): { readonly differences: readonly string[]; readonly alike: number } {
  const lengths = Array.from({ length: theirs.length + 1 }, () => new Uint16Array(ours.length + 1));
  for (let row = theirs.length - 1; row >= 0; row -= 1) {
    for (let column = ours.length - 1; column >= 0; column -= 1) {
      lengths[row]![column] = theirs[row] === ours[column] ? lengths[row + 1]![column + 1]! + 1 : Math.max(lengths[row + 1]![column]!, lengths[row]![column + 1]!);
    }
  }
  const differences: string[] = [];
  let row = 0;
  let column = 0;
  while (row < theirs.length || column < ours.length) {
    if (row < theirs.length && column < ours.length && theirs[row] === ours[column]) {
      row += 1;
      column += 1;
    } else if (column >= ours.length || (row < theirs.length && lengths[row + 1]![column]! >= lengths[row]![column + 1]!)) {
      differences.push(`- ${theirs[row]!}`);
      row += 1;
    } else {
      differences.push(`+ ${ours[column]!}`);
      column += 1;
    }
  }
  return { differences, alike: lengths[0]![0]! };
}

function add(lists: Map<string, string[]>, { host, port }: IaxAddress, line: string): void {
  const key = `${host}:${port}`;
  lists.set(key, [...(lists.get(key) ?? []), line]);
}

function isNumbered(frame: FullFrame): boolean {
  return frame.command === undefined || !unnumbered.has(frame.command);
}

function codecOf(frame: FullFrame): CodecName {
  return (Object.keys(codecs) as CodecName[]).find((name) => codecs[name] === frame.subclass) ?? 'PCMU';
}

function sameParty(a: IaxAddress, b: IaxAddress): boolean {
  return a.host === b.host && a.port === b.port;
}

function keyOf({ host, port }: IaxAddress, number: number): string {
  return `${host}:${port} ${number}`;
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}
