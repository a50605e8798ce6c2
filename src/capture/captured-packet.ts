import type { SocketAddress } from '../net';

/** One UDP datagram, or one piece of a TCP stream in the stream's order, as a capture file holds it. */
export interface CapturedPacket {
  /** Milliseconds since 1970 (UTC), with a fraction; a double keeps a quarter of a microsecond. */
  readonly at: number;
  readonly transport: 'udp' | 'tcp';
  readonly source: SocketAddress;
  readonly destination: SocketAddress;
  /** What UDP or TCP carried, without their headers. */
  readonly bytes: Uint8Array;
}
