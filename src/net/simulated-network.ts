import { CallLabError, type Clock, type Milliseconds, type RandomSource } from '../core';
import { formatAddress } from './address';
import { AddressPolicy } from './address-policy';
import type { Network, SocketAddress, StreamProtocol, TcpConnection, TcpConnectOptions, TcpListener, TcpListenOptions, TransportProtocol, UdpOptions, UdpSocket } from './network';
import { PortTable } from './port-table';
import { type NetworkConditions, PERFECT_CONDITIONS, type Place, placeCovers, SimulatedPath } from './simulated-path';
import { SimulatedTcpConnection, SimulatedTcpListener, type StreamContext } from './simulated-tcp';
import { type DatagramContext, type DatagramStatistics, SimulatedUdpSocket } from './simulated-udp';
import { nobodyListens } from './socket-errors';

export interface SimulatedNetworkOptions extends Partial<NetworkConditions> {
  readonly clock: Clock;
  readonly random: RandomSource;
  /** How long a TCP connection bears a partition before it breaks, in milliseconds. Default: 5,000. */
  readonly streamTimeout?: Milliseconds;
}

type SimulatedSocket = SimulatedUdpSocket | SimulatedTcpListener | SimulatedTcpConnection;

/**
 * A network in memory: the same seed on the same virtual clock carries the same packets at the same times. Binding,
 * closing and connecting finish without the clock moving, so that who awaits them cannot wait for ever; only to connect
 * across a partition takes its time. A datagram to nobody is lost in silence. A TCP peer always reads. TLS and WebSocket
 * are TCP whose handshake always succeeds, when both ends want the same.
 */
export class SimulatedNetwork implements Network {
  readonly #path: SimulatedPath;
  readonly #policy = new AddressPolicy(false);
  readonly #open = new Set<SimulatedSocket>();
  readonly #udpPorts = new Map<string, PortTable<SimulatedUdpSocket>>();
  readonly #tcpPorts = new Map<string, PortTable<SimulatedTcpListener>>();
  readonly #statistics: DatagramStatistics = { sent: 0, delivered: 0, lost: 0, duplicated: 0, reordered: 0, cut: 0, unheard: 0 };
  readonly #datagrams: DatagramContext;
  readonly #streams: StreamContext;

