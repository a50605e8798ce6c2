import { after } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type CallLabError, SeededRandom, VirtualClock } from '../../../src/core';
import { type Network, RealNetwork, type RealNetworkOptions, type SocketAddress, SimulatedNetwork, type SimulatedNetworkOptions, type TappedPacket, type TcpConnection, type UdpSocket } from '../../../src/net';

// A test that failed may have left sockets open, which would keep its process alive for ever.
after(() => void setTimeout(() => process.exit(1), 2_000).unref());

/** A network with what moves it on. */
export interface NetworkUnderTest {
  readonly network: Network;
  /** Waits until `condition` holds; a condition that never holds is a test that times out. */
  readonly until: (condition: () => boolean) => Promise<void>;
}

export function realNetwork(options: RealNetworkOptions = {}): NetworkUnderTest & { readonly network: RealNetwork } {
  const until = async (condition: () => boolean): Promise<void> => {
    while (!condition()) await nextTurn();
  };
  return { network: new RealNetwork(options), until };
}

export function simulatedNetwork(options: Partial<SimulatedNetworkOptions> & { readonly seed?: number } = {}): NetworkUnderTest & {
  readonly network: SimulatedNetwork;
  readonly clock: VirtualClock;
} {
  const { seed = 1, ...rest } = options;
  const clock = new VirtualClock();
  const until = async (condition: () => boolean): Promise<void> => {
    while (!condition()) {
      clock.advance(1);
      await nextTurn();
    }
  };
  return { network: new SimulatedNetwork({ clock, random: new SeededRandom(seed), ...rest }), clock, until };
}

export interface RecordedUdp {
  readonly socket: UdpSocket;
  readonly packets: { readonly bytes: Uint8Array; readonly from: SocketAddress }[];
  readonly tapped: TappedPacket[];
  readonly errors: { readonly error: CallLabError; readonly to: SocketAddress | undefined }[];
}

/** A UDP socket that keeps all it is told. */
export async function recordUdp(network: Network, host: string, port = 0): Promise<RecordedUdp> {
  const [packets, tapped, errors]: [RecordedUdp['packets'], TappedPacket[], RecordedUdp['errors']] = [[], [], []];
  const socket = await network.bindUdp({
    host,
    port,
    tap: (packet) => tapped.push(packet),
    onPacket: (bytes, from) => packets.push({ bytes, from }),
    onError: (error, to) => errors.push({ error, to }),
  });
  return { socket, packets, tapped, errors };
}

/** Everything one end of a TCP connection saw. */
export class RecordedTcp {
  readonly tapped: TappedPacket[] = [];
  /** `undefined` for an orderly end; no element while the connection lives. */
  readonly closes: (CallLabError | undefined)[] = [];
  text = '';
  ended = false;
  connection: TcpConnection | undefined;

  readonly tap = (packet: TappedPacket): void => {
    this.tapped.push(packet);
  };

  readonly handlers = {
    onData: (bytes: Uint8Array): void => {
      this.text += textOf(bytes);
    },
    onClose: (error?: CallLabError): void => {
      this.closes.push(error);
    },
  };

  /** Handlers that keep our half open when the peer ends. */
  readonly patientHandlers = {
    ...this.handlers,
    onEnd: (): void => {
      this.ended = true;
    },
  };

  get up(): TcpConnection {
    if (this.connection === undefined) throw new Error('There is no connection yet.');
    return this.connection;
  }
}

/** A listener on `host` and one connection to it, both ends recorded. */
export async function recordTcp({ network, until }: NetworkUnderTest, host = '127.0.0.12'): Promise<{ client: RecordedTcp; server: RecordedTcp; stop: () => Promise<void> }> {
  const [client, server] = [new RecordedTcp(), new RecordedTcp()];
  const listener = await network.listenTcp({
    host,
    port: 0,
    tap: server.tap,
    onConnection: (connection) => {
      server.connection = connection;
      connection.setHandlers(server.handlers);
    },
    onError: (error) => {
      throw error;
    },
  });
  client.connection = await network.connectTcp({ to: listener.local, tap: client.tap, ...client.handlers });
  await until(() => server.connection !== undefined);
  return { client, server, stop: () => listener.close() };
}

/** A callback that must not be called. */
export function unexpected(what: unknown): never {
  throw new Error('This callback must not be called.', { cause: what });
}

export function octets(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** For `assert.rejects` and the like. */
export function withCode(code: string, text?: RegExp): (error: unknown) => boolean {
  return (error) => {
    const { code: actual, message } = error as CallLabError;
    return actual === code && (text === undefined || text.test(message));
  };
}
