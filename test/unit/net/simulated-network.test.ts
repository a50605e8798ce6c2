// What only the simulated network does. The rest is in network.test.ts.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { SimulatedNetworkOptions } from '../../../src/net';
import { octets, RecordedTcp, recordTcp, recordUdp, simulatedNetwork, textOf, unexpected, withCode } from './support';

const rough = { loss: 0.1, duplicate: 0.1, reorder: 0.1, delay: { min: 1, max: 15 } };

/** Sends numbered datagrams, `spacing` milliseconds apart, and says what arrived when. */
async function numbered(count: number, options: Partial<SimulatedNetworkOptions> & { readonly seed?: number }, spacing = 1): Promise<{ arrivals: [number, number][]; statistics: Record<string, number>; pendingTimers: number }> {
  const { network, clock } = simulatedNetwork(options);
  const arrivals: [number, number][] = [];
  const bob = await network.bindUdp({
    host: '127.0.0.12',
    port: 5060,
    tap: () => undefined,
    onPacket: (bytes) => arrivals.push([Number(textOf(bytes)), clock.now()]),
    onError: unexpected,
  });
  const alice = await recordUdp(network, '127.0.0.11', 5060);
  for (let number = 0; number < count; number += 1) {
    alice.socket.send(octets(String(number)), bob.local);
    clock.advance(spacing);
  }
  clock.advance(1_000);
  return { arrivals, statistics: { ...network.statistics }, pendingTimers: clock.pendingTimers };
}

