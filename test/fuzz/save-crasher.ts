import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toHex } from '../support/hex';

/** Keeps octets that broke a rule, where a unit test replays them from then on, and returns the file. `protocol` begins its name. */
export function saveCrasher(protocol: 'sip' | 'iax', bytes: Buffer, error: unknown): string {
  const folder = join(__dirname, '../fixtures/crashers');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${protocol}-${createHash('sha256').update(bytes).digest('hex').slice(0, 12)}.hex`);
  const reason = error instanceof Error ? error.message : String(error);
  writeFileSync(file, toHex(bytes, reason.split('\n')[0] ?? ''));
  return file;
}
