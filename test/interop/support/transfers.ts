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