  constructor({ clock, random, streamTimeout = 5_000, ...conditions }: SimulatedNetworkOptions) {
    this.#path = new SimulatedPath(clock, random, { ...PERFECT_CONDITIONS, ...conditions });
    this.#datagrams = {
      policy: this.#policy,
      path: this.#path,
      statistics: this.#statistics,
      socketAt: ({ host, port }) => this.#udpPorts.get(host)?.get(port),
      release: (socket) => {
        this.#open.delete(socket);
        this.#udpPorts.get(socket.local.host)?.release(socket.local.port, socket);
      },
    };
    this.#streams = {
      clock,
      path: this.#path,
      streamTimeout,
      release: (socket) => {
        this.#open.delete(socket);
        if (socket instanceof SimulatedTcpListener) this.#tcpPorts.get(socket.local.host)?.release(socket.local.port, socket);
      },
    };
  }

  /** As on a machine of whose sockets nothing is known: what nobody hears is lost without a word. */
  hears(): Promise<boolean | undefined> {
    return Promise.resolve(undefined);
  }

  get openSockets(): number {
    return this.#open.size;
  }

  get statistics(): Readonly<DatagramStatistics> {
    return this.#statistics;
  }

  get conditions(): NetworkConditions {
    return this.#path.conditions;
  }

  /** Changes the conditions named; packets under way are not touched. */
  setConditions(changes: Partial<NetworkConditions>): void {
    this.#path.conditions = { ...this.#path.conditions, ...changes };
  }

  async bindUdp(options: UdpOptions): Promise<UdpSocket> {
    const wanted = this.#policy.admitLocal(options);
    const ports = tableOf(this.#udpPorts, wanted.host);
    const local = claimPort(ports, 'udp', wanted);
    const socket = new SimulatedUdpSocket(this.#datagrams, local, options);
    ports.set(local.port, socket);
    this.#open.add(socket);
    return socket;
  }

  async listenTcp(options: TcpListenOptions): Promise<TcpListener> {
    const wanted = this.#policy.admitLocal(options);
    const ports = tableOf(this.#tcpPorts, wanted.host);
    const local = claimPort(ports, 'tcp', wanted);
    const listener = new SimulatedTcpListener(this.#streams, local, options);
    ports.set(local.port, listener);
    this.#open.add(listener);
    return listener;
  }

  async connectTcp(options: TcpConnectOptions): Promise<TcpConnection> {
    const remote = this.#policy.admitRemote(options.to);
    const host = this.#policy.admitHost(options.from ?? '127.0.0.1');
    const local = claimPort(tableOf(this.#tcpPorts, host), 'tcp', { host, port: 0 });
    if (this.#path.isCut(local, remote) || this.#path.isCut(remote, local)) {
      const { clock, streamTimeout } = this.#streams;
      await new Promise<void>((resolve) => clock.setTimer(streamTimeout, resolve));
      throw new CallLabError('CL1004', `TCP ${formatAddress(remote)} did not answer within ${streamTimeout / 1000} s.`);
    }
    const listener = this.#tcpPorts.get(remote.host)?.get(remote.port);
    const protocol = options.protocol ?? 'tcp';
    if (listener === undefined) throw new CallLabError('CL1004', nobodyListens(protocol, remote));
    refuseOther(protocol, listener.options.protocol ?? 'tcp', remote);
    const near = new SimulatedTcpConnection(this.#streams, protocol, local, remote, options.tap);
    const far = new SimulatedTcpConnection(this.#streams, protocol, remote, local, listener.options.tap);
    SimulatedTcpConnection.join(near, far);
    this.#open.add(near).add(far);
    listener.options.onConnection(far);
    near.setHandlers(options);
    return near;
  }

  /** Nothing passes between the two places any more, in either direction. What is under way still arrives. */
  partition(a: Place, b: Place): void {
    this.#path.cut(a, b);
    this.#path.cut(b, a);
    this.#tellStreams();
  }

  /** Nothing passes from one place to the other any more; the other direction stays as it is. */
  cut(from: Place, to: Place): void {
    this.#path.cut(from, to);
    this.#tellStreams();
  }

  /** Ends every partition. What crashed stays dead. */
  heal(): void {
    this.#path.heal();
    this.#tellStreams();
  }

  /**
   * Kills the sockets at a place as the death of their process would: they send and hear nothing any more, are not told,
   * and their ports are free. TCP peers see a reset. The place comes back by binding anew.
   */
  crash(place: Place): void {
    for (const socket of [...this.#open]) {
      if (placeCovers(place, socket.local)) socket.crash();
    }
  }

  #tellStreams(): void {
    for (const socket of [...this.#open]) {
      if (socket instanceof SimulatedTcpConnection) socket.pathChanged();
    }
  }
}

/** Two ends that do not speak the same protocol never get through their handshake. */
function refuseOther(wanted: StreamProtocol, spoken: StreamProtocol, remote: SocketAddress): void {
  if (wanted === spoken) return;
  const code = wanted === 'tls' || wanted === 'wss' ? 'CL1005' : 'CL1003';
  throw new CallLabError(code, `No ${wanted.toUpperCase()} connection to ${formatAddress(remote)}: ${spoken.toUpperCase()} is spoken there.`);
}

function tableOf<Bound>(tables: Map<string, PortTable<Bound>>, host: string): PortTable<Bound> {
  let table = tables.get(host);
  if (table === undefined) tables.set(host, (table = new PortTable()));
  return table;
}

/** The address to bind, with a free port chosen for port 0. Throws CL1001. */
function claimPort<Bound>(ports: PortTable<Bound>, protocol: TransportProtocol, { host, port }: SocketAddress): SocketAddress {
  const name = protocol.toUpperCase();
  if (port === 0) {
    const free = ports.allocate();
    if (free === undefined) throw new CallLabError('CL1001', `Every ${name} port of ${host} is in use.`);
    return { host, port: free };
  }
  if (ports.get(port) !== undefined) throw new CallLabError('CL1001', `${name} port ${port} of ${host} is in use by another socket of the simulation.`);
  return { host, port };
}
