import { CallLabError } from '../core';
import { formatAddress } from './address';
import type { SocketAddress, TransportProtocol } from './network';
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

/** Why a TCP connection to `to` did not come up. */
export function connectError(cause: Error, to: SocketAddress, from: string | undefined): CallLabError {
  switch (errnoOf(cause)) {
    case 'ECONNREFUSED':
      return new CallLabError('CL1004', nobodyListens('tcp', to), { cause });
    case 'EADDRNOTAVAIL':
      return new CallLabError('CL1003', noSuchLocalHost(from ?? to.host), { cause });
    default:
      return new CallLabError('CL1003', `No connection to ${formatAddress(to)}: ${cause.message}.`, { cause });
  }
}

/** Why a TCP connection that was up is gone. */
export function brokenError(cause: Error, remote: SocketAddress): CallLabError {
  const reset = errnoOf(cause) === 'ECONNRESET' || errnoOf(cause) === 'EPIPE';
  return new CallLabError('CL1003', `The TCP connection with ${formatAddress(remote)} ${reset ? 'was reset by the other side' : `broke: ${cause.message}`}.`, { cause });
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
