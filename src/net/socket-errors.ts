import { CallLabError } from '../core';
import { formatAddress } from './address';
import type { SocketAddress, StreamProtocol, TransportProtocol } from './network';
import { findPortHolder } from './port-holder';

/** Why a socket could not be bound, in words; for a taken port it names who holds it where the system tells. */
export async function bindError(cause: Error, protocol: TransportProtocol, local: SocketAddress): Promise<CallLabError> {
  switch (errnoOf(cause)) {
    case 'EADDRINUSE':
      return new CallLabError('CL1001', await portInUse(protocol, local), { cause });
    case 'EADDRNOTAVAIL':
      return new CallLabError('CL1003', noSuchLocalHost(local.host), { cause });
    case 'EACCES':
      return new CallLabError('CL1003', `Port ${local.port} of ${local.host} needs administrator rights.`, { cause });
    default:
      return new CallLabError('CL1003', `${protocol.toUpperCase()} ${formatAddress(local)} could not be opened: ${cause.message}.`, { cause });
  }
}

/** Why a connection to `to` did not come up. */
export function connectError(cause: Error, to: SocketAddress, from: string | undefined, protocol: StreamProtocol = 'tcp'): CallLabError {
  switch (errnoOf(cause)) {
    case 'ECONNREFUSED':
      return new CallLabError('CL1004', nobodyListens(protocol, to), { cause });
    case 'EADDRNOTAVAIL':
      return new CallLabError('CL1003', noSuchLocalHost(from ?? to.host), { cause });
    default:
      if (protocol === 'tls' || protocol === 'wss') return tlsError(cause, to);
      return new CallLabError('CL1003', `No connection to ${formatAddress(to)}: ${cause.message}.`, { cause });
  }
}

/** Why there is no TLS connection with `peer`, where that is still known, in words a person can act on. */
export function tlsError(cause: Error, peer: SocketAddress | undefined): CallLabError {
  const what = peer === undefined ? 'A TLS handshake failed' : `No TLS connection with ${formatAddress(peer)}`;
  return new CallLabError('CL1005', `${what}: ${tlsReason(cause)}.`, { cause });
}

function tlsReason(cause: Error): string {
  switch (errnoOf(cause)) {
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
      return 'its certificate is signed by itself, and this lab was not told to trust it';
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return 'its certificate is signed by an authority this lab does not trust';
    case 'CERT_HAS_EXPIRED':
      return 'its certificate has expired';
    case 'CERT_NOT_YET_VALID':
      return 'its certificate is not valid yet';
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_HTTP_REQUEST':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
      return 'what it sends is not TLS';
    case 'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA':
    case 'ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN':
    case 'ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_UNKNOWN':
      return 'it does not trust the certificate of this lab';
    case 'ERR_SSL_UNSUPPORTED_PROTOCOL':
      return 'it speaks no version of TLS from 1.2 on';
    case 'ERR_TLS_HANDSHAKE_TIMEOUT':
      return 'the other side did not finish the handshake in time';
    case 'ECONNRESET':
      return 'the other side hung up during the handshake';
    default:
      return cause.message.replace(/\.$/u, '');
  }
}

/** Why a connection that was up is gone. */
export function brokenError(cause: Error, remote: SocketAddress, protocol: StreamProtocol = 'tcp'): CallLabError {
  const reset = errnoOf(cause) === 'ECONNRESET' || errnoOf(cause) === 'EPIPE';
  return new CallLabError('CL1003', `The ${protocol.toUpperCase()} connection with ${formatAddress(remote)} ${reset ? 'was reset by the other side' : `broke: ${cause.message}`}.`, { cause });
}

/** Why a datagram to `to` was not sent; without `to`, why the socket failed. */
export function datagramError(cause: Error, local: SocketAddress, to?: SocketAddress): CallLabError {
  if (errnoOf(cause) === 'ECONNREFUSED') {
    const text = to === undefined ? `A packet from UDP ${formatAddress(local)} was refused.` : nobodyListens('udp', to);
    return new CallLabError('CL1004', text, { cause });
  }
  const what = to === undefined ? `UDP ${formatAddress(local)} failed` : `Sending from UDP ${formatAddress(local)} to ${formatAddress(to)} failed`;
  return new CallLabError('CL1003', `${what}: ${cause.message}.`, { cause });
}

export function nobodyListens(protocol: TransportProtocol, to: SocketAddress): string {
  return `Nobody listens at ${protocol.toUpperCase()} ${formatAddress(to)}.`;
}

async function portInUse(protocol: TransportProtocol, local: SocketAddress): Promise<string> {
  const port = `${protocol.toUpperCase()} port ${local.port} of ${local.host}`;
  const holder = await findPortHolder(protocol, local);
  if (holder === undefined) return `${port} is in use by another program.`;
  if (holder.pid === process.pid) return `${port} is in use by this program itself (pid ${holder.pid}).`;
  return `${port} is in use by ${holder.name} (pid ${holder.pid}).`;
}

function noSuchLocalHost(host: string): string {
  const advice = process.platform === 'darwin' ? ` macOS gives its loopback only 127.0.0.1 until told otherwise: sudo ifconfig lo0 alias ${host}` : '';
  return `${host} is not an address of this machine.${advice}`;
}

function errnoOf(error: Error): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
