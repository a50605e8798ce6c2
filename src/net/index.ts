export type {
  Network,
  PacketTap,
  SocketAddress,
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
