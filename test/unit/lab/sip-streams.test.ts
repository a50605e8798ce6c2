import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import { WebSocket } from 'ws';
import { RealClock, SeededRandom, VirtualClock } from '../../../src/core';
import { SipTransport, type SipTransportOptions } from '../../../src/lab/sip-transport';
import { RealNetwork, SimulatedNetwork, type TcpConnection } from '../../../src/net';
import type { Hop } from '../../../src/sip';

/* Connections that die, that say nothing, that nobody can connect to: on real sockets where the system has a say. */

const request = (id: string, method = 'OPTIONS'): string => `${method} sip:x SIP/2.0\r\nCall-ID: ${id}\r\nContent-Length: 0\r\n\r\n`;
const response = (id: string): string => `SIP/2.0 200 OK\r\nCall-ID: ${id}\r\nContent-Length: 0\r\n\r\n`;

class Desk {
  readonly network = new RealNetwork();
  readonly clock = new RealClock();
  readonly heard: { readonly text: string; readonly source: Hop }[] = [];
  readonly problems: string[] = [];
  readonly failures: string[] = [];
  transport!: SipTransport;

  static async open(more: Partial<SipTransportOptions> = {}): Promise<Desk> {
    const desk = new Desk();
    desk.transport = await SipTransport.open({
      network: desk.network,
      clock: desk.clock,
      host: '127.0.0.1',
      port: 0,
      journal: () => undefined,
      onMessage: (bytes, source) => desk.heard.push({ text: Buffer.from(bytes).toString('latin1'), source }),
      onProblem: (code, text) => desk.problems.push(`${code} ${text}`),
      ...more,
    });
    return desk;
  }

  send(text: string, hop: Hop): void {
    this.transport.send(Buffer.from(text), hop, (error) => this.failures.push(error.message));
  }

  async close(): Promise<void> {
    await this.transport.close();
    assert.deepEqual([this.network.openSockets, this.clock.pendingTimers], [0, 0]);
  }
}

async function until(isMet: () => boolean): Promise<void> {
  while (!isMet()) await new Promise((resolve) => setTimeout(resolve, 2));
}

/** A peer that does with each connection, counted from 1, what it is told. */
async function peer(onText: (text: string, socket: Socket, connection: number) => void): Promise<{ server: Server; hop: Hop; count: () => number }> {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    const mine = connections;
    socket.on('error', () => undefined).on('data', (data) => onText(data.toString('latin1'), socket, mine));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, hop: { transport: 'tcp', host: '127.0.0.1', port: (server.address() as AddressInfo).port }, count: () => connections };
}

describe('what goes into a connection that is dead', { timeout: 20_000 }, () => {
  it('is sent again over a new one: once, and all of it', async () => {
    const seen: string[] = [];
    const { server, hop, count } = await peer((text, socket, connection) => {
      if (connection === 1 && text.includes('one')) socket.resetAndDestroy();
      else seen.push(...[...text.matchAll(/Call-ID: (?<id>\w+)/gu)].map(({ groups }) => groups!['id']!));
    });
    const desk = await Desk.open();
    desk.send(request('one', 'BYE'), hop);
    desk.send(request('two', 'BYE'), hop);
    await until(() => seen.length === 2);
    assert.deepEqual(seen, ['one', 'two']);
    assert.equal(count(), 2);
    assert.deepEqual(desk.failures, []);
    assert.match(desk.problems.join(), /^CL1003 .* was reset by the other side\.$/u);
    server.close();
    await desk.close();
  });

  it('is not tried a third time: its sender is told', async () => {
    const { server, hop, count } = await peer((_, socket) => socket.resetAndDestroy());
    const desk = await Desk.open();
    desk.send(request('one', 'BYE'), hop);
    await until(() => desk.failures.length === 1);
    assert.equal(count(), 2);
    assert.match(desk.failures[0]!, /was reset by the other side/u);
    server.close();
    await desk.close();
  });

  it('is taken to have arrived once the peer has said something since', async () => {
    const { server, hop, count } = await peer((text, socket) => {
      if (text.startsWith('BYE')) socket.write(response('one'), () => setTimeout(() => socket.resetAndDestroy(), 20));
    });
    const desk = await Desk.open();
    desk.send(request('one', 'BYE'), hop);
    await until(() => desk.problems.length === 1);
    assert.equal(desk.heard.length, 1);
    assert.deepEqual([count(), desk.failures], [1, []]);
    server.close();
    await desk.close();
  });

  it('counts as unanswered after an orderly end only when it is a request that waits', async () => {
    const { server, hop, count } = await peer((text, socket) => {
      if (text.includes('last')) socket.end();
    });
    const desk = await Desk.open();
    desk.send(request('last', 'ACK'), hop);
    await until(() => desk.network.openSockets === 2 && count() === 1);
    desk.send(request('last', 'BYE'), hop);
    await until(() => desk.failures.length === 1);
    assert.equal(count(), 3, 'the BYE was tried on a second connection of its own, the ACK was not');
    assert.match(desk.failures[0]!, /closed the connection without an answer/u);
    server.close();
    await desk.close();
  });

  it('as a response is told to its sender, who knows where else it may go', async () => {
    const desk = await Desk.open();
    const socket = (await import('node:net')).connect(desk.transport.local);
    await once(socket, 'connect');
    socket.write(request('asked'));
    await until(() => desk.heard.length === 1);
    socket.resetAndDestroy();
    desk.send(response('asked'), desk.heard[0]!.source);
    await until(() => desk.failures.length === 1);
    await desk.close();
  });
});

