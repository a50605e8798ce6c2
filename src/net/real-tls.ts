import { once } from 'node:events';
import { createServer } from 'node:net';
import { connect, createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { CallLabError } from '../core';
import { formatAddress } from './address';
import { Handshakes } from './handshakes';
import { ListenerClosing } from './listener-closing';
import { listening } from './listening';
import type { SocketAddress, TcpConnection, TcpConnectOptions, TcpListener, TcpListenOptions } from './network';
import { RealTcpConnection } from './real-tcp-connection';
import { connectError, tlsError } from './socket-errors';
import { type SocketContext, trackUntilClosed } from './socket-context';

/** Connects and shakes hands; neither may take longer than the network's connect timeout. */
export async function connectRealTls(context: SocketContext, options: TcpConnectOptions): Promise<TcpConnection> {
  const to = context.policy.admitRemote(options.to);
  const from = options.from === undefined ? undefined : context.policy.admitHost(options.from);
  const identity = await context.tls.clientOptions(options.serverName ?? to.host);
  const socket = connect({ ...identity, ...to, ...(from !== undefined && { localAddress: from }) });
  socket.setNoDelay(true);
  const closed = trackUntilClosed(context, socket);
  try {
    await secured(socket, to, context.connectTimeout);
  } catch (error) {
    socket.destroy();
    await closed;
    throw error instanceof CallLabError ? error : connectError(error as Error, to, from, 'tls');
  }
  const connection = new RealTcpConnection(context, socket, options.tap);
  connection.setHandlers(options);
  return connection;
}

async function secured(socket: TLSSocket, to: SocketAddress, timeout: number): Promise<void> {
  const timer = setTimeout(() => {
    socket.destroy(new CallLabError('CL1004', `TLS ${formatAddress(to)} did not answer within ${timeout / 1000} s.`));
  }, timeout);
  try {
    await once(socket, 'secureConnect');
  } finally {
    clearTimeout(timer);
  }
}

export async function listenRealTls(context: SocketContext, options: TcpListenOptions): Promise<TcpListener> {
  const wanted = context.policy.admitLocal(options);
  const identity = await context.tls.serverOptions();
  // The connections are accepted by a server of ours, which lets in only so many at once; the TLS server is handed them.
  const shaker = createTlsServer({ ...identity, handshakeTimeout: context.connectTimeout });
  const server = createServer({ noDelay: true });
  const local = await listening(context, server, 'tls', wanted);
  const handshakes = new Handshakes(context, options);
  const closing = new ListenerClosing(server, context, handshakes);
  server.on('connection', (socket) => {
    if (handshakes.begin(socket)) shaker.emit('connection', socket);
  });
  shaker.on('secureConnection', (socket) => {
    handshakes.done(socket);
    if (!closing.hasBegun) options.onConnection(new RealTcpConnection(context, socket, options.tap));
    else socket.destroy();
  });
  shaker.on('tlsClientError', (cause, socket) => {
    const { remoteAddress, remotePort } = socket;
    const peer = remoteAddress === undefined ? undefined : { host: remoteAddress, port: remotePort ?? 0 };
    // The raw socket stays counted until it is gone.
    socket.destroy();
    if (!closing.hasBegun) options.onError(tlsError(cause, peer));
  });
  server.on('error', (cause) => {
    options.onError(new CallLabError('CL1003', `TLS ${formatAddress(local)} cannot accept: ${cause.message}.`, { cause }));
  });
  return {
    local,
    close: closing.close,
  };
}
