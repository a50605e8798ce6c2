import { setTimeout as pause } from 'node:timers/promises';
import { CryptoRandom, RealClock } from '../../src/core';
import { decodeFrame, type IaxAddress, type IaxCall, IaxEndpoint, type IaxEndpointOptions } from '../../src/iax';
import { RealNetwork, type UdpSocket } from '../../src/net';
import { iaxSamples } from '../support/iax-samples';
import { type BenchOptions, type BenchResult, compareRates } from '../support/measure';

/*
 * IAX2: frames read, calls set up and ended between two endpoints on real sockets of one process, and the voice of a hundred
 * calls in one trunk. No library for Node speaks IAX2 (the reference looked for one), so frames have a reader for a peer that
 * is written here: the same fields taken out of a DataView by hand, with nothing kept and no ranges. Calls have none.
 */

const inFlight = 32;
const trunkCalls = 100;
const trunkSeconds = 10;
const piece = new Uint8Array(160).fill(0x7f);

export async function bench({ calls = 4_000 }: BenchOptions): Promise<BenchResult[]> {
  return [parse(), await callRate(calls), await trunk()];
}

/** Frames read per second, each field of the header and each element touched. */
function parse(): BenchResult {
  const samples = iaxSamples().filter((bytes) => isWhole(bytes));
  const rates = compareRates(samples.length, {
    ours: () => samples.reduce((seen, bytes) => seen + touch(bytes), 0),
    'by hand': () => samples.reduce((seen, bytes) => seen + touchByHand(bytes), 0),
  });
  return { bench: 'iax parse', unit: 'frames/s', ...rates };
}

function isWhole(bytes: Buffer): boolean {
  try {
    const frame = decodeFrame(bytes);
    return frame.kind !== 'full' || frame.fault === undefined;
  } catch {
    return false;
  }
}

function touch(bytes: Uint8Array): number {
  const frame = decodeFrame(bytes);
  if (frame.kind === 'trunk') return frame.entries.reduce((seen, { data }) => seen + data.length, 0);
  if (frame.kind !== 'full') return frame.sourceCall + frame.timestamp + frame.data.length;
  let seen = frame.sourceCall + frame.destinationCall + (frame.isRetransmission ? 1 : 0) + frame.outgoingSequence + frame.incomingSequence;
  seen += frame.type + frame.timestamp + frame.subclass;
  for (const { value } of frame.elements) seen += typeof value === 'string' ? value.length : 1;
  return seen;
}

function touchByHand(bytes: Buffer): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const first = view.getUint16(0);
  if (first === 0) return handTrunk(bytes, view);
  if (first < 0x8000) return first + view.getUint16(2) + bytes.length - 4;
  const octet = view.getUint8(11);
  const type = view.getUint8(10);
  let seen = (first & 0x7fff) + (view.getUint16(2) & 0x7fff) + (view.getUint16(2) >> 15) + view.getUint8(8) + view.getUint8(9) + type + view.getUint32(4);
  seen += octet === 0xff ? -1 : octet > 0x7f ? 2 ** (octet & 0x3f) : octet;
  if (type !== 6) return seen;
  for (let at = 12; at < bytes.length; at += 2 + bytes[at + 1]!) {
    seen += textIds.has(bytes[at]!) ? bytes.toString('utf8', at + 2, at + 2 + bytes[at + 1]!).length : 1;
  }
  return seen;
}

const textIds = new Set([1, 2, 3, 4, 5, 6, 7, 10, 13, 15, 16, 17, 22, 26, 28, 32, 33, 45, 52]);

function handTrunk(bytes: Buffer, view: DataView): number {
  if (view.getUint8(2) > 0x7f) return (view.getUint16(2) & 0x7fff) + (view.getUint16(4) & 0x7fff) + bytes.length - 6;
  const [header, lengthAt] = view.getUint8(3) === 1 ? [6, 0] : [4, 2];
  let seen = 0;
  for (let at = 8; at + header <= bytes.length; at += header + view.getUint16(at + lengthAt)) seen += view.getUint16(at + lengthAt);
  return seen;
}

/** Endpoints of one process, each with a real socket. */
export class Pair {
  readonly clock = new RealClock();
  readonly network = new RealNetwork();
  readonly sockets: UdpSocket[] = [];
  readonly endpoints: IaxEndpoint[] = [];

