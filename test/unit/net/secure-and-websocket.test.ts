// TLS and WebSocket, on the real network and on the simulated one alike, and what only real handshakes can show.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { describe, test } from 'node:test';
import { connect as connectTls, type PeerCertificate } from 'node:tls';
import { generate } from 'selfsigned';
import { WebSocket } from 'ws';
import type { CallLabError } from '../../../src/core';
import type { RealNetworkOptions, StreamProtocol, TcpListener } from '../../../src/net';
import { type NetworkUnderTest, octets, realNetwork, RecordedTcp, simulatedNetwork, unexpected, withCode } from './support';

const networks: readonly (readonly [string, () => NetworkUnderTest])[] = [
  ['RealNetwork', realNetwork],
  ['SimulatedNetwork', simulatedNetwork],
];

interface Ends {
  readonly client: RecordedTcp;
  readonly server: RecordedTcp;
  readonly listener: TcpListener;
}

/** A listener and one connection to it, both ends recorded. */
async function join({ network, until }: NetworkUnderTest, protocol: StreamProtocol, host = '127.0.0.12'): Promise<Ends> {
  const [client, server] = [new RecordedTcp(), new RecordedTcp()];
  const listener = await network.listenTcp({
    protocol,
    host,
    port: 0,
    tap: server.tap,
    onConnection: (connection) => {
      server.connection = connection;
      connection.setHandlers(server.handlers);
    },
    onError: unexpected,
  });
  client.connection = await network.connectTcp({ protocol, to: listener.local, tap: client.tap, ...client.handlers });
  await until(() => server.connection !== undefined);
  return { client, server, listener };
}

for (const [name, make] of networks) {
  for (const protocol of ['tls', 'ws', 'wss'] as const) {
    describe(`${name}, ${protocol}`, { timeout: 20_000 }, () => {
      test('carries octets both ways, taps both ends, and leaves no socket', async () => {
        const under = make();
        const { client, server, listener } = await join(under, protocol);
        client.up.send(octets('invite'));
        await under.until(() => server.text === 'invite');
        server.up.send(octets('ringing'));
        await under.until(() => client.text === 'ringing');
        assert.equal(client.up.protocol, protocol);
        assert.deepEqual(client.tapped.map(({ direction, protocol: carrier }) => `${direction} ${carrier}`), [`sent ${protocol}`, `received ${protocol}`]);
        assert.deepEqual(client.up.remote, listener.local);
        assert.deepEqual(server.up.remote, client.up.local);
        await Promise.all([client.up.close(), listener.close()]);
        await under.until(() => server.closes.length === 1 && client.closes.length === 1);
        assert.deepEqual([server.closes, client.closes], [[undefined], [undefined]]);
        await under.until(() => under.network.openSockets === 0);
      });

      test('tells the other end of a connection that was dropped', async () => {
        const under = make();
        const { client, server, listener } = await join(under, protocol);
        server.up.destroy();
        await under.until(() => client.closes.length === 1 && server.closes.length === 1);
        await listener.close();
        await under.until(() => under.network.openSockets === 0);
      });

      test('nobody there is CL1004, and an address beyond loopback CL1002', async () => {
        const { network } = make();
        const silent = { protocol, tap: unexpected, onData: unexpected, onClose: unexpected };
        await assert.rejects(network.connectTcp({ ...silent, to: { host: '127.0.0.1', port: 9 } }), withCode('CL1004', new RegExp(`Nobody listens at ${protocol.toUpperCase()}`, 'u')));
        await assert.rejects(network.connectTcp({ ...silent, to: { host: '192.0.2.1', port: 5061 } }), withCode('CL1002'));
        await assert.rejects(network.listenTcp({ protocol, host: '0.0.0.0', port: 0, tap: unexpected, onConnection: unexpected, onError: unexpected }), withCode('CL1002'));
        assert.equal(network.openSockets, 0);
      });

      test('a taken port is CL1001', async () => {
        const { network } = make();
        const options = { host: '127.0.0.12', tap: unexpected, onConnection: unexpected, onError: unexpected };
        const first = await network.listenTcp({ ...options, port: 0 });
        await assert.rejects(network.listenTcp({ ...options, protocol, port: first.local.port }), withCode('CL1001', /in use/u));
        await first.close();
        assert.equal(network.openSockets, 0);
      });
    });
  }

  for (const protocol of ['ws', 'wss'] as const) {
    test(`${name}, ${protocol}: each send is one message`, { timeout: 20_000 }, async () => {
      const under = make();
      const { client, server, listener } = await join(under, protocol);
      const pieces: string[] = [];
      server.up.setHandlers({ ...server.handlers, onData: (bytes) => pieces.push(Buffer.from(bytes).toString('latin1')) });
      const sent = ['one', '', 'caf\u00e9', '\xff\xfe not UTF-8'];
      for (const text of sent) client.up.send(Buffer.from(text, 'latin1'));
      await under.until(() => pieces.length === sent.length);
      assert.deepEqual(pieces, sent);
      await Promise.all([client.up.close(), listener.close()]);
      await under.until(() => under.network.openSockets === 0);
    });
  }

  test(`${name}: two ends that speak different protocols do not come together`, { timeout: 20_000 }, async () => {
    const { network, until } = make();
    const accepted: unknown[] = [];
    const listener = await network.listenTcp({
      host: '127.0.0.12',
      port: 0,
      tap: () => undefined,
      onConnection: (connection) => {
        accepted.push(connection);
        connection.setHandlers({ onData: () => connection.send(octets('SIP/2.0 400 Bad Request\r\n\r\n')), onClose: () => undefined });
      },
      onError: unexpected,
    });
    const silent = { to: listener.local, tap: () => undefined, onData: unexpected, onClose: unexpected };
    await assert.rejects(network.connectTcp({ ...silent, protocol: 'tls' }), withCode('CL1005'));
    await assert.rejects(network.connectTcp({ ...silent, protocol: 'ws' }), withCode('CL1003'));
    await listener.close();
    await until(() => network.openSockets === 0);
  });
}

