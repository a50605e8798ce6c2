import { decodeSamples, RtpPacket, samplesPerFrame, ToneDetector } from '../../../src/media';
import type { Journal } from '../../../src/trace';

/** Whether the last packets of audio that `phone` got, about a fifth of a second of them, are this tone of a stranger, in Hz. */
export function isSentTone(journal: Journal, phone: string, tone: number): boolean {
  const packets = journal.media.filter(({ owner, direction }) => owner === phone && direction === 'received').slice(-10);
  return packets.length === 10 && packets.every(({ bytes }) => holdsTone(bytes, tone));
}

function holdsTone(bytes: Uint8Array, tone: number): boolean {
  const packet = RtpPacket.parse(bytes);
  if (packet?.payloadType !== 0 || packet.payload.length < samplesPerFrame) return false;
  const block = Float64Array.from(decodeSamples(packet.payload.subarray(0, samplesPerFrame), 'pcmu'));
  const energy = block.reduce((sum, sample) => sum + sample * sample, 0);
  let isFound = false;
  new ToneDetector([tone]).analyse(block, energy, (place) => {
    isFound ||= place === 0;
  });
  return isFound;
}
