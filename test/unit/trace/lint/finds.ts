import type { TraceModel } from '../../../../src/trace';
import type { CallScript } from '../call-script';

/** What the lints find in a script: `T3: <sentence> | <octets>`, in the order of finding. */
export function findings(model: TraceModel): string[] {
  return model.lints.map(({ id, text, message, range }) => {
    const octets = Buffer.from(message.bytes).subarray(range.start, range.end).toString();
    return `${id}: ${text} | ${octets}`;
  });
}

/** The same in a stranger's capture, after `duration` milliseconds without a packet. */
export function findingsAfter(script: CallScript, duration: number): string[] {
  const model = script.live();
  model.advance(model.now + duration);
  return findings(model);
}