describe('a WebSocket client', { timeout: 20_000 }, () => {
  const via = (name: string): string => `OPTIONS sip:x SIP/2.0\r\nVia: SIP/2.0/WS ${name};branch=z9hG4bKa\r\nContent-Length: 0\r\n\r\n`;

  async function client(desk: Desk): Promise<{ socket: WebSocket; texts: string[] }> {
    const socket = new WebSocket(`ws://127.0.0.1:${String(desk.transport.addresses.get('ws')!.port)}/`, ['sip']);
    const texts: string[] = [];
    socket.on('message', (data: Buffer) => texts.push(data.toString())).on('error', () => undefined);
    await once(socket, 'open');
    return { socket, texts };
  }

  it('is found by the name it gave itself, and nobody else takes that name while it is there', async () => {
    const desk = await Desk.open({ listen: { ws: 0 } });
    const [first, second] = [await client(desk), await client(desk)];
    first.socket.send(via('abc.invalid'));
    await until(() => desk.heard.length === 1);
    second.socket.send(via('ABC.invalid'));
    await until(() => desk.heard.length === 2);
    desk.send('BYE', { transport: 'ws', host: 'abc.invalid', port: 80 });
    await until(() => first.texts.length === 1);
    assert.deepEqual([first.texts, second.texts], [['BYE'], []]);
    first.socket.terminate();
    await until(() => desk.network.openSockets === 4);
    desk.send('BYE', { transport: 'ws', host: 'abc.invalid', port: 80 });
    await until(() => desk.failures.length === 2);
    assert.match(desk.failures[0]!, /closed the connection without an answer/u);
    assert.equal(desk.failures[1], 'The WebSocket of abc.invalid is closed, and nobody can connect to a WebSocket client.');
    second.socket.terminate();
    await desk.close();
  });

  it('keeps the connection open with line ends, and gets them back', async () => {
    const desk = await Desk.open({ listen: { ws: 0 } });
    const { socket, texts } = await client(desk);
    socket.send('\r\n\r\n');
    socket.send('\r\n');
    socket.send(via('abc.invalid'));
    await until(() => desk.heard.length === 1 && texts.length > 0);
    assert.deepEqual(texts, ['\r\n']);
    socket.terminate();
    await desk.close();
  });
});

describe('connections that only cost', () => {
  async function world() {
    const clock = new VirtualClock();
    const network = new SimulatedNetwork({ clock, random: new SeededRandom(1) });
    const problems: string[] = [];
    const transport = await SipTransport.open({
      network, clock, host: '127.0.0.1', port: 5060, journal: () => undefined, onMessage: () => undefined,
      onProblem: (code, text) => problems.push(`${code} ${text}`),
    });
    const closes: number[] = [];
    const dial = (): Promise<TcpConnection> =>
      network.connectTcp({ to: transport.local, tap: () => undefined, onData: () => undefined, onClose: () => closes.push(clock.now()) });
    const pass = async (seconds: number): Promise<void> => {
      for (let tick = 0; tick < seconds; tick += 1) {
        clock.advance(1_000);
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    return { clock, network, transport, problems, closes, dial, pass };
  }

  it('are closed: who says nothing, and who never finishes a message', async () => {
    const { transport, problems, closes, dial, pass, clock, network } = await world();
    await dial();
    const slow = await dial();
    slow.send(Buffer.from(request('whole') + request('part').slice(0, 30)));
    await pass(29);
    assert.deepEqual(closes, []);
    // An octet now and then does not help.
    slow.send(Buffer.from('C'));
    await pass(31);
    assert.equal(closes.length, 2);
    assert.match(problems[0]!, /^CL1006 The connection from tcp:127\.0\.0\.1:\d+ was closed: nothing came in 30 s\.$/u);
    assert.match(problems[1]!, /^CL1006 .* was closed: only 31 octets of a message came in 30 s\.$/u);
    await transport.close();
    assert.deepEqual([clock.pendingTimers, network.openSockets], [0, 0]);
  });

  it('are closed after ten idle minutes, without a word', async () => {
    const { transport, problems, closes, dial, pass } = await world();
    const connection = await dial();
    connection.send(Buffer.from(request('one')));
    await pass(590);
    assert.deepEqual(closes, []);
    connection.send(Buffer.from('\r\n\r\n')); // a ping is a sign of life
    await pass(590);
    assert.deepEqual(closes, []);
    await pass(30);
    assert.equal(closes.length, 1);
    assert.deepEqual(problems, []);
    await transport.close();
  });

  it('are turned away when there are too many, and those that are there stay', async () => {
    const { transport, problems, closes, dial, pass } = await world();
    for (let count = 0; count < 257; count += 1) await dial();
    await pass(1);
    assert.equal(closes.length, 1);
    assert.deepEqual(problems, ['CL1006 A connection was turned away: there are 256 already.']);
    await transport.close();
  });
});
