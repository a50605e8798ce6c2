import { type ByteRange, CallLabError, type Clock, type Disposable, type Milliseconds } from '../core';
import type { Network, PacketTap, SocketAddress, StreamProtocol, TcpConnection, TcpListener } from '../net';
import { formatHop, type Hop, StreamFramer } from '../sip';
import { isNobody } from './nobody';
import { isPing, isRepeatable, viaOfNobody } from './stream-octets';

export interface SipStreamsOptions {
  readonly network: Network;
  readonly clock: Clock;
  /** Connections are made from this address. */
  readonly host: string;
  /** Sees every message, before it leaves and before it is delivered; returns false for one that must not be delivered. */
  readonly journal: (packet: Parameters<PacketTap>[0]) => boolean;
  onMessage(bytes: Uint8Array, source: Hop): void;
  /** Something on the wire was not as it should be; no call is told of it. `range` is in the octets journalled last. */
  onProblem(code: string, text: string, range?: ByteRange): void;
}

/** Where a message goes, and whom a certificate there must name when that is not the host. */
export interface StreamHop extends Hop {
  readonly serverName?: string;
}

/** Connections that others may have to one phone at a time. */
const mostAccepted = 256;

/** How long a peer may take to finish its first message, and any other that it began. */
const patience: Milliseconds = 30_000;

/** A connection over which nothing was said for so long is closed; who needs it again makes a new one. */
const idleLimit: Milliseconds = 600_000;

/** How often connections are looked at. */
const inspection: Milliseconds = 15_000;

/** Messages remembered per connection, to be sent again when it turns out to be dead. */
const mostUnheard = 64;

/** Names that one WebSocket client may go by. */
const mostNames = 4;

interface Outgoing {
  readonly bytes: Uint8Array;
  readonly onFailure: (error: Error) => void;
  /** It was lost with one connection already. */
  readonly isRepeat: boolean;
}

interface Connection {
  /** The other end; for one that we made, where we connected to. */
  readonly hop: StreamHop;
  readonly isOurs: boolean;
  /** Undefined while the connection is being made. */
  tcp: TcpConnection | undefined;
  waiting: Outgoing[];
  /** Written since the peer was last heard: nobody knows whether it arrived. */
  unheard: Outgoing[];
  readonly names: string[];
  readonly framer: StreamFramer | undefined;
  /** When the last whole message went either way; since when the peer owes the rest of one. */
  used: Milliseconds;
  owesSince: Milliseconds | undefined;
}

/**
 * The connections of one phone: TCP, TLS, WebSocket (RFC 3261 section 18, RFC 7118). One connection serves for all that
 * goes to its other end; what is lost with a connection that has died is sent again over a new one. The journal sees
 * whole messages.
 */
export class SipStreams {
  readonly #options: SipStreamsOptions;
  readonly #listeners = new Set<TcpListener>();
  readonly #connections = new Map<string, Connection>();
  /** WebSocket clients by the name they gave themselves (RFC 7118 section 5.2): there is no other way back to them. */
  readonly #named = new Map<string, Connection>();
  #inspector: Disposable | undefined;
  #closed = false;
  #closing: Promise<void>[] = [];

  constructor(options: SipStreamsOptions) {
    this.#options = options;
  }

