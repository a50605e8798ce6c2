import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { CallLabError } from '../core';
import { formatAddress } from './address';
import type { SocketAddress, TcpConnection, TcpConnectOptions } from './network';
import { RealTcpConnection } from './real-tcp-connection';
import { connectError } from './socket-errors';
import { type SocketContext, trackUntilClosed } from './socket-context';

export async function connectRealTcp(context: SocketContext, options: TcpConnectOptions): Promise<TcpConnection> {
  const to = context.policy.admitRemote(options.to);
  const from = options.from === undefined ? undefined : context.policy.admitHost(options.from);
  const socket = connect({ ...to, ...(from !== undefined && { localAddress: from }), allowHalfOpen: true, noDelay: true });
  const closed = trackUntilClosed(context, socket);
  try {
    await established(socket, to, context.connectTimeout);
  } catch (error) {
    socket.destroy();
    await closed;
    throw error instanceof CallLabError ? error : connectError(error as Error, to, from);
  }
  const connection = new RealTcpConnection(context, socket, options.tap);
  connection.setHandlers(options);
  return connection;
}

async function established(socket: Socket, to: SocketAddress, timeout: number): Promise<void> {
  const timer = setTimeout(() => {
    socket.destroy(new CallLabError('CL1004', `TCP ${formatAddress(to)} did not answer within ${timeout / 1000} s.`));
  }, timeout);
  try {
    await once(socket, 'connect');
  } finally {
    clearTimeout(timer);
  }
}
