import assert from 'node:assert/strict';
import type { Transfer } from '../../../src/trace';
import { poll } from './waiting';
import { type Linphone, linphoneTone } from './linphone';
import type { InteropRun } from './run';
import { isSentTone } from './stranger-audio';

/** `['attended', 'bob', 'alice', 'charlie']`: of what kind, by whom, of whom, to whom. */
export function roles({ kind, transferor, transferee, target }: Transfer): readonly string[] {
  return [kind, transferor.name, transferee.name, target.name];
}

/** Two phones of the lab hear each other. */
export async function talk(run: InteropRun, one: string, other: string): Promise<void> {
  await run.until(`${one} and ${other} hear each other`, () => run.isHearing(one, other) && run.isHearing(other, one), 10_000);
}

/** Lets a call of linphone speak, and sees that the phone gets what it says. */
export async function hears(run: InteropRun, phone: string, linphone: Linphone, call: string): Promise<void> {
  await linphone.until('StreamsRunning', call);
  await linphone.speak(call);
  await poll(() => isSentTone(run.lab.journal, phone, linphoneTone), 8_000, () => `${phone} gets the tone of linphone`);
}

/**
 * linphone calls alice, holds her, calls bob, and transfers her to him; when both are let go, they hear each other. Returns the
 * transfer, which was one of this kind and of these three.
 */
export async function linphoneConsultsAndTransfers(run: InteropRun, linphone: Linphone, uris: { readonly alice: string; readonly bob: string }): Promise<Transfer> {
  const first = await linphone.call(uris.alice);
  await hears(run, 'alice', linphone, first);
  await linphone.command(`call-pause ${first}`);
  await run.until('Alice is held', () => run.callOf('alice').held);
  const second = await linphone.call(uris.bob);
  await hears(run, 'bob', linphone, second);
  await linphone.command(`call-transfer ${first} ${second}`);
  await talk(run, 'alice', 'bob');
  for (const call of [first, second]) await linphone.until('Released', call);

  const transfer = await run.verdict();
  assert.deepEqual(roles(transfer), ['attended', 'linphone', 'alice', 'bob']);
  return transfer;
}
