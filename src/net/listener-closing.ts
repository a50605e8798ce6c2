import type { Handshakes } from './handshakes';
import type { SocketContext } from './socket-context';

/** Closes a listening server and what is still shaking hands with it, if it has handshakes, once, however often it is asked. */
export class ListenerClosing {
  #closed: Promise<void> | undefined;
  readonly close: () => Promise<void>;

  constructor(server: { close(): unknown }, context: SocketContext, handshakes?: Handshakes) {
    this.close = () => {
      this.#closed ??= new Promise((resolve) => {
        server.close();
        handshakes?.abandon();
        // A server's own 'close' waits for its last connection, but the port is free in the next turn.
        setImmediate(() => {
          context.open.delete(server);
          resolve();
        });
      });
      return this.#closed;
    };
  }

  get hasBegun(): boolean {
    return this.#closed !== undefined;
  }
}
