import { type ByteRange, CallLabError, type Disposable } from '../core';
import type { Network, PacketTap, SocketAddress, TcpConnection, TcpListener, UdpSocket } from '../net';
import { formatHop, type Hop, StreamFramer } from '../sip';

export interface SipTransportOptions {
  readonly network: Network;
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Sees every message, before it leaves and before it is delivered. */
  readonly journal: PacketTap;
  onMessage(bytes: Uint8Array, source: Hop): void;
  /** Something on the wire was not as it should be; no call is told of it. `range` is in the octets journalled last. */
  onProblem(code: string, text: string, range?: ByteRange): void;
}

/** How many ports are tried until UDP and TCP are free on the same one. */
const portTries = 20;

interface Connection {
  readonly remote: SocketAddress;
  /** Undefined while the connection is being made. */
  tcp: TcpConnection | undefined;
  readonly waiting: { readonly bytes: Uint8Array; readonly onFailure: (error: Error) => void }[];
}

/**
 * One phone's way to the network: UDP and TCP on the same port (RFC 3261 section 18). The journal sees whole messages:
 * a datagram, or what was framed out of a stream.
 */
export class SipTransport implements Disposable {
  readonly #options: SipTransportOptions;
  readonly #connections = new Map<string, Connection>();
  #udp: UdpSocket | undefined;
  #listener: TcpListener | undefined;
  #closed = false;
  #closing: Promise<void>[] = [];
  /** Whom to tell when a datagram to an address could not be sent. */
  readonly #udpFailures = new Map<string, (error: Error) => void>();

  private constructor(options: SipTransportOptions) {
    this.#options = options;
  }

  /** Takes the port. Throws CL1001 when it is in use, CL1002 when it is not loopback; nothing stays open then. */
  static async open(options: SipTransportOptions): Promise<SipTransport> {
    for (let attempt = 1; ; attempt += 1) {
      const transport = new SipTransport(options);
      try {
        await transport.#open();
        return transport;
      } catch (error) {
        await transport.close();
        const isUnlucky = options.port === 0 && error instanceof CallLabError && error.code === 'CL1001';
        if (!isUnlucky || attempt === portTries) throw error;
      }
    }
  }

  get local(): SocketAddress {
    if (this.#udp === undefined) throw new Error('the transport is not open');
    return this.#udp.local;
  }

  /** Sends one message. `onFailure` is called later, at most once, when it certainly did not leave. */
  send(bytes: Uint8Array, hop: Hop, onFailure: (error: Error) => void): void {
    if (this.#closed) return;
    if (hop.transport === 'udp') this.#sendDatagram(bytes, hop, onFailure);
    else this.#sendStream(bytes, hop, onFailure);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#udpFailures.clear();
    const connections = [...this.#connections.values()].map((connection) => connection.tcp);
    this.#connections.clear();
    const open = [this.#udp, this.#listener, ...connections].filter((socket) => socket !== undefined);
    await Promise.all([...this.#closing, ...open.map((socket) => socket.close())]);
  }

  dispose(): void {
    void this.close();
  }

  async #open(): Promise<void> {
    const { network, host, port, journal } = this.#options;
    this.#udp = await network.bindUdp({
      host,
      port,
      tap: journal,
      onPacket: (bytes, from) => {
        // RFC 5626 4.4.1 and old habit: empty lines and zeros only keep a NAT binding open.
        if (bytes.every((octet) => octet === 0x0d || octet === 0x0a || octet === 0)) return;
        this.#options.onMessage(bytes, { transport: 'udp', ...from });
      },
      onError: (error, to) => {
        this.#onDatagramError(error, to);
      },
    });
    this.#listener = await network.listenTcp({
      host,
      port: this.#udp.local.port,
      // The journal gets framed messages, see #serve; raw pieces of a stream would show half messages.
      tap: () => undefined,
      onConnection: (connection) => {
        this.#serve(connection, { remote: connection.remote, tcp: connection, waiting: [] });
      },
      onError: (error) => {
        this.#options.onProblem(error.code, error.message);
      },
    });
  }

  #sendDatagram(bytes: Uint8Array, hop: Hop, onFailure: (error: Error) => void): void {
    const key = formatHop(hop);
    this.#udpFailures.delete(key);
    this.#udpFailures.set(key, onFailure);
    const oldest = this.#udpFailures.keys().next();
    if (this.#udpFailures.size > 64 && oldest.done === false) this.#udpFailures.delete(oldest.value);
    this.#udp?.send(bytes, hop);
  }

  #onDatagramError(error: CallLabError, to: SocketAddress | undefined): void {
    const onFailure = to === undefined ? undefined : this.#udpFailures.get(formatHop({ transport: 'udp', ...to }));
    if (to !== undefined) this.#udpFailures.delete(formatHop({ transport: 'udp', ...to }));
    this.#options.onProblem(error.code, error.message);
    onFailure?.(error);
  }