describe('the certificates of a real network', { timeout: 20_000 }, () => {
  /** A network with a TLS listener that keeps the errors it reports. */
  async function server(options?: RealNetworkOptions, protocol: StreamProtocol = 'tls') {
    const under = realNetwork(options);
    const errors: CallLabError[] = [];
    const listener = await under.network.listenTcp({
      protocol,
      host: '127.0.0.1',
      port: 0,
      tap: () => undefined,
      onConnection: (connection) => connection.setHandlers({ onData: () => undefined, onClose: () => undefined }),
      onError: (error) => errors.push(error),
    });
    const stop = async (): Promise<void> => {
      await listener.close();
      await under.until(() => under.network.openSockets === 0);
    };
    return { ...under, listener, errors, stop };
  }

  const quiet = { tap: () => undefined, onData: () => undefined, onClose: () => undefined };

  test('are for the addresses of this machine alone, and made anew by each network', async () => {
    const [one, two] = [await server(), await server()];
    const seen: PeerCertificate[] = [];
    for (const { listener } of [one, two]) {
      const socket = connectTls({ ...listener.local, rejectUnauthorized: false });
      await once(socket, 'secureConnect');
      seen.push(socket.getPeerCertificate());
      socket.destroy();
    }
    assert.match(seen[0]?.subjectaltname ?? '', /^DNS:localhost, IP Address:127\.0\.0\.1, /u);
    assert.notEqual(seen[0]?.fingerprint256, seen[1]?.fingerprint256);
    await Promise.all([one.stop(), two.stop()]);
  });

  test('of another network are refused, unless anyone is trusted; both ends get a sentence', async () => {
    const peer = await server();
    const to = peer.listener.local;
    await assert.rejects(realNetwork().network.connectTcp({ ...quiet, protocol: 'tls', to }), withCode('CL1005', /signed by itself/u));
    await peer.until(() => peer.errors.length === 1);
    assert.ok(withCode('CL1005', /^(?:No TLS connection with 127\.0\.0\.1:\d+|A TLS handshake failed): /u)(peer.errors[0]));
    const trusting = realNetwork({ trust: 'anyone' });
    const connection = await trusting.network.connectTcp({ ...quiet, protocol: 'tls', to });
    await connection.close();
    await peer.stop();
    assert.equal(trusting.network.openSockets, 0);
  });

  test('of others are believed when trusted, and then for their own name only', async () => {
    const stranger = await generate([{ name: 'commonName', value: 'stranger' }], {
      keyType: 'ec', algorithm: 'sha256', extensions: [{ name: 'subjectAltName', altNames: [{ type: 6, value: 'sip:example.org' }] }],
    });
    const { createServer } = await import('node:tls');
    const strange = createServer({ key: stranger.private, cert: stranger.cert }, (socket) => socket.on('error', () => undefined));
    strange.on('tlsClientError', () => undefined).listen(0, '127.0.0.1');
    await once(strange, 'listening');
    const to = { host: '127.0.0.1', port: (strange.address() as { port: number }).port };
    const { network, until } = realNetwork({ trust: { certificates: [stranger.cert] } });
    const connection = await network.connectTcp({ ...quiet, protocol: 'tls', to, serverName: 'example.org' });
    await connection.close();
    await assert.rejects(network.connectTcp({ ...quiet, protocol: 'tls', to }), withCode('CL1005', /for URI:sip:example\.org, not for 127\.0\.0\.1/u));
    await until(() => network.openSockets === 0);
    strange.close();
  });

  test('a peer that never finishes its handshake is dropped, and no more than so many may try at once', async () => {
    const peer = await server({ connectTimeout: 300, handshakeLimit: 2 });
    const sockets: Socket[] = [];
    for (let count = 0; count < 3; count += 1) {
      const socket = connect(peer.listener.local).on('error', () => undefined);
      sockets.push(socket);
      await once(socket, 'connect');
    }
    await Promise.all(sockets.map((socket) => once(socket, 'close')));
    await peer.until(() => peer.errors.length === 3);
    assert.deepEqual(peer.errors.map(({ code }) => code).sort(), ['CL1005', 'CL1005', 'CL1006']);
    assert.match(peer.errors[0]?.message ?? '', /2 others have not finished their handshake/u);
    await peer.stop();
  });

  test('a WebSocket client is let in with the subprotocol and from a page of this machine only', async () => {
    const peer = await server({}, 'ws');
    const url = `ws://127.0.0.1:${String(peer.listener.local.port)}/`;
    const attempt = async (protocols: string[], headers: Record<string, string>): Promise<string> => {
      const socket = new WebSocket(url, protocols, { headers });
      return new Promise((resolve) => {
        socket.on('error', (error) => resolve(error.message));
        socket.on('open', () => {
          resolve(socket.protocol);
          socket.terminate();
        });
      });
    };
    assert.match(await attempt(['chat'], {}), /400/u);
    assert.match(await attempt(['sip'], { Origin: 'https://evil.example' }), /403/u);
    assert.equal(await attempt(['chat', 'sip'], {}), 'sip');
    assert.equal(await attempt(['sip'], { Origin: 'http://localhost:3000' }), 'sip');
    assert.deepEqual(peer.errors.map(({ message }) => message.replace(/^.*refused: /u, '')), [
      'it did not offer the subprotocol "sip".',
      'it belongs to the web page https://evil.example, which is not of this machine.',
    ]);
    const plain = request({ ...peer.listener.local, path: '/' }).end();
    const [response] = (await once(plain, 'response')) as [{ statusCode: number; resume(): void }];
    response.resume();
    assert.equal(response.statusCode, 426);
    await peer.stop();
  });

  test('a WebSocket peer that answers no ping is dropped, with a reason', async () => {
    const under = realNetwork({ pingInterval: 40 });
    const { client, server: end, listener } = await join(under, 'ws');
    // The client's socket stops reading altogether, so it sees no ping.
    (client.up as unknown as { close(): void; send(bytes: Uint8Array): void }).send(octets('hello'));
    await under.until(() => end.text === 'hello');
    const silent = connect(listener.local);
    silent.write('GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\nSec-WebSocket-Protocol: sip\r\n\r\n');
    const first = end.connection;
    await under.until(() => end.connection !== first);
    await under.until(() => end.closes.length === 1);
    assert.ok(withCode('CL1003', /is gone: it answers no ping/u)(end.closes[0]));
    assert.equal(client.closes.length, 0, 'who answers pings stays');
    silent.destroy();
    await Promise.all([client.up.close(), listener.close()]);
    await under.until(() => under.network.openSockets === 0);
  });

  for (const protocol of ['tls', 'ws'] as const) {
    test(`a ${protocol} peer that does not read is dropped when too much waits for it`, async () => {
      const under = realNetwork({ writeQueueLimit: 0x4_0000 });
      const { server: end, listener, client } = await join(under, protocol);
      const silent = protocol === 'tls' ? connectTls({ ...listener.local, rejectUnauthorized: false }) : connect(listener.local);
      if (protocol === 'tls') await once(silent, 'secureConnect');
      else silent.write('GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\nSec-WebSocket-Protocol: sip\r\n\r\n');
      const first = end.connection;
      await under.until(() => end.connection !== first);
      silent.pause();
      while (end.closes.length === 0) {
        end.up.send(new Uint8Array(0x1_0000));
        await new Promise((resolve) => setImmediate(resolve));
      }
      assert.ok(withCode('CL1003', /does not read: \d+ octets wait for it/u)(end.closes[0]));
      silent.destroy();
      await Promise.all([client.up.close(), listener.close()]);
      await under.until(() => under.network.openSockets === 0);
    });
  }
});
