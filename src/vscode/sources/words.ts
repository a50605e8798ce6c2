import type { CaptureFile, TraceFault } from '../../capture';
import { say } from '../say';

/** Why a file gives no ladder, or not all of one: sentences for its reader. */

export function isBeingRead(name: string): string {
  return say('Reading {0} ...', name);
}

export function isGone(name: string): string {
  return say('{0} is not there. It may have been moved or deleted; its ladder comes back with it.', name);
}

export function isUnreadable(name: string, why: string): string {
  return say('{0} cannot be read: {1}', name, why);
}

export function isTooLong(name: string, size: number, most: number): string {
  return say('{0} has {1} MB; ladders are drawn of up to {2} MB. Cut a part out of it and open that.', name, megabytes(size), megabytes(most));
}

/** Of a capture whose packets can be read, and whose text would be too long. */
export function hasTooMuch(name: string, size: number, most: number): string {
  return say('The messages in {0} make a text of {1} MB; ladders are drawn of up to {2} MB. Cut a part out of it and open that.', name, megabytes(size), megabytes(most));
}

export function isEmpty(name: string): string {
  return say('{0} is empty.', name);
}

/** Of a text without messages. */
export function hasNoMessage(name: string): string {
  return say('There is no message in {0}. In a trace each begins with a line such as "== m1 0.000000 udp 127.0.0.1:5060 -> 127.0.0.2:5060".', name);
}

/** Of a capture without anything to draw. */
export function hasNoSignalling(name: string, { frames, packets }: { readonly frames: number; readonly packets: readonly unknown[] }): string {
  if (frames === 0) return say('There is no packet in {0}.', name);
  if (packets.length === 0) return say('There is neither SIP nor IAX2 in {0}, nor anything else over UDP or TCP (frames read: {1}).', name, frames);
  return say('There is neither SIP nor IAX2 in {0} (frames read: {1}).', name, frames);
}

/** What could not be read of a trace's text; empty where all could. */
export function faultsRemark(faults: readonly TraceFault[]): string {
  const [first] = faults;
  if (first === undefined) return '';
  if (faults.length === 1) return say('Line {0} could not be read: {1}.', first.line + 1, first.text);
  return say('{0} lines could not be read; the first is line {1}: {2}.', faults.length, first.line + 1, first.text);
}

/** What was not as it should be in a capture; empty where nothing was. */
export function notesRemark(notes: CaptureFile['notes']): string {
  const [first] = notes;
  if (first === undefined) return '';
  const said = first.frame === 0 ? first.text : say('Frame {0}: {1}', first.frame, first.text);
  return notes.length === 1 ? said : say('{0} (remarks in all: {1})', said, notes.length);
}

function megabytes(octets: number): number {
  return Math.ceil(octets / 1_000_000);
}