  #sendStream(bytes: Uint8Array, hop: Hop, onFailure: (error: Error) => void): void {
    const key = formatHop(hop);
    let connection = this.#connections.get(key);
    if (connection === undefined) {
      connection = { remote: hop, tcp: undefined, waiting: [] };
      this.#connections.set(key, connection);
      this.#connect(key, connection);
    }
    if (connection.tcp === undefined) connection.waiting.push({ bytes, onFailure });
    else this.#write(connection.tcp, bytes);
  }

  #connect(key: string, connection: Connection): void {
    const fail = (error: Error): void => {
      this.#connections.delete(key);
      this.#options.onProblem(error instanceof CallLabError ? error.code : 'CL1003', error.message);
      for (const { onFailure } of connection.waiting.splice(0)) onFailure(error);
    };
    const connected = this.#options.network
      .connectTcp({
        to: connection.remote,
        from: this.#options.host,
        tap: () => undefined,
        onData: () => undefined,
        onClose: () => undefined,
      })
      .then((tcp) => {
        if (this.#closed) return tcp.close();
        connection.tcp = tcp;
        this.#serve(tcp, connection);
        for (const { bytes } of connection.waiting.splice(0)) this.#write(tcp, bytes);
        return undefined;
      })
      .catch((error: unknown) => {
        fail(error instanceof Error ? error : new Error(String(error)));
      });
    this.#track(connected);
  }

  #serve(tcp: TcpConnection, connection: Connection): void {
    const source: Hop = { transport: 'tcp', ...tcp.remote };
    this.#connections.set(formatHop(source), connection);
    const framer = new StreamFramer();
    tcp.setHandlers({
      onData: (bytes) => {
        for (const item of framer.push(bytes)) {
          if (item.kind === 'message') {
            this.#tap('received', tcp, item.bytes);
            this.#options.onMessage(item.bytes, source);
          } else if (item.kind === 'ping') {
            tcp.send(Buffer.from('\r\n')); // RFC 5626 4.4.1
          } else {
            // RFC 3261 18.3: without a usable Content-Length nobody knows where the next message starts.
            this.#tap('received', tcp, item.bytes);
            this.#options.onProblem('CL2001', `The stream from ${formatHop(source)} was closed: ${item.message}`, item.range);
            this.#track(tcp.close());
            return;
          }
        }
      },
      onClose: (error) => {
        if (this.#connections.get(formatHop(source)) === connection) this.#connections.delete(formatHop(source));
        if (error !== undefined && !this.#closed) this.#options.onProblem(error.code, error.message);
      },
    });
  }

  #write(tcp: TcpConnection, bytes: Uint8Array): void {
    this.#tap('sent', tcp, bytes);
    tcp.send(bytes);
  }

  #tap(direction: 'sent' | 'received', tcp: TcpConnection, bytes: Uint8Array): void {
    const [source, destination] = direction === 'sent' ? [tcp.local, tcp.remote] : [tcp.remote, tcp.local];
    this.#options.journal({ direction, protocol: 'tcp', source, destination, bytes });
  }

  #track(work: Promise<void>): void {
    this.#closing.push(work);
    void work.finally(() => {
      this.#closing = this.#closing.filter((other) => other !== work);
    });
  }
}
