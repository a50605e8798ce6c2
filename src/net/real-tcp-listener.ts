import { createServer } from 'node:net';
import { CallLabError } from '../core';
import { formatAddress } from './address';
import { ListenerClosing } from './listener-closing';
import { listening } from './listening';
import type { TcpListener, TcpListenOptions } from './network';
import { RealTcpConnection } from './real-tcp-connection';
import type { SocketContext } from './socket-context';

export async function listenRealTcp(context: SocketContext, options: TcpListenOptions): Promise<TcpListener> {
  const wanted = context.policy.admitLocal(options);
  const server = createServer({ allowHalfOpen: true, noDelay: true });
  const local = await listening(context, server, 'tcp', wanted);
  const closing = new ListenerClosing(server, context);
  server.on('connection', (socket) => {
    if (!closing.hasBegun) options.onConnection(new RealTcpConnection(context, socket, options.tap));
    else socket.destroy();
  });
  server.on('error', (cause) => {
    options.onError(new CallLabError('CL1003', `TCP ${formatAddress(local)} cannot accept: ${cause.message}.`, { cause }));
  });
  return { local, close: closing.close };
}
