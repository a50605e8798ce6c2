import type { CaptureFile } from '../../capture';
import type { TraceFault } from '../../capture';

/** Why a file gives no ladder, or not all of one: sentences for its reader. */

export function isGone(name: string): string {
  return `${name} is not there. It may have been moved or deleted; its ladder comes back with it.`;
}

export function isUnreadable(name: string, why: string): string {
  return `${name} cannot be read: ${why}`;
}

export function isTooLong(name: string, size: number, most: number): string {
  return `${name} has ${megabytes(size)} MB; ladders are drawn of up to ${megabytes(most)} MB. Cut a part out of it and open that.`;
}

export function isEmpty(name: string): string {
  return `${name} is empty.`;
}

/** Of a text without messages. */
export function hasNoMessage(name: string): string {
  return `There is no message in ${name}. In a trace each begins with a line such as "== m1 0.000000 udp 127.0.0.1:5060 -> 127.0.0.2:5060".`;
}

/** Of a capture without anything to draw. */
export function hasNoSignalling(name: string, { frames, packets }: Pick<CaptureFile, 'frames' | 'packets'>): string {
  if (frames === 0) return `There is no packet in ${name}.`;
  const [those, other] = [frames === 1 ? 'its one frame' : `its ${frames} frames`, packets.length === 0 ? 'none carries UDP or TCP' : 'none carries a message of either'];
  return `There is neither SIP nor IAX2 in ${name}: of ${those} ${other}.`;
}

/** What could not be read of a trace's text. */
export function faultsRemark(faults: readonly TraceFault[]): string {
  const [first] = faults;
  if (first === undefined) return '';
  const where = `line ${first.line + 1}: ${first.text}`;
  return faults.length === 1 ? `One line could not be read; ${where}.` : `${faults.length} lines could not be read; the first is ${where}.`;
}

/** What was not as it should be in a capture. */
export function notesRemark(notes: CaptureFile['notes']): string {
  const [first] = notes;
  if (first === undefined) return '';
  const said = `${first.frame === 0 ? '' : `Frame ${first.frame}: `}${first.text}`;
  return notes.length === 1 ? said : `${said} (${notes.length - 1} more like this)`;
}

function megabytes(octets: number): number {
  return Math.ceil(octets / 1_000_000);
}
