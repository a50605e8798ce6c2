import { once } from 'node:events';
import { type AddressInfo, isIPv6, type Server } from 'node:net';
import type { SocketAddress, TransportProtocol } from './network';
import { bindError } from './socket-errors';
import type { SocketContext } from './socket-context';

/** Lets a server listen at `wanted` and returns where it does. Rejects with CL1001, CL1002 or their like when it cannot. */
export async function listening(context: SocketContext, server: Server, protocol: TransportProtocol, wanted: SocketAddress): Promise<SocketAddress> {
  context.open.add(server);
  try {
    server.listen({ host: wanted.host, port: wanted.port, ipv6Only: isIPv6(wanted.host), exclusive: true });
    await once(server, 'listening');
  } catch (error) {
    context.open.delete(server);
    throw await bindError(error as Error, protocol, wanted);
  }
  const { address, port } = server.address() as AddressInfo;
  return { host: address, port };
}
