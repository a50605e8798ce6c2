import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';

/** A seed that nobody has tried; the output of a failure names it. */
function freshSeed(): number {
  return Math.floor(Math.random() * 0x7fff_ffff);
}

async function fuzz(name: string, count: number): Promise<void> {
  const root = path.join(import.meta.dirname, '..', '..');
  const seed = freshSeed();
  const args = ['--import', 'tsx', path.join('test', 'fuzz', `${name}.ts`), '--count', String(count), '--seed', String(seed)];
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  const [[code], out, errors] = await Promise.all([once(child, 'exit') as Promise<[number]>, text(child.stdout), text(child.stderr)]);
  assert.equal(code, 0, `${name}, seed ${seed}\n${errors}`);
  assert.match(out, new RegExp(`^${count} (?:messages|flows|frames) of seed ${seed} in `, 'u'));
}

describe('mutated messages, with a fresh seed in each run', () => {
  it('hurt no parser', () => fuzz('parser', 20_000));
  it('hurt no reader of IAX2 frames', () => fuzz('iax-frames', 20_000));
  it('hurt no IAX2 call from a wrong address, and leave nothing from the right one', () => fuzz('iax-call', 5_000));
  it('hurt no IAX2 transfer from a wrong address, and leave nothing from the right one', () => fuzz('iax-transfer', 4_000));
  it('hurt no running phone', () => fuzz('phone', 1_500));
  it('hurt no call and no transfer that they belong to', () => fuzz('flows', 2_000));
});
