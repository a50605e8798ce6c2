export { canonicalHost, formatAddress, hostFromOctets, hostOctets, isLoopback, sameAddress } from './address';
export { MAX_DATAGRAM } from './datagram';
export type {
  Network,
  PacketTap,
  SocketAddress,
  StreamProtocol,
  TappedPacket,
  TcpConnection,
  TcpConnectOptions,
  TcpHandlers,
  TcpListener,
  TcpListenOptions,
  TransportProtocol,
  UdpOptions,
  UdpSocket,
} from './network';
export { findPortHolder, isPortHeld, type PortHolder } from './port-holder';
export { platformDns } from './platform-dns';
export { type DnsQueries, type Located, type NaptrRecord, SipLocator, type Sought, type SrvRecord } from './sip-locator';
export { RealNetwork, type RealNetworkOptions } from './real-network';
export { SimulatedNetwork, type SimulatedNetworkOptions } from './simulated-network';
export { type NetworkConditions, PERFECT_CONDITIONS, type Place } from './simulated-path';
export type { DatagramStatistics } from './simulated-udp';
export type { TlsTrust } from './tls-identity';