describe('simulated datagrams', () => {
  test('the same seed gives the same run, another seed another', async () => {
    const [first, again, other] = [await numbered(500, { ...rough, seed: 7 }), await numbered(500, { ...rough, seed: 7 }), await numbered(500, { ...rough, seed: 8 })];
    assert.deepEqual(first, again);
    assert.notDeepEqual(first.arrivals, other.arrivals);
  });

  test('a perfect network delivers all, in order, after its delay, and leaves no timer', async () => {
    const { arrivals, pendingTimers } = await numbered(100, { delay: { min: 5, max: 5 } });
    assert.deepEqual(arrivals, Array.from({ length: 100 }, (_, number) => [number, number + 5]));
    assert.equal(pendingTimers, 0);
  });

  test('uneven delay alone keeps the order of one socket', async () => {
    // Uneven times too, so that rounding gets its chance.
    const { arrivals } = await numbered(5_000, { delay: { min: 0, max: 40 } }, 0.1);
    assert.deepEqual(arrivals.map(([number]) => number), Array.from({ length: 5_000 }, (_, number) => number));
  });

  test('each misfortune strikes as often as asked, and the sums agree', async () => {
    const { arrivals, statistics } = await numbered(5_000, rough);
    const { sent, lost, duplicated, reordered, delivered } = statistics as Record<'sent' | 'lost' | 'duplicated' | 'reordered' | 'delivered', number>;
    assert.equal(sent, 5_000);
    assert.equal(delivered, sent - lost + duplicated);
    assert.equal(arrivals.length, delivered);
    for (const [count, of] of [[lost, sent], [duplicated, sent - lost], [reordered, sent - lost]] as const) {
      assert.ok(count > 0.08 * of && count < 0.12 * of, `${count} of ${of}`);
    }
    const overtaken = arrivals.filter(([number], index) => arrivals.slice(0, index).some(([earlier]) => earlier > number));
    assert.ok(overtaken.length > 100);
    assert.equal(new Set(arrivals.map(([number]) => number)).size, sent - lost);
  });

  test('of one datagram sent again and again no more than three copies are lost; another one has its own count', async () => {
    const { network, clock } = simulatedNetwork({ loss: 1 });
    const [alice, bob] = [await recordUdp(network, '127.0.0.11'), await recordUdp(network, '127.0.0.12')];
    for (const text of ['a', 'b', 'a', 'a', 'b', 'a', 'b', 'a', 'b', 'c']) {
      alice.socket.send(octets(text), bob.socket.local);
      clock.advance(3_000);
    }
    assert.deepEqual(bob.packets.map(({ bytes }) => textOf(bytes)), ['a', 'a', 'b']);
    // Back the other way it is another datagram.
    bob.socket.send(octets('a'), alice.socket.local);
    clock.advance(10);
    assert.deepEqual(alice.packets, []);
    assert.equal(network.statistics.lost, 8);
  });

  test('what was lost is remembered for half a minute, however often the memory turns, and then no more', async () => {
    const { network, clock } = simulatedNetwork({ loss: 1 });
    const [alice, bob] = [await recordUdp(network, '127.0.0.11'), await recordUdp(network, '127.0.0.12')];
    const send = (text: string): void => alice.socket.send(octets(text), bob.socket.local);
    const arrived = (): readonly string[] => bob.packets.map(({ bytes }) => textOf(bytes));
    // As Timer A sends an INVITE, beginning just before the memory turns.
    clock.advance(31_000);
    for (const wait of [500, 1_000, 2_000, 4_000, 8_000]) {
      send('INVITE');
      clock.advance(wait);
    }
    assert.deepEqual(arrived(), ['INVITE', 'INVITE']);
    clock.advance(100_000);
    send('INVITE');
    clock.advance(10);
    assert.deepEqual(arrived(), ['INVITE', 'INVITE']);
  });

  test('without a limit a datagram can be lost for ever', async () => {
    const { network, clock } = simulatedNetwork({ loss: 1, lossLimit: Number.POSITIVE_INFINITY });
    const [alice, bob] = [await recordUdp(network, '127.0.0.11'), await recordUdp(network, '127.0.0.12')];
    for (let copy = 0; copy < 20; copy += 1) alice.socket.send(octets('a'), bob.socket.local);
    clock.advance(10);
    assert.deepEqual(bob.packets, []);
  });

  test('conditions can change during the run', async () => {
    const { network, clock } = simulatedNetwork();
    const [alice, bob] = [await recordUdp(network, '127.0.0.11'), await recordUdp(network, '127.0.0.12')];
    network.setConditions({ loss: 1 });
    alice.socket.send(octets('lost'), bob.socket.local);
    network.setConditions({ loss: 0 });
    alice.socket.send(octets('found'), bob.socket.local);
    clock.advance(10);
    assert.deepEqual(bob.packets.map(({ bytes }) => textOf(bytes)), ['found']);
  });

  test('ephemeral ports are dealt out in the same order in every run, past those taken', async () => {
    const { network } = simulatedNetwork();
    const taken = await recordUdp(network, '127.0.0.11', 49_153);
    const ports = [await recordUdp(network, '127.0.0.11'), await recordUdp(network, '127.0.0.11'), await recordUdp(network, '127.0.0.12')];
    assert.deepEqual(ports.map(({ socket }) => socket.local.port), [49_152, 49_154, 49_152]);
    await taken.socket.close();
  });

  test('a datagram to nobody is lost in silence', async () => {
    const { network, clock } = simulatedNetwork();
    const alice = await recordUdp(network, '127.0.0.11');
    alice.socket.send(octets('hello?'), { host: '127.0.0.99', port: 5060 });
    clock.advance(10);
    assert.deepEqual([alice.errors.length, network.statistics.unheard], [0, 1]);
  });

  test('a partition cuts both directions until it heals; a cut only one', async () => {
    const { network, clock } = simulatedNetwork();
    const [alice, bob, carol] = [await recordUdp(network, '127.0.0.11'), await recordUdp(network, '127.0.0.12'), await recordUdp(network, '127.0.0.13')];
    const everyone = [alice, bob, carol];
    const round = (): number[] => {
      const before = everyone.map(({ packets }) => packets.length);
      for (const from of everyone) for (const to of everyone) if (from !== to) from.socket.send(octets('x'), to.socket.local);
      clock.advance(10);
      return everyone.map(({ packets }, index) => packets.length - (before[index] ?? 0));
    };
    assert.deepEqual(round(), [2, 2, 2]);
    network.partition('127.0.0.11', '127.0.0.12');
    assert.deepEqual(round(), [1, 1, 2]);
    network.partition('127.0.0.11', '*');
    assert.deepEqual(round(), [0, 1, 1]);
    network.heal();
    assert.deepEqual(round(), [2, 2, 2]);
    network.cut('127.0.0.11', `127.0.0.12:${bob.socket.local.port}`);
    assert.deepEqual(round(), [2, 1, 2]);
  });

  test('what crashed hears and says nothing, and its port is free for the one that comes back', async () => {
    const { network, clock } = simulatedNetwork();
    const [alice, bob, media] = [await recordUdp(network, '127.0.0.11', 5060), await recordUdp(network, '127.0.0.12', 5060), await recordUdp(network, '127.0.0.12', 4000)];
    network.crash('127.0.0.12:5060');
    assert.equal(network.openSockets, 2);
    bob.socket.send(octets('from the dead'), alice.socket.local);
    alice.socket.send(octets('to the dead'), bob.socket.local);
    alice.socket.send(octets('to the living'), media.socket.local);
    clock.advance(10);
    assert.deepEqual([alice.packets.length, bob.packets.length, bob.tapped.length, media.packets.length], [0, 0, 0, 1]);
    const reborn = await recordUdp(network, '127.0.0.12', 5060);
    await bob.socket.close();
    alice.socket.send(octets('welcome back'), reborn.socket.local);
    clock.advance(10);
    assert.equal(reborn.packets.length, 1);
    network.crash('127.0.0.12');
    assert.equal(network.openSockets, 1);
  });
});

