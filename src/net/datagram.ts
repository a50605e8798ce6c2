import { isIPv6 } from 'node:net';
import { CallLabError } from '../core';
import { formatAddress } from './address';
import type { AddressPolicy } from './address-policy';
import type { SocketAddress } from './network';

/** What fits into one IPv4 datagram: 65,535 octets less the headers of IP (20) and UDP (8). */
export const MAX_DATAGRAM = 65_507;

/** The canonical address a datagram goes to. Throws CL1002 or CL1003 when it cannot go there from `local`. */
export function admitDatagram(policy: AddressPolicy, local: SocketAddress, bytes: Uint8Array, to: SocketAddress): SocketAddress {
  const destination = policy.admitRemote(to);
  if (isIPv6(destination.host) !== isIPv6(local.host)) {
    throw new CallLabError('CL1003', `${formatAddress(local)} cannot send to ${formatAddress(destination)}: one is IPv4, the other IPv6.`);
  }
  if (bytes.length > MAX_DATAGRAM) {
    throw new CallLabError('CL1003', `A message of ${bytes.length} octets to ${formatAddress(destination)} does not fit into one UDP packet (${MAX_DATAGRAM}). Use TCP.`);
  }
  return destination;
}