  /** Takes a port, 0 for any free one. Throws as `Network.listenTcp` does. */
  async listen(protocol: StreamProtocol, port: number): Promise<SocketAddress> {
    const { network, host } = this.#options;
    const listener = await network.listenTcp({
      protocol,
      host,
      port,
      // The journal gets framed messages, see #serve; raw pieces of a stream would show half messages.
      tap: () => undefined,
      onConnection: (tcp) => {
        this.#accept(tcp);
      },
      onError: (error) => {
        if (!this.#closed) this.#options.onProblem(error.code, error.message);
      },
    });
    this.#listeners.add(listener);
    return listener.local;
  }

  /** Sends one message. `onFailure` is called later, at most once, when as far as can be known it did not arrive. */
  send(bytes: Uint8Array, hop: StreamHop, onFailure: (error: Error) => void): void {
    if (!this.#closed) this.#send({ bytes, onFailure, isRepeat: false }, hop);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#inspector?.dispose();
    const connections = [...this.#connections.values()].map(({ tcp }) => tcp).filter((tcp) => tcp !== undefined);
    this.#connections.clear();
    this.#named.clear();
    const listeners = [...this.#listeners];
    await Promise.all([...this.#closing, ...[...listeners, ...connections].map((socket) => socket.close())]);
  }

  #send(message: Outgoing, hop: StreamHop): void {
    const key = formatHop(hop);
    const known = this.#connections.get(key) ?? this.#named.get(nameKey(hop.transport, hop.host));
    if (known === undefined && isNobody(hop)) {
      this.#failLater([message], new CallLabError('CL1003', `The WebSocket of ${hop.host} is closed, and nobody can connect to a WebSocket client.`));
      return;
    }
    const connection = known ?? this.#connect(key, hop);
    if (connection.tcp === undefined) connection.waiting.push(message);
    else this.#write(connection, connection.tcp, message);
  }

  #connect(key: string, hop: StreamHop): Connection {
    const connection = this.#newConnection(hop, true);
    this.#connections.set(key, connection);
    const connected = this.#options.network
      .connectTcp({
        protocol: streamProtocol(hop),
        to: hop,
        ...(hop.serverName !== undefined && { serverName: hop.serverName }),
        from: this.#options.host,
        tap: () => undefined,
        onData: () => undefined,
        onClose: () => undefined,
      })
      .then((tcp) => {
        if (this.#closed) return tcp.close();
        connection.tcp = tcp;
        this.#serve(tcp, connection);
        for (const message of connection.waiting.splice(0)) this.#write(connection, tcp, message);
        return undefined;
      })
      .catch((reason: unknown) => {
        const error = reason instanceof Error ? reason : new Error(String(reason));
        this.#forget(connection);
        if (this.#closed) return;
        this.#options.onProblem(error instanceof CallLabError ? error.code : 'CL1003', error.message);
        for (const { onFailure } of connection.waiting.splice(0)) onFailure(error);
      });
    this.#track(connected);
    return connection;
  }

  #accept(tcp: TcpConnection): void {
    const accepted = [...this.#connections.values()].filter(({ isOurs }) => !isOurs).length;
    if (this.#closed || accepted >= mostAccepted) {
      tcp.setHandlers({ onData: () => undefined, onClose: () => undefined });
      tcp.destroy();
      if (!this.#closed) this.#options.onProblem('CL1006', `A connection was turned away: there are ${String(accepted)} already.`);
      return;
    }
    const connection = this.#newConnection({ transport: tcp.protocol, ...tcp.remote }, false);
    connection.tcp = tcp;
    this.#serve(tcp, connection);
  }

  #newConnection(hop: StreamHop, isOurs: boolean): Connection {
    const isWebSocket = hop.transport === 'ws' || hop.transport === 'wss';
    const now = this.#options.clock.now();
    return {
      hop,
      isOurs,
      tcp: undefined,
      waiting: [],
      unheard: [],
      names: [],
      framer: isWebSocket ? undefined : new StreamFramer(),
      used: now,
      // Who connects to us has something to say; a WebSocket client may be waiting for calls only.
      owesSince: isOurs || isWebSocket ? undefined : now,
    };
  }

  #serve(tcp: TcpConnection, connection: Connection): void {
    this.#connections.set(formatHop({ transport: tcp.protocol, ...tcp.remote }), connection);
    this.#inspectLater();
    tcp.setHandlers({
      onData: (bytes) => {
        if (connection.framer === undefined) this.#takeMessage(bytes, tcp, connection);
        else this.#takePiece(bytes, tcp, connection, connection.framer);
      },
      onClose: (error) => {
        this.#onClose(connection, error);
      },
    });
  }

  /** One WebSocket message is one SIP message (RFC 7118 section 5.1), or a keep-alive. */
  #takeMessage(bytes: Uint8Array, tcp: TcpConnection, connection: Connection): void {
    if (isPing(bytes)) {
      if (bytes.length >= 4) tcp.send(Buffer.from('\r\n'));
      return;
    }
    if (!connection.isOurs) this.#learnName(bytes, connection);
    this.#deliver(bytes, tcp, connection);
  }

  #takePiece(bytes: Uint8Array, tcp: TcpConnection, connection: Connection, framer: StreamFramer): void {
    const now = this.#options.clock.now();
    for (const item of framer.push(bytes)) {
      if (item.kind === 'message') {
        connection.owesSince = undefined;
        this.#deliver(item.bytes, tcp, connection);
      } else if (item.kind === 'ping') {
        connection.used = now;
        connection.owesSince = undefined;
        tcp.send(Buffer.from('\r\n')); // RFC 5626 4.4.1
      } else {
        // RFC 3261 18.3: without a usable Content-Length nobody knows where the next message starts.
        // What came of it may be answered (400, 413, 513), and is told to be wrong in any case.
        this.#deliver(item.bytes, tcp, connection);
        this.#options.onProblem('CL2001', `The stream from ${formatHop(connection.hop)} was closed: ${item.message}`, item.range);
        this.#track(tcp.close());
        return;
      }
    }
    if (framer.pending > 0) connection.owesSince ??= now;
  }

  #deliver(bytes: Uint8Array, tcp: TcpConnection, connection: Connection): void {
    connection.used = this.#options.clock.now();
    connection.unheard = [];
    if (this.#tap('received', tcp, bytes)) this.#options.onMessage(bytes, { transport: tcp.protocol, ...tcp.remote });
  }

  #learnName(bytes: Uint8Array, connection: Connection): void {
    const name = viaOfNobody(bytes);
    if (name === undefined || connection.names.includes(name) || connection.names.length >= mostNames) return;
    const key = nameKey(connection.hop.transport, name);
    // Nobody takes over a name that is in use: it would get the other one's requests.
    if (this.#named.has(key)) return;
    connection.names.push(name);
    this.#named.set(key, connection);
  }

  #onClose(connection: Connection, error: CallLabError | undefined): void {
    this.#forget(connection);
    if (this.#closed) return;
    if (error !== undefined) this.#options.onProblem(error.code, error.message);
    // RFC 3261 18.2.2 and 18.4: what went into a connection that was dead by then is not lost. The peer takes a message
    // that did arrive for a retransmission. After an orderly end only a request still waits for anything.
    const lost = connection.unheard.filter(({ bytes }) => error !== undefined || isRepeatable(bytes));
    const reason = error ?? new CallLabError('CL1003', `${formatHop(connection.hop)} closed the connection without an answer.`);
    for (const message of lost) {
      if (connection.isOurs && !message.isRepeat) this.#send({ ...message, isRepeat: true }, connection.hop);
      else message.onFailure(reason);
    }
  }

  #forget(connection: Connection): void {
    for (const [key, known] of this.#connections) if (known === connection) this.#connections.delete(key);
    for (const name of connection.names) this.#named.delete(nameKey(connection.hop.transport, name));
    if (this.#connections.size > 0) return;
    this.#inspector?.dispose();
    this.#inspector = undefined;
  }

  #write(connection: Connection, tcp: TcpConnection, message: Outgoing): void {
    connection.used = this.#options.clock.now();
    connection.unheard.push(message);
    if (connection.unheard.length > mostUnheard) connection.unheard.shift();
    this.#tap('sent', tcp, message.bytes);
    tcp.send(message.bytes);
  }

  #tap(direction: 'sent' | 'received', tcp: TcpConnection, bytes: Uint8Array): boolean {
    const [source, destination] = direction === 'sent' ? [tcp.local, tcp.remote] : [tcp.remote, tcp.local];
    return this.#options.journal({ direction, protocol: tcp.protocol, source, destination, bytes });
  }

  #failLater(messages: readonly Outgoing[], error: CallLabError): void {
    this.#track(
      Promise.resolve().then(() => {
        if (this.#closed) return;
        this.#options.onProblem(error.code, error.message);
        for (const { onFailure } of messages) onFailure(error);
      }),
    );
  }

  // --- connections that nobody needs, or that only cost ---

  #inspectLater(): void {
    if (this.#closed || this.#inspector !== undefined) return;
    if (![...this.#connections.values()].some(({ framer }) => framer !== undefined)) return;
    this.#inspector = this.#options.clock.setTimer(inspection, () => {
      this.#inspector = undefined;
      this.#inspect();
      this.#inspectLater();
    });
  }

  #inspect(): void {
    const now = this.#options.clock.now();
    for (const { hop, tcp, framer, owesSince, used } of new Set(this.#connections.values())) {
      if (tcp === undefined || framer === undefined) continue;
      if (owesSince !== undefined && now - owesSince >= patience) {
        const what = framer.pending > 0 ? `only ${String(framer.pending)} octets of a message came` : 'nothing came';
        this.#options.onProblem('CL1006', `The connection from ${formatHop(hop)} was closed: ${what} in ${String(patience / 1_000)} s.`);
        this.#track(tcp.close());
      } else if (now - used >= idleLimit) {
        this.#track(tcp.close());
      }
    }
  }

  #track(work: Promise<void>): void {
    this.#closing.push(work);
    void work.finally(() => {
      this.#closing = this.#closing.filter((other) => other !== work);
    });
  }
}

function streamProtocol({ transport }: Hop): StreamProtocol {
  return transport === 'udp' ? 'tcp' : transport;
}

function nameKey(transport: Hop['transport'], name: string): string {
  return `${transport}:${name.toLowerCase()}`;
}
