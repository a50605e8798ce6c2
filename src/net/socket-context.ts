import type { AddressPolicy } from './address-policy';
import type { TlsIdentity } from './tls-identity';

/** What the real sockets of one network share: their rules, and the list of those that are open. */
export interface SocketContext {
  readonly open: Set<object>;
  readonly policy: AddressPolicy;
  /** Milliseconds. */
  readonly connectTimeout: number;
  /** Milliseconds. */
  readonly closeTimeout: number;
  /** Octets. */
  readonly writeQueueLimit: number;
  /** Connections that may be in the middle of a handshake at one listener; more are dropped. */
  readonly handshakeLimit: number;
  /** How often a WebSocket peer is asked whether it is there, in milliseconds. */
  readonly pingInterval: number;
  readonly tls: TlsIdentity;
}

/** Counts a socket as open until the system says it is closed; resolves then. */
export function trackUntilClosed(context: SocketContext, socket: { once(event: 'close', listener: () => void): unknown }): Promise<void> {
  context.open.add(socket);
  return new Promise((resolve) => {
    socket.once('close', () => {
      context.open.delete(socket);
      resolve();
    });
  });
}
