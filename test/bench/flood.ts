import { type ChildProcess, fork } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { CryptoRandom, RealClock } from '../../src/core';
import { Lab, parseVerb } from '../../src/lab';
import { RealNetwork } from '../../src/net';
import type { BenchResult } from '../support/measure';

/** Messages of each flood; they come as fast as one sender can send them. */
const many = 100_000;

/** Octets of the large messages, which still fit into a datagram. */
const large = 64_000;

/**
 * What a phone bears: floods of INVITE and of NOTIFY, messages of 64 kB, and a peer that stops reading, while two others
 * talk. For each it measures the memory that is left in use, the processor time, and whether the call that was up and a
 * new one were unharmed; it throws when one was not. The floods come from a process of their own. Memory is in MiB, taken
 * after a garbage collection where node was started with --expose-gc; CPU is in seconds.
 */
export async function bench(): Promise<BenchResult[]> {
  const results: BenchResult[] = [];
  for (const kind of ['INVITE', 'NOTIFY', 'large', 'deaf'] as const) results.push(...(await measure(kind)));
  return results;
}

type Kind = 'INVITE' | 'NOTIFY' | 'large' | 'deaf';

async function measure(kind: Kind): Promise<BenchResult[]> {
  const lab = new Lab({ network: new RealNetwork(), clock: new RealClock(), random: new CryptoRandom(), startedAt: new Date() });
  await lab.start();
  if (lab.trace.transfers.length > 0) throw new Error('nobody has transferred anything yet'); // made when first asked for
  await lab.perform(parseVerb('alice place bob'));
  await lab.until(() => lab.phone('bob').calls.some(({ state }) => state === 'incoming'));
  await lab.perform(parseVerb('bob answer'));
  await lab.until(() => lab.phone('alice').hears.phones.includes('bob') && lab.phone('bob').hears.phones.includes('alice'));
  const port = Number(lab.phone('charlie').uri.split(':').at(-1));
  const [memory, cpu, begun] = [usedMemory(), process.cpuUsage(), performance.now()];
  let most = memory;
  const watching = setInterval(() => (most = Math.max(most, process.memoryUsage().rss / 0x10_0000)), 50);
  await (kind === 'deaf' ? beDeaf(port) : sendFlood(kind, port));
  await new Promise((resolve) => setTimeout(resolve, 300));
  clearInterval(watching);
  const seconds = (performance.now() - begun) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  const grown = usedMemory() - memory;
  if (lab.phone('alice').hears.phones.join() !== 'bob' || lab.phone('bob').hears.phones.join() !== 'alice') throw new Error(`${kind}: the call that was up was harmed`);
  await lab.perform(parseVerb('bob hangup'));
  await lab.perform(parseVerb('bob place alice'));
  await lab.until(() => lab.phone('alice').calls.some(({ state }) => state === 'incoming'));
  const { ok, text } = await lab.perform(parseVerb('alice answer'));
  if (!ok) throw new Error(`${kind}: no new call could be made: ${text}`);
  const leaks = await lab.stop();
  if (leaks.sockets + leaks.timers + leaks.calls > 0) throw new Error(`${kind}: left behind ${JSON.stringify(leaks)}`);
  const row = (what: string, unit: string, ours: number): BenchResult => ({ bench: `flood ${kind}: ${what}`, unit, ours: Number(ours.toFixed(2)), peers: {}, ratio: 1 });
  return [row('lasted', 's', seconds), row('CPU', 's', (user + system) / 1e6), row('memory kept', 'MiB', grown), row('most memory', 'MiB', most)];
}

function usedMemory(): number {
  globalThis.gc?.();
  return process.memoryUsage().rss / 0x10_0000;
}

/** The sender has a process of its own, so that what it costs is not counted. */
async function sendFlood(kind: Exclude<Kind, 'deaf'>, port: number): Promise<void> {
  const child: ChildProcess = fork(__filename, [], { execArgv: ['--import', 'tsx'], env: { ...process.env, CALL_LAB_FLOOD: `${kind} ${String(port)}` } });
  const [code] = (await once(child, 'exit')) as [number];
  if (code !== 0) throw new Error('the flood could not be sent');
}

/** Asks for answers and reads none. */
async function beDeaf(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1').on('error', () => undefined);
  await once(socket, 'connect');
  socket.pause();
  const padding = `X: ${'x'.repeat(10_000)}\r\n`;
  for (let id = 0; id < 2_000 && !socket.destroyed; id += 1) {
    socket.write(message('OPTIONS', id, padding, '').replace('/UDP', '/TCP').replace('127.0.0.1:9', 'h'.repeat(15_000)));
    if (socket.writableLength > 0x10_0000) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  socket.destroy();
}

function message(method: string, id: number, headers: string, body: string): string {
  const lines = [
    `${method} sip:charlie@127.0.0.1 SIP/2.0`,
    `Via: SIP/2.0/UDP 127.0.0.1:9;rport;branch=z9hG4bK-flood-${String(id)}`,
    `From: <sip:mallory@127.0.0.1>;tag=f${String(id)}`,
    `To: <sip:charlie@127.0.0.1>${method === 'NOTIFY' ? ';tag=nobody' : ''}`,
    `Call-ID: flood-${String(id)}`,
    `CSeq: 1 ${method}`,
    'Contact: <sip:mallory@127.0.0.1:9>',
  ];
  return `${lines.join('\r\n')}\r\n${headers}Content-Length: ${String(body.length)}\r\n\r\n${body}`;
}

async function pour(kind: string, port: number): Promise<void> {
  const socket = createSocket('udp4');
  const subscription = 'Event: refer\r\nSubscription-State: active\r\n';
  const count = kind === 'large' ? many / 50 : many;
  for (let id = 0; id < count; id += 1) {
    const text =
      kind === 'large'
        ? message('OPTIONS', id, '', 'x'.repeat(large))
        : message(kind, id, kind === 'NOTIFY' ? subscription : '', '');
    await new Promise<void>((resolve) => {
      socket.send(text, port, '127.0.0.1', () => {
        resolve();
      });
    });
  }
  socket.close();
}

const [kind, port] = (process.env['CALL_LAB_FLOOD'] ?? '').split(' ');
if (kind !== undefined && port !== undefined) void pour(kind, Number(port));
