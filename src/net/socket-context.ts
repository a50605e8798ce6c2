import type { AddressPolicy } from './address-policy';

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
