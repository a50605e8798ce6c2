import { readdir, readFile, readlink } from 'node:fs/promises';
import { endianness } from 'node:os';
import { hostOctets } from './address';
import type { SocketAddress, TransportProtocol } from './network';

export interface PortHolder {
  readonly pid: number;
  readonly name: string;
}

/**
 * Whether a socket of this machine receives what is sent to `address`. Undefined where the system does not tell (all but
 * Linux). UDP has no other way to learn it here: an unconnected socket is not told of ICMP "port unreachable".
 */
export async function isPortHeld(protocol: TransportProtocol, address: SocketAddress): Promise<boolean | undefined> {
  const inodes = await inodesAt(protocol, address);
  return inodes === undefined ? undefined : inodes.size > 0;
}

/** The process that keeps others from binding `address`; undefined when the system does not tell or hides it. */
export async function findPortHolder(protocol: TransportProtocol, address: SocketAddress): Promise<PortHolder | undefined> {
  const inodes = await inodesAt(protocol, address);
  if (inodes === undefined || inodes.size === 0) return undefined;
  const processes = (await listing('/proc')).filter((name) => /^\d+$/.test(name));
  for (const pid of processes) {
    if (!(await holdsSocket(pid, inodes))) continue;
    const name = (await contents(`/proc/${pid}/comm`)) ?? 'a process';
    return { pid: Number(pid), name: name.trim() };
  }
  return undefined;
}

/** The inodes of the sockets bound at `address` or at the wildcard of its port, read from /proc/net. */
async function inodesAt(transport: TransportProtocol, { host, port }: SocketAddress): Promise<Set<string> | undefined> {
  const protocol = transport === 'udp' ? 'udp' : 'tcp';
  const tables = await Promise.all([contents(`/proc/net/${protocol}`), contents(`/proc/net/${protocol}6`)]);
  if (tables.every((table) => table === undefined)) return undefined;
  const wanted = procHost(host);
  const found = new Set<string>();
  for (const line of tables.join('\n').split('\n')) {
    const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/);
    const [localHost = '', localPort = ''] = local.split(':');
    if (inode === undefined || Number.parseInt(localPort, 16) !== port) continue;
    if (protocol === 'tcp' && state !== TCP_LISTEN) continue;
    if (localHost === wanted || isWildcard(localHost) || isWildcard(wanted)) found.add(inode);
  }
  return found;
}

function isWildcard(procHost: string): boolean {
  return /^0+$/.test(procHost);
}

/** The state column of a listening socket in /proc/net/tcp. */
const TCP_LISTEN = '0A';

/** The host as /proc/net writes it: 32-bit words in the machine's own octet order. */
function procHost(host: string): string {
  const octets = hostOctets(host);
  const words: string[] = [];
  for (let at = 0; at < octets.length; at += 4) {
    const word = octets.slice(at, at + 4);
    if (endianness() === 'LE') word.reverse();
    words.push(...word.map((octet) => octet.toString(16).padStart(2, '0')));
  }
  return words.join('').toUpperCase();
}

async function holdsSocket(pid: string, inodes: ReadonlySet<string>): Promise<boolean> {
  for (const descriptor of await listing(`/proc/${pid}/fd`)) {
    const target = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '');
    const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
    if (inode !== undefined && inodes.has(inode)) return true;
  }
  return false;
}

/** A process may end, or belong to somebody else, while it is looked at: then it shows nothing. */
async function listing(path: string): Promise<string[]> {
  return readdir(path).catch(() => []);
}

async function contents(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined);
}
