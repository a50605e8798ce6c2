// What every Network owes its users, checked on the real one and on the simulated one alike.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type NetworkUnderTest, octets, realNetwork, RecordedTcp, recordTcp, recordUdp, simulatedNetwork, textOf, unexpected, withCode } from './support';

const networks: readonly (readonly [string, () => NetworkUnderTest])[] = [
  ['RealNetwork', realNetwork],
  ['SimulatedNetwork', simulatedNetwork],
];

for (const [name, make] of networks) {
  describe(`${name}, UDP`, { timeout: 20_000 }, () => {
    test('a datagram arrives with its source, and both ends are tapped', async () => {
      const { network, until } = make();
      const alice = await recordUdp(network, '127.0.0.11');
      const bob = await recordUdp(network, '127.0.0.12');
      alice.socket.send(octets('ring'), bob.socket.local);
      await until(() => bob.packets.length === 1);
      assert.equal(textOf(bob.packets[0]?.bytes ?? new Uint8Array()), 'ring');
      assert.deepEqual(bob.packets[0]?.from, alice.socket.local);
      const ends = { protocol: 'udp', source: alice.socket.local, destination: bob.socket.local };
      assert.deepEqual(alice.tapped.map(({ bytes, ...rest }) => ({ ...rest, text: textOf(bytes) })), [{ direction: 'sent', ...ends, text: 'ring' }]);
      assert.deepEqual(bob.tapped.map(({ bytes, ...rest }) => ({ ...rest, text: textOf(bytes) })), [{ direction: 'received', ...ends, text: 'ring' }]);
      await Promise.all([alice.socket.close(), bob.socket.close()]);
    });

    test('a datagram sent just before close still leaves', async () => {
      const { network, until } = make();
      const alice = await recordUdp(network, '127.0.0.11');
      const bob = await recordUdp(network, '127.0.0.12');
      alice.socket.send(octets('bye'), bob.socket.local);
      await alice.socket.close();
      await until(() => bob.packets.length === 1);
      await bob.socket.close();
    });

    test('the largest datagram passes; one octet more is refused and not tapped', async () => {
      const { network, until } = make();
      const alice = await recordUdp(network, '127.0.0.11');
      const bob = await recordUdp(network, '127.0.0.12');
      alice.socket.send(new Uint8Array(65_508), bob.socket.local);
      assert.equal(alice.errors.length, 0, 'onError is not called from inside send');
      await until(() => alice.errors.length === 1);
      assert.ok(withCode('CL1003', /65508 octets .* does not fit/)(alice.errors[0]?.error));
      assert.equal(alice.tapped.length, 0);
      alice.socket.send(new Uint8Array(65_507), bob.socket.local);
      await until(() => bob.packets.length === 1);
      assert.equal(bob.packets[0]?.bytes.length, 65_507);
      await Promise.all([alice.socket.close(), bob.socket.close()]);
    });

    test('sending beyond loopback, to a name, to the other family or to port 0 is refused', async () => {
      const { network, until } = make();
      const { socket, tapped, errors } = await recordUdp(network, '127.0.0.11');
      const refused = [
        ['192.0.2.1', 5060, 'CL1002'],
        ['0.0.0.0', 5060, 'CL1002'],
        ['pbx.example.com', 5060, 'CL1002'],
        ['::1', 5060, 'CL1003'],
        ['127.0.0.12', 0, 'CL1003'],
        ['127.0.0.12', 65_536, 'CL1003'],
      ] as const;
      for (const [host, port] of refused) socket.send(octets('x'), { host, port });
      await until(() => errors.length === refused.length);
      assert.deepEqual(errors.map(({ error, to }) => [to?.host, to?.port, error.code]), refused.map((row) => [...row]));
      assert.equal(tapped.length, 0);
      await socket.close();
    });

    test('localhost is 127.0.0.1', async () => {
      const { network, until } = make();
      const bob = await recordUdp(network, 'localhost');
      assert.equal(bob.socket.local.host, '127.0.0.1');
      bob.socket.send(octets('self'), { host: 'LocalHost', port: bob.socket.local.port });
      await until(() => bob.packets.length === 1);
      await bob.socket.close();
    });

    test('a taken port is CL1001 and names the port; it is free after close', async () => {
      const { network } = make();
      const first = await recordUdp(network, '127.0.0.11');
      const { port } = first.socket.local;
      await assert.rejects(recordUdp(network, '127.0.0.11', port), withCode('CL1001', new RegExp(`UDP port ${port} of 127\\.0\\.0\\.11`)));
      assert.equal(network.openSockets, 1);
      const elsewhere = await recordUdp(network, '127.0.0.12', port);
      await first.socket.close();
      const second = await recordUdp(network, '127.0.0.11', port);
      await Promise.all([second.socket.close(), elsewhere.socket.close()]);
      assert.equal(network.openSockets, 0);
    });

    test('binding beyond loopback is CL1002, an impossible port CL1003', async () => {
      const { network } = make();
      await assert.rejects(recordUdp(network, '0.0.0.0'), withCode('CL1002', /0\.0\.0\.0/));
      await assert.rejects(recordUdp(network, '192.0.2.1'), withCode('CL1002'));
      await assert.rejects(recordUdp(network, '127.0.0.1', 70_000), withCode('CL1003', /70000/));
      assert.equal(network.openSockets, 0);
    });

    test('after close nothing is sent, delivered or reported, and closing again is harmless', async () => {
      const { network, until } = make();
      const alice = await recordUdp(network, '127.0.0.11');
      const bob = await recordUdp(network, '127.0.0.12');
      const carol = await recordUdp(network, '127.0.0.13');
      await alice.socket.close();
      await alice.socket.close();
      alice.socket.send(octets('ghost'), bob.socket.local);
      alice.socket.send(octets('ghost'), { host: '192.0.2.1', port: 1 });
      bob.socket.send(octets('to a ghost'), alice.socket.local);
      bob.socket.send(octets('after it'), carol.socket.local);
      await until(() => carol.packets.length === 1);
      assert.deepEqual([alice.tapped.length, alice.packets.length, alice.errors.length, bob.packets.length], [0, 0, 0, 0]);
      assert.equal(network.openSockets, 2);
      await Promise.all([bob.socket.close(), carol.socket.close()]);
    });
  });

  describe(`${name}, TCP`, { timeout: 20_000 }, () => {
    test('a stream arrives whole and in order, and both ends are tapped', async () => {
      const subject = make();
      const { client, server, stop } = await recordTcp(subject);
      assert.deepEqual(server.up.remote, client.up.local);
      assert.deepEqual(client.up.remote, server.up.local);
      const lines = Array.from({ length: 200 }, (_, index) => `line ${index}\r\n`);
      for (const line of lines) client.up.send(octets(line));
      server.up.send(octets('fine'));
      await subject.until(() => server.text.length === lines.join('').length && client.text === 'fine');
      assert.equal(server.text, lines.join(''));
      const heard = server.tapped.filter(({ direction }) => direction === 'received');
      assert.equal(heard.map(({ bytes }) => textOf(bytes)).join(''), lines.join(''));
      assert.ok(heard.every(({ source, destination }) => source.port === client.up.local.port && destination.port === server.up.local.port));
      assert.equal(client.tapped.filter(({ direction }) => direction === 'sent').length, lines.length);
      await client.up.close();
      await subject.until(() => server.closes.length === 1);
      await stop();
      assert.deepEqual([client.closes, server.closes], [[undefined], [undefined]]);
      assert.equal(subject.network.openSockets, 0);
    });

    test('close sends what is queued first, and is idempotent', async () => {
      const subject = make();
      const { client, server, stop } = await recordTcp(subject);
      client.up.send(new Uint8Array(300_000).fill(0x61));
      await Promise.all([client.up.close(), client.up.close()]);
      client.up.send(octets('too late'));
      await subject.until(() => server.closes.length === 1);
      assert.equal(server.text.length, 300_000);
      assert.deepEqual(client.closes, [undefined]);
      await stop();
    });

    test('an end that keeps its half open can still answer', async () => {
      const subject = make();
      const { client, server, stop } = await recordTcp(subject);
      client.up.setHandlers(client.patientHandlers);
      server.up.send(octets('last words'));
      const closed = server.up.close();
      await subject.until(() => client.ended);
      assert.equal(client.text, 'last words');
      assert.deepEqual(client.closes, []);
      await client.up.close();
      await closed;
      await subject.until(() => server.closes.length === 1 && client.closes.length === 1);
      await stop();
      assert.equal(subject.network.openSockets, 0);
    });

    test('destroy is a reset to the peer, and its error says so', async () => {
      const subject = make();
      const { client, server, stop } = await recordTcp(subject);
      server.up.destroy();
      server.up.destroy();
      await subject.until(() => client.closes.length === 1 && server.closes.length === 1);
      assert.ok(withCode('CL1003', /was reset by the other side/)(client.closes[0]));
      assert.deepEqual(server.closes, [undefined]);
      await Promise.all([client.up.close(), server.up.close(), stop()]);
      assert.equal(subject.network.openSockets, 0);
    });

    test('what arrives before the handlers are set waits for them', async () => {
      const subject = make();
      const server = new RecordedTcp();
      const listener = await subject.network.listenTcp({
        host: '127.0.0.12',
        port: 0,
        tap: server.tap,
        onConnection: (connection) => (server.connection = connection),
        onError: unexpected,
      });
      const client = new RecordedTcp();
      client.connection = await subject.network.connectTcp({ from: '127.0.0.11', to: listener.local, tap: client.tap, ...client.handlers });
      assert.equal(client.up.local.host, '127.0.0.11');
      client.up.send(octets('early'));
      await subject.until(() => server.connection !== undefined);
      assert.equal(server.text, '');
      server.up.setHandlers(server.handlers);
      await subject.until(() => server.text === 'early');
      await Promise.all([client.up.close(), listener.close()]);
      await subject.until(() => subject.network.openSockets === 0);
    });

    test('connecting to nobody is CL1004, beyond loopback CL1002', async () => {
      const { network } = make();
      const listener = await network.listenTcp({ host: '127.0.0.12', port: 0, tap: unexpected, onConnection: unexpected, onError: unexpected });
      await listener.close();
      await listener.close();
      const { tap, handlers } = new RecordedTcp();
      await assert.rejects(network.connectTcp({ to: listener.local, tap, ...handlers }), withCode('CL1004', new RegExp(`TCP 127\\.0\\.0\\.12:${listener.local.port}`)));
      await assert.rejects(network.connectTcp({ to: { host: '192.0.2.1', port: 5060 }, tap, ...handlers }), withCode('CL1002'));
      await assert.rejects(network.connectTcp({ from: '192.0.2.1', to: listener.local, tap, ...handlers }), withCode('CL1002'));
      assert.equal(network.openSockets, 0);
    });

    test('a taken port is CL1001; connections outlive their listener, whose port is free at once', async () => {
      const subject = make();
      const { client, server, stop } = await recordTcp(subject);
      const { host, port } = server.up.local;
      const again = { host, port, tap: unexpected, onConnection: unexpected, onError: unexpected };
      await assert.rejects(subject.network.listenTcp(again), withCode('CL1001', new RegExp(`TCP port ${port} of ${host}`)));
      assert.equal(subject.network.openSockets, 3);
      await stop();
      assert.equal(subject.network.openSockets, 2);
      client.up.send(octets('still here'));
      await subject.until(() => server.text === 'still here');
      await Promise.all([client.up.close(), server.up.close()]);
      const second = await subject.network.listenTcp(again);
      await second.close();
      assert.equal(subject.network.openSockets, 0);
    });
  });
}
