// What only real sockets do. The rest is in network.test.ts.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { findPortHolder, isPortHeld } from '../../../src/net';
import { datagramError } from '../../../src/net/socket-errors';
import { octets, realNetwork, RecordedTcp, recordTcp, recordUdp, unexpected, withCode } from './support';

const timeout = 20_000;
const onLinux = { timeout, skip: process.platform !== 'linux' && 'reads /proc' };
const hasIPv6 = Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ address }) => address === '::1'));

/** Runs a Node script that prints the port it holds. The caller kills it. */
async function portHolder(script: string): Promise<{ child: ChildProcess; port: number }> {
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, port: Number(line.toString()) };
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

test('CL1001 names the process that holds the port', onLinux, async () => {
  const udp = await portHolder("const s = require('dgram').createSocket('udp4').bind(0, '127.0.0.11', () => console.log(s.address().port))");
  const tcp = await portHolder("const s = require('net').createServer().listen(0, '127.0.0.11', () => console.log(s.address().port))");
  const name = readFileSync(`/proc/${udp.child.pid}/comm`, 'utf8').trim();
  const { network } = realNetwork();
  try {
    await assert.rejects(recordUdp(network, '127.0.0.11', udp.port), withCode('CL1001', new RegExp(`in use by ${name} \\(pid ${udp.child.pid}\\)`)));
    const listen = { host: '127.0.0.11', port: tcp.port, tap: unexpected, onConnection: unexpected, onError: unexpected };
    await assert.rejects(network.listenTcp(listen), withCode('CL1001', new RegExp(`in use by ${name} \\(pid ${tcp.child.pid}\\)`)));
  } finally {
    await Promise.all([kill(udp.child), kill(tcp.child)]);
  }
  assert.equal(network.openSockets, 0);
});

test('CL1001 says so when the holder is this program itself', onLinux, async () => {
  const { network } = realNetwork();
  const { socket } = await recordUdp(network, '127.0.0.11');
  await assert.rejects(recordUdp(network, '127.0.0.11', socket.local.port), withCode('CL1001', new RegExp(`by this program itself \\(pid ${process.pid}\\)`)));
  await socket.close();
});

test('isPortHeld tells silence from absence', onLinux, async () => {
  const { network } = realNetwork();
  const { socket } = await recordUdp(network, '127.0.0.11');
  const elsewhere = { ...socket.local, host: '127.0.0.12' };
  assert.equal(await isPortHeld('udp', socket.local), true);
  assert.equal(await isPortHeld('udp', elsewhere), false);
  assert.equal(await isPortHeld('tcp', socket.local), false);
  assert.equal((await findPortHolder('udp', socket.local))?.pid, process.pid);
  assert.equal(await findPortHolder('udp', elsewhere), undefined);
  const { local } = socket;
  await socket.close();
  assert.equal(await isPortHeld('udp', local), false);
});

test('a port that only a connection uses is not held: nobody can connect to it', onLinux, async () => {
  const subject = realNetwork();
  const { client, server, stop } = await recordTcp(subject);
  assert.equal(await isPortHeld('tcp', server.up.local), true);
  assert.equal(await isPortHeld('tcp', client.up.local), false);
  await Promise.all([client.up.close(), stop()]);
  await subject.until(() => subject.network.openSockets === 0);
});

test('a refusal that a platform does report becomes CL1004', () => {
  const refused = Object.assign(new Error('send ECONNREFUSED'), { code: 'ECONNREFUSED' });
  const [local, to] = [{ host: '127.0.0.1', port: 5060 }, { host: '127.0.0.1', port: 5090 }];
  assert.ok(withCode('CL1004', /Nobody listens at UDP 127\.0\.0\.1:5090/)(datagramError(refused, local, to)));
  assert.ok(withCode('CL1004', /127\.0\.0\.1:5060 was refused/)(datagramError(refused, local)));
  assert.ok(withCode('CL1003')(datagramError(new Error('send EPERM'), local, to)));
});

test('a datagram to nobody on Linux is lost in silence and leaves the socket usable', onLinux, async () => {
  const { network, until } = realNetwork();
  const [alice, gone] = [await recordUdp(network, '127.0.0.11'), await recordUdp(network, '127.0.0.12')];
  await gone.socket.close();
  alice.socket.send(octets('anybody?'), gone.socket.local);
  alice.socket.send(octets('me'), alice.socket.local);
  await until(() => alice.packets.length === 1);
  assert.deepEqual(alice.errors, []);
  await alice.socket.close();
});

test('an address that is loopback but not given to this machine is CL1003', { timeout }, async () => {
  const { network } = realNetwork({ allowBeyondLoopback: true });
  await assert.rejects(recordUdp(network, '192.0.2.77'), withCode('CL1003', /192\.0\.2\.77 is not an address of this machine/));
  await assert.rejects(recordUdp(network, 'pbx.example.com'), withCode('CL1003', /names are not looked up/));
  assert.equal(network.openSockets, 0);
});

