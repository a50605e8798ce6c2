import { once } from 'node:events';
import { type AddressInfo, createServer, isIPv6, type Server } from 'node:net';
import { CallLabError } from '../core';
import { formatAddress } from './address';
import type { SocketAddress, TcpListener, TcpListenOptions } from './network';
import { RealTcpConnection } from './real-tcp-connection';
import { bindError } from './socket-errors';
import type { SocketContext } from './socket-context';

export async function listenRealTcp(context: SocketContext, options: TcpListenOptions): Promise<TcpListener> {
  const wanted = context.policy.admitLocal(options);
  const server = createServer({ allowHalfOpen: true, noDelay: true });
  context.open.add(server);
  try {
    server.listen({ host: wanted.host, port: wanted.port, ipv6Only: isIPv6(wanted.host), exclusive: true });
    await once(server, 'listening');
  } catch (error) {
    context.open.delete(server);
    throw await bindError(error as Error, 'tcp', wanted);
  }
  return new RealTcpListener(context, server, options);
}

class RealTcpListener implements TcpListener {
  readonly local: SocketAddress;
  readonly #context: SocketContext;
  readonly #server: Server;
  #closed: Promise<void> | undefined;

  constructor(context: SocketContext, server: Server, options: TcpListenOptions) {
    const { address, port } = server.address() as AddressInfo;
    this.local = { host: address, port };
    this.#context = context;
    this.#server = server;
    server.on('connection', (socket) => {
      if (this.#closed === undefined) options.onConnection(new RealTcpConnection(context, socket, options.tap));
      else socket.destroy();
    });
    server.on('error', (cause) => {
      options.onError(new CallLabError('CL1003', `TCP ${formatAddress(this.local)} cannot accept: ${cause.message}.`, { cause }));
    });
  }

  close(): Promise<void> {
    this.#closed ??= new Promise((resolve) => {
      this.#server.close();
      // A server's own 'close' waits for its last connection, but the port is free in the next turn.
      setImmediate(() => {
        this.#context.open.delete(this.#server);
        resolve();
      });
    });
    return this.#closed;
  }
}
