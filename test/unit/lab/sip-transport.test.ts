import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import { SipTransport } from '../../../src/lab/sip-transport';
import { RealClock } from '../../../src/core';
import { RealNetwork, type TappedPacket } from '../../../src/net';
import type { Hop } from '../../../src/sip';

/* On real sockets: UDP and TCP of one port, streams in pieces, streams that lie, peers that break off. */

const message = (id: string): string => `OPTIONS sip:x SIP/2.0\r\nCall-ID: ${id}\r\nContent-Length: 4\r\n\r\nbody`;

function fail(error: Error): never {
  throw error;
}

interface Heard {
  readonly text: string;
  readonly source: Hop;
}

class Desk {
  readonly network = new RealNetwork();
  readonly clock = new RealClock();
  readonly heard: Heard[] = [];
  readonly tapped: TappedPacket[] = [];
  readonly problems: string[] = [];
  transport!: SipTransport;

  static async open(port = 0): Promise<Desk> {
    const desk = new Desk();
    desk.transport = await SipTransport.open({
      network: desk.network,
      clock: desk.clock,
      host: '127.0.0.1',
      port,
      journal: (packet) => desk.tapped.push(packet),
      onMessage: (bytes, source) => desk.heard.push({ text: Buffer.from(bytes).toString('latin1'), source }),
      onProblem: (code, text, range) => desk.problems.push(`${code} ${text}${range === undefined ? '' : ' with octets'}`),
    });
    return desk;
  }

  get address(): { readonly host: string; readonly port: number } {
    return this.transport.local;
  }

  send(text: string, to: Desk, transport: Hop['transport'], onFailure: (error: Error) => void = fail): void {
    this.transport.send(Buffer.from(text), { transport, ...to.address }, onFailure);
  }

  async dial(): Promise<Socket> {
    const socket = connect(this.address);
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    return socket;
  }

  async close(): Promise<void> {
    await this.transport.close();
    assert.equal(this.network.openSockets, 0);
    assert.equal(this.clock.pendingTimers, 0);
  }
}

async function until(isMet: () => boolean): Promise<void> {
  while (!isMet()) await new Promise((resolve) => setTimeout(resolve, 2));
}

describe('the SIP transport of a phone', () => {
  it('has UDP and TCP on one port, and answers over the connection a request came in', async () => {
    const [a, b] = [await Desk.open(), await Desk.open()];
    a.send(message('over-udp'), b, 'udp');
    a.send(message('over-tcp'), b, 'tcp');
    a.send(message('again'), b, 'tcp');
    await until(() => b.heard.length === 3);
    assert.deepEqual(b.heard.map(({ source }) => source.transport).sort(), ['tcp', 'tcp', 'udp']);
    assert.deepEqual(b.heard.find(({ source }) => source.transport === 'udp')?.source.port, a.address.port);
    const { source } = b.heard.find((item) => item.source.transport === 'tcp')!;
    b.transport.send(Buffer.from(message('answer')), source, fail);
    await until(() => a.heard.length === 1);
    assert.equal(b.network.openSockets, 3, 'UDP, the listener, and one connection');
    const sent = a.tapped.filter(({ direction }) => direction === 'sent').map(({ bytes }) => Buffer.from(bytes).toString());
    assert.deepEqual(sent.sort(), [message('again'), message('over-tcp'), message('over-udp')]);
    await Promise.all([a.close(), b.close()]);
  });

  it('cuts a stream into messages wherever its pieces end, and answers a ping', async () => {
    const desk = await Desk.open();
    const socket = await desk.dial();
    const pongs: string[] = [];
    socket.on('data', (data) => pongs.push(data.toString()));
    for (const octet of `${message('one')}\r\n\r\n${message('two')}`) {
      socket.write(octet);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await until(() => desk.heard.length === 2 && pongs.join('') === '\r\n');
    assert.deepEqual(desk.heard.map(({ text }) => text), [message('one'), message('two')]);
    assert.deepEqual(desk.tapped.filter(({ direction }) => direction === 'received').map(({ bytes }) => Buffer.from(bytes).toString()), [message('one'), message('two')]);
    socket.destroy();
    await desk.close();
  });

  for (const lie of ['Content-Length: -1', 'Content-Length: 99999999999', 'Content-Length: 3\r\nContent-Length: 4', 'X: 1']) {
    it(`closes a stream that says ${JSON.stringify(lie)}, and shows the octets`, async () => {
      const desk = await Desk.open();
      const socket = await desk.dial();
      const closed = once(socket, 'close');
      socket.resume().write(`${message('good')}OPTIONS sip:x SIP/2.0\r\n${lie}\r\n\r\n`);
      await closed;
      assert.deepEqual(desk.heard.map(({ text }) => text), [message('good'), `OPTIONS sip:x SIP/2.0\r\n${lie}\r\n\r\n`], 'it may be answered');
      assert.equal(desk.problems.length, 1);
      assert.match(desk.problems[0]!, /^CL2001 The stream from .* was closed: .* with octets$/u);
      assert.ok(desk.tapped.some(({ bytes }) => Buffer.from(bytes).toString().includes(lie)));
      await desk.close();
    });
  }

  it('survives a peer that resets, and connects anew for the next message', async () => {
    const [a, b] = [await Desk.open(), await Desk.open()];
    const socket = await b.dial();
    socket.write(message('half').slice(0, 20));
    await new Promise((resolve) => setTimeout(resolve, 20));
    socket.resetAndDestroy();
    await until(() => b.problems.length === 1);
    assert.match(b.problems[0]!, /^CL1003 .* was reset by the other side/u);
    // Nobody answers here, so it is tried again when the connection ends, and then nobody listens.
    a.send(message('first'), b, 'tcp', () => undefined);
    await until(() => b.heard.length === 1);
    const { port } = b.address;
    await b.close();
    const again = await Desk.open(port);
    await until(() => a.network.openSockets === 2);
    a.send(message('second'), again, 'tcp');
    await until(() => again.heard.length === 1);
    await Promise.all([a.close(), again.close()]);
  });

  it('tells who sent that a stream could not be opened', async () => {
    const [a, b] = [await Desk.open(), await Desk.open()];
    await b.close();
    const failures: string[] = [];
    for (const id of ['one', 'two']) a.transport.send(Buffer.from(message(id)), { transport: 'tcp', ...b.address }, (error) => failures.push(error.message));
    await until(() => failures.length === 2);
    assert.match(failures[0]!, /^Nobody listens at TCP/u);
    assert.equal(a.problems.length, 1);
    await a.close();
  });

  it('takes no port of which only UDP is free', async () => {
    const network = new RealNetwork();
    const ignore = (): void => undefined;
    const listener = await network.listenTcp({ host: '127.0.0.1', port: 0, tap: ignore, onConnection: ignore, onError: ignore });
    await assert.rejects(Desk.open(listener.local.port), { code: 'CL1001', message: new RegExp(`TCP port ${listener.local.port}`, 'u') });
    const udp = await network.bindUdp({ host: '127.0.0.1', port: listener.local.port, tap: ignore, onPacket: ignore, onError: ignore });
    await udp.close();
    await listener.close();
  });
});
