import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

/** Given out already: free until who has them binds them, which may be after the next one is asked for. */
const given = new Set<number>();

/**
 * The first of `count` ports in a row that are free on 127.0.0.1, for UDP and for TCP. Programs that cannot pick a port
 * themselves, or do not tell which one they picked, are given one of these.
 */
export async function freePorts(count = 1): Promise<number> {
  for (let attempt = 1; attempt <= 200; attempt += 1) {
    // Even, as RTP wants it, and below the ports that the system hands out by itself.
    const first = 20_000 + 2 * Math.floor(Math.random() * 5_000);
    const ports = Array.from({ length: count }, (_, index) => first + index);
    if (ports.some((port) => given.has(port))) continue;
    for (const port of ports) given.add(port);
    const free = await Promise.all(ports.flatMap((port) => [isFreeForUdp(port), isFreeForTcp(port)]));
    if (free.every((isFree) => isFree)) return first;
  }
  throw new Error(`no ${String(count)} free ports in a row were found`);
}

function isFreeForUdp(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.once('error', () => resolve(false));
    socket.bind(port, '127.0.0.1', () => socket.close(() => resolve(true)));
  });
}

function isFreeForTcp(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** An IPv4 address of the loopback that nobody else is likely to use, for one who must have a certain port. */
export function loopbackAddress(): string {
  const octet = (): string => String(2 + Math.floor(Math.random() * 250));
  return `127.${octet()}.${octet()}.${octet()}`;
}
