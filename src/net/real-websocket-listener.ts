import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { Socket } from 'node:net';
import { WebSocketServer } from 'ws';
import { CallLabError } from '../core';
import { canonicalHost, formatAddress, isLoopback } from './address';
import { Handshakes } from './handshakes';
import { ListenerClosing } from './listener-closing';
import { listening } from './listening';
import type { TcpListener, TcpListenOptions } from './network';
import { MAX_WEBSOCKET_MESSAGE, RealWebSocketConnection, SIP_SUBPROTOCOL } from './real-websocket-connection';
import type { SocketContext } from './socket-context';

export async function listenRealWebSocket(context: SocketContext, options: TcpListenOptions): Promise<TcpListener> {
  const wanted = context.policy.admitLocal(options);
  const protocol = options.protocol === 'wss' ? 'wss' : 'ws';
  const limits = { requestTimeout: context.connectTimeout, headersTimeout: context.connectTimeout, noDelay: true };
  const server: Server =
    protocol === 'wss' ? createSecureServer({ ...limits, ...(await context.tls.serverOptions()) }) : createServer(limits);
  const local = await listening(context, server, protocol, wanted);
  const handshakes = new Handshakes(context, options);
  const websockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: MAX_WEBSOCKET_MESSAGE,
    perMessageDeflate: false,
    handleProtocols: () => SIP_SUBPROTOCOL,
  });
  server.on('connection', (socket: Socket) => handshakes.begin(socket));
  server.on('request', (_, response) => {
    response.writeHead(426, { Connection: 'close', Upgrade: 'websocket' }).end();
  });
  server.on('upgrade', (request, socket: Socket, head) => {
    const refusal = refuseUpgrade(request);
    if (refusal !== undefined) {
      socket.end(`HTTP/1.1 ${refusal.status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy());
      const peer = formatAddress({ host: socket.remoteAddress ?? 'somebody', port: socket.remotePort ?? 0 });
      options.onError(new CallLabError('CL1003', `A WebSocket from ${peer} was refused: ${refusal.why}.`));
      return;
    }
    websockets.handleUpgrade(request, socket, head, (websocket) => {
      handshakes.done(socket);
      options.onConnection(new RealWebSocketConnection(context, websocket, socket, options.tap, protocol));
    });
  });
  server.on('error', (cause) => {
    options.onError(new CallLabError('CL1003', `${protocol.toUpperCase()} ${formatAddress(local)} cannot accept: ${cause.message}.`, { cause }));
  });
  return {
    local,
    close: new ListenerClosing(server, context, handshakes).close,
  };
}

/** RFC 7118 section 4: a client offers the subprotocol `sip`, or gets nowhere. */
function refuseUpgrade(request: IncomingMessage): { readonly status: string; readonly why: string } | undefined {
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim().toLowerCase());
  if (!offered.includes(SIP_SUBPROTOCOL)) return { status: '400 Bad Request', why: 'it did not offer the subprotocol "sip"' };
  const { origin } = request.headers;
  if (origin === undefined || isLocalPage(origin)) return undefined;
  return { status: '403 Forbidden', why: `it belongs to the web page ${origin}, which is not of this machine` };
}

/**
 * A browser lets any web page connect to this machine and says which page it was. A page from elsewhere must not operate a
 * phone here (RFC 6455 section 10.2).
 */
function isLocalPage(origin: string): boolean {
  if (!URL.canParse(origin)) return false;
  const { protocol, hostname } = new URL(origin);
  if (protocol === 'vscode-webview:') return true;
  return isLoopback(canonicalHost(hostname) ?? '');
}
