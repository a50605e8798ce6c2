import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import { CryptoRandom, RealClock } from '../../../src/core';
import { type FloodLimits, Lab, parseVerb } from '../../../src/lab';
import { RealNetwork } from '../../../src/net';

/* What a hostile peer can do to a phone on real sockets: much, large, slow; and what becomes of the others' calls. */

interface Message {
  readonly method: string;
  readonly id: number;
  readonly toTag?: boolean;
  readonly headers?: string;
  readonly body?: string;
}

function text({ method, id, toTag = false, headers = '', body = '' }: Message): string {
  return [
    `${method} sip:charlie@127.0.0.1 SIP/2.0`,
    `Via: SIP/2.0/UDP 127.0.0.1:9;rport;branch=z9hG4bK-flood-${String(id)}`,
    'Max-Forwards: 70',
    `From: <sip:mallory@127.0.0.1>;tag=f${String(id)}`,
    `To: <sip:charlie@127.0.0.1>${toTag ? ';tag=nobody' : ''}`,
    `Call-ID: flood-${String(id)}`,
    `CSeq: 1 ${method}`,
    'Contact: <sip:mallory@127.0.0.1:9>',
    `${headers}Content-Length: ${String(body.length)}`,
    '',
    body,
  ].join('\r\n');
}

async function connectedLab(floodLimits?: FloodLimits) {
  const network = new RealNetwork({ writeQueueLimit: 0x2_0000 });
  const lab = new Lab({ network, clock: new RealClock(), random: new CryptoRandom(), startedAt: new Date(), ...(floodLimits && { floodLimits }) });
  await lab.start();
  await lab.perform(parseVerb('alice place bob'));
  await lab.until(() => lab.phone('bob').calls.some(({ state }) => state === 'incoming'));
  await lab.perform(parseVerb('bob answer'));
  await lab.until(() => lab.phone('alice').hears.phones.includes('bob') && lab.phone('bob').hears.phones.includes('alice'));
  const { port } = new URL(lab.phone('charlie').uri.replace('sip:charlie@', 'http://'));
  return { lab, network, charlie: { host: '127.0.0.1', port: Number(port) } };
}

type Connected = Awaited<ReturnType<typeof connectedLab>>;

/** The call that was up is up, the phone takes calls, and nothing is left behind in the end. */
async function unharmed({ lab }: Connected): Promise<void> {
  assert.deepEqual(lab.phone('alice').hears.phones, ['bob']);
  assert.deepEqual(lab.phone('bob').hears.phones, ['alice']);
  const leaks = await lab.stop();
  assert.deepEqual(leaks, { sockets: 0, timers: 0, calls: 0 });
}

async function flood(socket: Socket, port: number, count: number, make: (id: number) => string): Promise<void> {
  for (let id = 0; id < count; id += 1) {
    socket.send(make(id), port, '127.0.0.1');
    if (id % 200 === 199) await new Promise((resolve) => setImmediate(resolve));
  }
}

async function udpPeer(): Promise<{ socket: Socket; texts: string[] }> {
  const socket = createSocket('udp4');
  const texts: string[] = [];
  socket.on('message', (data) => texts.push(data.toString('latin1')));
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { socket, texts };
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 200));

