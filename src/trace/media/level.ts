import { type Law, linearOf } from '../../media';

/** Each so many samples one is looked at: what is loud is loud in those too. Prime, so that no tone hides between them. */
const stride = 3;
/** The mean square of 64, of 32768 that there are: 54 dB below the loudest, quieter than any room with a microphone in it. */
const quiet = 64 * 64;

/** Whether a piece of G.711 is silence: digital, or the noise that a quiet line has. Empty is silence too. */
export function isSilence(payload: Uint8Array, law: Law): boolean {
  const linear = linearOf(law);
  let squares = 0;
  let count = 0;
  for (let at = 0; at < payload.length; at += stride) {
    const sample = linear[payload[at] ?? 0] ?? 0;
    squares += sample * sample;
    count += 1;
  }
  return squares <= quiet * count;
}