  async open(host: string, options: Partial<IaxEndpointOptions> = {}): Promise<IaxEndpoint> {
    const receivers: IaxEndpoint[] = [];
    const socket = await this.network.bindUdp({
      host,
      port: 0,
      tap: () => undefined,
      onPacket: (bytes, from) => receivers[0]?.receive(from, bytes),
      onError: (error) => {
        throw error;
      },
    });
    const send = (destination: IaxAddress, bytes: Uint8Array): void => socket.send(bytes, destination);
    const endpoint = new IaxEndpoint({ clock: this.clock, random: new CryptoRandom(), local: socket.local, send, limits: { repliesPerSecond: 1e9 }, ...options });
    receivers.push(endpoint);
    this.sockets.push(socket);
    this.endpoints.push(endpoint);
    return endpoint;
  }

  async close(): Promise<void> {
    for (const endpoint of this.endpoints) endpoint.close();
    for (const socket of this.sockets) await socket.close();
    if (this.clock.pendingTimers > 0 || this.network.openSockets > 0) throw new Error('the bench leaks');
  }
}

/** NEW, CALLTOKEN, NEW, AUTHREQ, AUTHREP, ACCEPT, ANSWER, HANGUP, each acknowledged: calls per second of processor time. */
async function callRate(calls: number): Promise<BenchResult> {
  const pair = new Pair();
  const caller = await pair.open('127.0.0.1');
  const callee = await pair.open('127.0.0.1', { access: { secretOf: () => 's3cret' } });
  callee.on('incoming', (call) => call.answer());
  await placeAll(caller, callee.local, Math.min(500, calls));
  const start = process.cpuUsage();
  await placeAll(caller, callee.local, calls);
  const { user, system } = process.cpuUsage(start);
  await pair.close();
  return { bench: 'iax calls', unit: 'calls/s of processor time, both ends', ours: Math.round((calls * 1e6) / (user + system)), peers: {}, ratio: Number.NaN };
}

function placeAll(caller: IaxEndpoint, to: IaxAddress, calls: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let [placed, done] = [0, 0];
    const next = (): void => {
      if (placed === calls) return;
      placed += 1;
      const call = caller.place(to, { number: '100', username: 'alice', secret: 's3cret' });
      call.on('state', (_from, state) => {
        if (state === 'up') call.hangUp();
      });
      call.on('ended', ({ code, text }) => {
        if (code !== 16) reject(new Error(`a call failed: ${code} ${text}`));
        done += 1;
        if (done === calls) resolve();
        else next();
      });
    };
    for (let flight = 0; flight < inFlight; flight += 1) next();
  });
}

/** Ten seconds of the voice of a hundred calls, in one trunk and in real time. A piece that is lost, or comes twice, is an error. */
async function trunk(): Promise<BenchResult> {
  const pair = new Pair();
  const caller = await pair.open('127.0.0.1');
  const callee = await pair.open('127.0.0.1');
  let heard = 0;
  callee.on('incoming', (call) => {
    call.on('voice', () => (heard += 1));
    call.answer();
  });
  const calls = Array.from({ length: trunkCalls }, () => caller.place(callee.local, { number: '100', trunk: true }));
  await until(() => calls.every(({ state }) => state === 'up'));
  const start = process.cpuUsage();
  const began = performance.now();
  const rounds = trunkSeconds * 50;
  for (let round = 0; round < rounds; round += 1) {
    for (const call of calls) call.sendVoice('PCMU', piece);
    await pause(Math.max(0, began + (round + 1) * 20 - performance.now()));
  }
  await pause(200);
  const { user, system } = process.cpuUsage(start);
  hangUp(calls);
  await pair.close();
  if (heard !== rounds * trunkCalls) throw new Error(`${heard} of ${rounds * trunkCalls} pieces of voice were heard`);
  const share = (user + system) / 1e3 / trunkSeconds;
  return { bench: 'iax trunk', unit: `ms of processor time a second for ${trunkCalls} calls, none of ${heard} pieces lost`, lowerIsBetter: true, ours: Number(share.toFixed(1)), peers: {}, ratio: Number.NaN };
}

function hangUp(calls: readonly IaxCall[]): void {
  for (const call of calls) call.hangUp();
}

async function until(condition: () => boolean): Promise<void> {
  const end = performance.now() + 20_000;
  while (!condition()) {
    if (performance.now() > end) throw new Error('the calls did not come up');
    await pause(10);
  }
}
