import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { isIPv6 } from 'node:net';
import { WebSocket } from 'ws';
import { CallLabError } from '../core';
import { formatAddress } from './address';
import type { SocketAddress, TcpConnection, TcpConnectOptions } from './network';
import { MAX_WEBSOCKET_MESSAGE, RealWebSocketConnection, SIP_SUBPROTOCOL } from './real-websocket-connection';
import { connectError } from './socket-errors';
import { type SocketContext, trackUntilClosed } from './socket-context';

export async function connectRealWebSocket(context: SocketContext, options: TcpConnectOptions): Promise<TcpConnection> {
  const to = context.policy.admitRemote(options.to);
  const from = options.from === undefined ? undefined : context.policy.admitHost(options.from);
  const protocol = options.protocol === 'wss' ? 'wss' : 'ws';
  const websocket = new WebSocket(`${protocol}://${isIPv6(to.host) ? `[${to.host}]` : to.host}:${to.port}/`, [SIP_SUBPROTOCOL], {
    ...(protocol === 'wss' && (await context.tls.clientOptions(options.serverName ?? to.host))),
    ...(from !== undefined && { localAddress: from }),
    handshakeTimeout: context.connectTimeout,
    maxPayload: MAX_WEBSOCKET_MESSAGE,
    perMessageDeflate: false,
    followRedirects: false,
  });
  const closed = trackUntilClosed(context, websocket);
  let response: IncomingMessage | undefined;
  websocket.once('upgrade', (upgrade) => (response = upgrade));
  try {
    await once(websocket, 'open');
    if (response === undefined) throw new Error('the handshake was not seen');
  } catch (error) {
    websocket.on('error', () => undefined);
    websocket.terminate();
    await closed;
    throw handshakeError(error as Error, to, from, protocol);
  }
  const connection = new RealWebSocketConnection(context, websocket, response.socket, options.tap, protocol);
  connection.setHandlers(options);
  return connection;
}

function handshakeError(cause: Error, to: SocketAddress, from: string | undefined, protocol: 'ws' | 'wss'): CallLabError {
  // The library has no codes of its own: its sentences are all there is.
  const { message } = cause;
  const address = `${protocol.toUpperCase()} ${formatAddress(to)}`;
  if (message.includes('handshake has timed out')) return new CallLabError('CL1004', `${address} did not answer in time.`, { cause });
  if (message.includes('subprotocol')) {
    return new CallLabError('CL1003', `${address} speaks WebSocket, but not SIP over it: it did not agree to the subprotocol "sip".`, { cause });
  }
  const status = /Unexpected server response: (?<status>\d+)/u.exec(message)?.groups?.['status'];
  if (status !== undefined) return new CallLabError('CL1003', `${address} did not take the WebSocket: HTTP ${status}.`, { cause });
  return connectError(cause, to, from, protocol);
}