describe('simulated streams', () => {
  /** Moves the clock and lets everything that was woken run. */
  async function advance(clock: { advance(by: number): void }, by: number): Promise<void> {
    clock.advance(by);
    await nextTurn();
  }

  test('binding, listening, connecting and closing need no clock', async () => {
    const subject = simulatedNetwork();
    const { socket } = await recordUdp(subject.network, '127.0.0.11');
    const { client, server, stop } = await recordTcp(subject);
    await Promise.all([client.up.close(), server.up.close(), socket.close(), stop()]);
    assert.equal(subject.clock.now(), 0);
    assert.equal(subject.network.openSockets, 0);
  });

  test('loss and reordering do not touch a stream', async () => {
    const subject = simulatedNetwork({ ...rough, loss: 0.5 });
    const { client, server } = await recordTcp(subject);
    const lines = Array.from({ length: 300 }, (_, index) => `${index},`);
    for (const line of lines) {
      client.up.send(octets(line));
      subject.clock.advance(1);
    }
    await advance(subject.clock, 100);
    assert.equal(server.text, lines.join(''));
  });

  test('a short partition delays a stream, even one that was closed meanwhile', async () => {
    const subject = simulatedNetwork();
    const { client, server, stop } = await recordTcp(subject);
    await stop();
    subject.network.partition('127.0.0.1', '127.0.0.12');
    client.up.send(octets('late but whole'));
    await client.up.close();
    await advance(subject.clock, 1_000);
    assert.deepEqual([server.text, server.closes.length], ['', 0]);
    subject.network.heal();
    await advance(subject.clock, 10);
    assert.deepEqual([server.text, server.closes], ['late but whole', [undefined]]);
    assert.equal(subject.clock.pendingTimers, 0);
    assert.equal(subject.network.openSockets, 0);
  });

  test('a long partition breaks a stream at both ends', async () => {
    const subject = simulatedNetwork({ streamTimeout: 3_000 });
    const { client, server, stop } = await recordTcp(subject);
    subject.network.cut('127.0.0.12', '127.0.0.1');
    await advance(subject.clock, 2_999);
    assert.deepEqual([client.closes.length, server.closes.length], [0, 0]);
    await advance(subject.clock, 1);
    for (const end of [client, server]) assert.ok(withCode('CL1003', /timed out/)(end.closes[0]));
    await stop();
    assert.deepEqual([subject.network.openSockets, subject.clock.pendingTimers], [0, 0]);
  });

  test('the peer of a crashed process sees a reset; the crashed one is told nothing', async () => {
    const subject = simulatedNetwork();
    const { client, server } = await recordTcp(subject);
    const { host, port } = server.up.local;
    subject.network.crash(host);
    await advance(subject.clock, 10);
    assert.ok(withCode('CL1003', /reset/)(client.closes[0]));
    assert.deepEqual(server.closes, []);
    assert.equal(subject.network.openSockets, 0);
    const { tap, handlers } = new RecordedTcp();
    await assert.rejects(subject.network.connectTcp({ to: { host, port }, tap, ...handlers }), withCode('CL1004', /Nobody listens/));
  });

  test('a listener that crashed cannot close the one that took its place', async () => {
    const subject = simulatedNetwork();
    const { client, server, stop } = await recordTcp(subject);
    const { host, port } = server.up.local;
    subject.network.crash(host);
    const again = { host, port, tap: client.tap, onConnection: () => undefined, onError: unexpected };
    await subject.network.listenTcp(again);
    await stop();
    await assert.rejects(subject.network.listenTcp(again), withCode('CL1001'));
  });

  test('connecting across a partition fails when its time is up', async () => {
    const subject = simulatedNetwork({ streamTimeout: 3_000 });
    const { server } = await recordTcp(subject);
    subject.network.partition('127.0.0.11', '*');
    const { tap, handlers } = new RecordedTcp();
    const attempt = assert.rejects(subject.network.connectTcp({ from: '127.0.0.11', to: server.up.local, tap, ...handlers }), withCode('CL1004', /did not answer within 3 s/));
    await advance(subject.clock, 3_000);
    await attempt;
  });
});
