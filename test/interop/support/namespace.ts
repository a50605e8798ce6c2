import { spawnSync } from 'node:child_process';

/** What a program in a namespace of its own is run with. */
export interface Namespace {
  readonly command: string;
  readonly args: readonly string[];
}

/**
 * How to run a shell line with a network that has nothing but a loopback, and mounts of its own; undefined where this system
 * does not let us (not Linux, or a container without the right).
 */
export function findNamespace(): Namespace | undefined {
  const ways = [['-nm'], ['-rnm']].map((flags) => ({ command: 'unshare', args: [...flags, 'sh', '-c'] }));
  return ways.find(({ command, args }) => spawnSync(command, [...args, 'ip link set lo up && mount --bind /tmp /mnt']).status === 0);
}