describe('a flood', { timeout: 60_000 }, () => {
  it('of INVITEs rings so often and no more, is refused without a trace of state, and is dropped beyond that', async () => {
    const world = await connectedLab({ newPerSecond: 500, perSourceAndSecond: 10_000 });
    const { lab, charlie } = world;
    const { socket, texts } = await udpPeer();
    const before = lab.journal.count;
    await flood(socket, charlie.port, 20_000, (id) => text({ method: 'INVITE', id }));
    await settled();
    const calls = lab.phone('charlie').calls.filter(({ state }) => state === 'incoming').length;
    assert.equal(calls, 256);
    assert.ok(texts.some((answer) => answer.startsWith('SIP/2.0 486 ')), texts.slice(-2).join(' '));
    const entries = lab.journal.entries.filter(({ owner, seq }) => owner === 'charlie' && seq >= before);
    const received = entries.filter((entry) => entry.kind === 'packet' && entry.direction === 'received').length;
    assert.ok(received < 10_000, `what is too much is not journalled: ${String(received)} were`);
    const problems = entries.flatMap((entry) => (entry.kind === 'problem' ? [entry.text] : []));
    assert.ok(problems.length < 250, `and reported in short: ${String(problems.length)}`);
    assert.ok(problems.some((problem) => /^Too many messages: \d+ were dropped unread, the last from 127\.0\.0\.1:\d+\.$/u.test(problem)));
    socket.close();
    await unharmed(world);
  });

  it('of NOTIFYs for no subscription costs no more than an answer each', async () => {
    const world = await connectedLab();
    const { lab, charlie } = world;
    const { socket, texts } = await udpPeer();
    const headers = 'Event: refer\r\nSubscription-State: active\r\n';
    await flood(socket, charlie.port, 5_000, (id) => text({ method: 'NOTIFY', id, toTag: true, headers }));
    await settled();
    assert.ok(texts.length > 0 && texts.every((answer) => answer.startsWith('SIP/2.0 481 ')));
    assert.equal(lab.phone('charlie').calls.length, 0);
    socket.close();
    await unharmed(world);
  });

  it('of a request that came before gets the same answer, tag and all, and still no state', async () => {
    const world = await connectedLab();
    const { charlie } = world;
    const { socket, texts } = await udpPeer();
    await flood(socket, charlie.port, 300, (id) => text({ method: 'INVITE', id }));
    const answers = (): string[] => texts.filter((answer) => answer.startsWith('SIP/2.0 486 '));
    while (answers().length < 44) await settled();
    const busy = answers();
    const again = Number(/Call-ID: flood-(?<id>\d+)/u.exec(busy[0] ?? '')?.groups?.['id']);
    texts.length = 0;
    await flood(socket, charlie.port, 1, () => text({ method: 'INVITE', id: again }));
    while (answers().length === 0) await settled();
    assert.deepEqual(answers(), [busy[0]]);
    socket.close();
    await unharmed(world);
  });
});

describe('a message', { timeout: 60_000 }, () => {
  it('of 64 kB is read, answered, and does no harm', async () => {
    const world = await connectedLab();
    const { charlie } = world;
    const { socket, texts } = await udpPeer();
    socket.send(text({ method: 'OPTIONS', id: 1, headers: `X: ${'x'.repeat(50_000)}\r\n`, body: 'y'.repeat(14_000) }), charlie.port, '127.0.0.1');
    while (texts.length === 0) await settled();
    assert.match(texts[0]!, /^SIP\/2\.0 (?:200|413|513) /u);
    socket.close();
    await unharmed(world);
  });

  it('whose Content-Length lies over UDP gets 400, and one that comes octet by octet over TCP is served', async () => {
    const world = await connectedLab();
    const { charlie } = world;
    const { socket: udp, texts } = await udpPeer();
    udp.send(text({ method: 'OPTIONS', id: 1 }).replace('Content-Length: 0', 'Content-Length: 9999'), charlie.port, '127.0.0.1');
    while (texts.length === 0) await settled();
    assert.match(texts[0]!, /^SIP\/2\.0 400 /u);
    const tcp = connect(charlie);
    let answer = '';
    tcp.on('data', (data) => (answer += data.toString()));
    await once(tcp, 'connect');
    for (const octet of text({ method: 'OPTIONS', id: 2 }).replace('/UDP', '/TCP')) {
      tcp.write(octet);
      await new Promise((resolve) => setImmediate(resolve));
    }
    while (answer === '') await settled();
    assert.match(answer, /^SIP\/2\.0 200 /u);
    tcp.destroy();
    udp.close();
    await unharmed(world);
  });
});

describe('a peer that stops reading', { timeout: 60_000 }, () => {
  it('is dropped with a reason when too much waits for it', async () => {
    const world = await connectedLab();
    const { lab, charlie } = world;
    const tcp = connect(charlie).on('error', () => undefined);
    await once(tcp, 'connect');
    tcp.pause();
    const closed = new Promise<void>((resolve) => tcp.once('close', () => resolve()));
    const isTold = (): boolean => lab.journal.entries.some((entry) => entry.kind === 'problem' && /does not read: \d+ octets wait for it/u.test(entry.text));
    for (let id = 0; !isTold(); id += 1) {
      const padding = `X-Padding: ${'x'.repeat(8_000)}\r\n`;
      if (!tcp.destroyed) tcp.write(text({ method: 'OPTIONS', id, headers: padding }).replace('/UDP 127.0.0.1:9', `/TCP ${'h'.repeat(30_000)}`));
      await new Promise((resolve) => setImmediate(resolve));
    }
    tcp.resume();
    await closed;
    await unharmed(world);
  });
});