test('who opted in may bind the wildcard address', { timeout }, async () => {
  const { network, until } = realNetwork({ allowBeyondLoopback: true });
  const [wide, alice] = [await recordUdp(network, '0.0.0.0'), await recordUdp(network, '127.0.0.11')];
  alice.socket.send(octets('hi'), { host: '127.0.0.12', port: wide.socket.local.port });
  await until(() => wide.packets.length === 1);
  await Promise.all([wide.socket.close(), alice.socket.close()]);
});

test('IPv6 loopback works for UDP and TCP', { timeout, skip: !hasIPv6 && 'this machine has no ::1' }, async () => {
  const subject = realNetwork();
  const [alice, bob] = [await recordUdp(subject.network, '::1'), await recordUdp(subject.network, '[::1]')];
  alice.socket.send(octets('six'), bob.socket.local);
  await subject.until(() => bob.packets.length === 1);
  assert.deepEqual(bob.packets[0]?.from, alice.socket.local);
  const { client, server, stop } = await recordTcp(subject, '::1');
  client.up.send(octets('six'));
  await subject.until(() => server.text === 'six');
  assert.equal(client.up.remote.host, '::1');
  await Promise.all([client.up.close(), stop(), alice.socket.close(), bob.socket.close()]);
  await subject.until(() => subject.network.openSockets === 0);
});

test('a peer that stops reading breaks the connection at the limit, not before', { timeout }, async () => {
  const { network, until } = realNetwork({ writeQueueLimit: 100_000 });
  const [client, server] = [new RecordedTcp(), new RecordedTcp()];
  // Without handlers the accepted connection never reads.
  const listener = await network.listenTcp({ host: '127.0.0.12', port: 0, tap: server.tap, onConnection: (connection) => (server.connection = connection), onError: unexpected });
  client.connection = await network.connectTcp({ to: listener.local, tap: client.tap, ...client.handlers });
  let sent = 0;
  while (client.closes.length === 0) {
    client.up.send(new Uint8Array(50_000));
    sent += 50_000;
    assert.ok(sent < 100_000_000, 'the queue is not bounded');
    await nextTurn();
  }
  assert.ok(sent > 100_000);
  assert.ok(withCode('CL1003', /does not read: \d+ octets wait for it/)(client.closes[0]));
  // Node may report a reset behind unread octets as an end, so only that it is over is certain here.
  server.up.setHandlers(server.handlers);
  await until(() => server.closes.length === 1);
  await listener.close();
  assert.equal(network.openSockets, 0);
});

test('a peer that keeps its half open does not keep close from finishing', { timeout }, async () => {
  const subject = realNetwork({ closeTimeout: 20 });
  const { client, server, stop } = await recordTcp(subject);
  server.up.setHandlers(server.patientHandlers);
  await client.up.close();
  assert.deepEqual(client.closes, [undefined]);
  await subject.until(() => server.ended);
  server.up.destroy();
  await subject.until(() => server.closes.length === 1);
  await stop();
  assert.equal(subject.network.openSockets, 0);
});

test('how the peer leaves after our close is no error of ours', { timeout }, async () => {
  const subject = realNetwork();
  const { client, server, stop } = await recordTcp(subject);
  server.up.setHandlers(server.patientHandlers);
  const closed = client.up.close();
  await subject.until(() => server.ended);
  server.up.destroy();
  await closed;
  assert.deepEqual(client.closes, [undefined]);
  await stop();
});

test('a stranger that only half-closes still gets its answer', { timeout }, async () => {
  const { network, until } = realNetwork();
  const server = new RecordedTcp();
  const listener = await network.listenTcp({
    host: '127.0.0.12',
    port: 0,
    tap: server.tap,
    onConnection: (connection) => {
      server.connection = connection;
      connection.setHandlers(server.patientHandlers);
    },
    onError: unexpected,
  });
  const stranger = connect({ ...listener.local, allowHalfOpen: true });
  let answer = '';
  stranger.on('data', (bytes: Buffer) => (answer += bytes.toString()));
  stranger.end('question');
  await until(() => server.ended);
  assert.equal(server.text, 'question');
  server.up.send(octets('answer'));
  await server.up.close();
  await until(() => answer === 'answer');
  stranger.destroy();
  await listener.close();
  assert.equal(network.openSockets, 0);
});

test('a host that does not answer a connect is CL1004 when the time is up', { timeout, skip: process.platform !== 'linux' && 'needs a backlog that fills' }, async () => {
  const { child, port } = await portHolder("const s = require('net').createServer().listen({ port: 0, host: '127.0.0.11', backlog: 1 }, () => console.log(s.address().port))");
  const { network } = realNetwork({ connectTimeout: 200 });
  child.kill('SIGSTOP');
  // The system itself accepts the first few; then a connection to the stopped process gets no answer.
  const fillers = Array.from({ length: 8 }, () => connect(port, '127.0.0.11').on('error', () => undefined));
  try {
    await Promise.race(fillers.map((filler) => once(filler, 'connect')));
    const { tap, handlers } = new RecordedTcp();
    await assert.rejects(network.connectTcp({ to: { host: '127.0.0.11', port }, tap, ...handlers }), withCode('CL1004', /did not answer within 0\.2 s/));
    assert.equal(network.openSockets, 0);
  } finally {
    for (const filler of fillers) filler.destroy();
    await kill(child);
  }
});
