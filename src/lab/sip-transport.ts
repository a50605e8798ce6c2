import { type ByteRange, CallLabError, type Clock, type Disposable } from '../core';
import type { Network, PacketTap, SipLocator, SocketAddress, TappedPacket, UdpSocket } from '../net';
import { formatHop, type Hop, type HopTransport } from '../sip';
import { defaultFloodLimits, FloodGate, type FloodLimits } from './flood-gate';
import { isNamed, NamedHops } from './named-hops';
import { SipStreams, type StreamHop } from './sip-streams';

export interface SipTransportOptions {
  readonly network: Network;
  readonly clock: Clock;
  readonly host: string;
  /** Of UDP and TCP; 0 takes a free port. */
  readonly port: number;
  /** Further transports to listen on, each with its port; 0 takes a free one. */
  readonly listen?: { readonly tls?: number | undefined; readonly ws?: number | undefined };
  readonly limits?: FloodLimits | undefined;
  /** Says where hosts are that have a name; without one they cannot be reached. */
  readonly locator?: SipLocator | undefined;
  /** Sees every message, before it leaves and before it is delivered. */
  readonly journal: PacketTap;
  onMessage(bytes: Uint8Array, source: Hop): void;
  /** Something on the wire was not as it should be; no call is told of it. `range` is in the octets journalled last. */
  onProblem(code: string, text: string, range?: ByteRange): void;
}

/** How many ports are tried until UDP and TCP are free on the same one. */
const portTries = 20;

/**
 * One phone's way to the network: UDP and TCP on the same port (RFC 3261 section 18), TLS and WebSocket on ports of their
 * own where wanted. The journal sees whole messages: a datagram, or what was framed out of a stream.
 */
export class SipTransport implements Disposable {
  readonly #options: SipTransportOptions;
  readonly #gate: FloodGate;
  readonly #streams: SipStreams;
  readonly #named: NamedHops | undefined;
  readonly #addresses = new Map<HopTransport, SocketAddress>();
  #udp: UdpSocket | undefined;
  #closed = false;
  /** Whether the datagram that was tapped last may be delivered. */
  #admitted = true;
  /** Whom to tell when a datagram to an address could not be sent. */
  readonly #udpFailures = new Map<string, (error: Error) => void>();

  private constructor(options: SipTransportOptions) {
    this.#options = options;
    const { network, clock, host } = options;
    this.#gate = new FloodGate(clock, options.limits ?? defaultFloodLimits, (text) => {
      options.onProblem('CL1006', text);
    });
    this.#named =
      options.locator &&
      new NamedHops(options.locator, clock, (bytes, hop, onFailure) => {
        this.#sendTo(bytes, hop, onFailure);
      });
    this.#streams = new SipStreams({
      network,
      clock,
      host,
      journal: (packet) => this.#journal(packet),
      onMessage: (bytes, source) => {
        options.onMessage(bytes, source);
      },
      onProblem: (code, text, range) => {
        options.onProblem(code, text, range);
      },
    });
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

  /** Of UDP and TCP. */
  get local(): SocketAddress {
    if (this.#udp === undefined) throw new Error('the transport is not open');
    return this.#udp.local;
  }

  /** Where others reach this end, for each transport it listens on. */
  get addresses(): ReadonlyMap<HopTransport, SocketAddress> {
    return this.#addresses;
  }

  /** Sends one message. `onFailure` is called later, at most once, when as far as can be known it did not arrive. */
  send(bytes: Uint8Array, hop: Hop, onFailure: (error: Error) => void): void {
    if (this.#named !== undefined && isNamed(hop)) this.#named.send(bytes, hop, onFailure);
    else this.#sendTo(bytes, hop, onFailure);
  }

  async close(): Promise<void> {
    if (!this.#closed) this.#gate.close();
    this.#closed = true;
    this.#udpFailures.clear();
    await Promise.all([this.#udp?.close(), this.#streams.close()]);
  }

  dispose(): void {
    void this.close();
  }

  async #open(): Promise<void> {
    const { network, host, port, listen = {} } = this.#options;
    this.#udp = await network.bindUdp({
      host,
      port,
      tap: (packet) => {
        this.#admitted = this.#journal(packet);
      },
      onPacket: (bytes, from) => {
        if (!this.#admitted) return;
        // RFC 5626 4.4.1 and old habit: empty lines and zeros only keep a NAT binding open.
        if (bytes.every((octet) => octet === 0x0d || octet === 0x0a || octet === 0)) return;
        this.#options.onMessage(bytes, { transport: 'udp', ...from });
      },
      onError: (error, to) => {
        this.#onDatagramError(error, to);
      },
    });
    this.#addresses.set('udp', this.#udp.local);
    this.#addresses.set('tcp', await this.#streams.listen('tcp', this.#udp.local.port));
    if (listen.tls !== undefined) this.#addresses.set('tls', await this.#streams.listen('tls', listen.tls));
    if (listen.ws !== undefined) this.#addresses.set('ws', await this.#streams.listen('ws', listen.ws));
  }

  /** Journals a message, unless it is part of a flood. */
  #journal(packet: TappedPacket): boolean {
    if (packet.direction === 'received' && !this.#gate.admits(packet.bytes, packet.source)) return false;
    this.#options.journal(packet);
    return true;
  }

  #sendTo(bytes: Uint8Array, hop: StreamHop, onFailure: (error: Error) => void): void {
    if (this.#closed) return;
    if (hop.transport === 'udp') this.#sendDatagram(bytes, hop, onFailure);
    else this.#streams.send(bytes, hop, onFailure);
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
}
