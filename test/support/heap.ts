import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Octets of the heap in use when everything that can be collected is. */
export function heapUsed(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

export function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
}
