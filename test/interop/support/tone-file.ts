import { writeFileSync } from 'node:fs';

const sampleRate = 8_000;

/** Writes a minute of one tone, in Hz, as a sound file (WAV: 16 bits, one channel, 8 kHz). */
export function writeToneFile(file: string, tone: number, seconds = 60): void {
  const samples = Int16Array.from({ length: seconds * sampleRate }, (_, index) => 8_000 * Math.sin((2 * Math.PI * tone * index) / sampleRate));
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + samples.byteLength, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16); // the length of what follows up to "data"
  header.writeUInt16LE(1, 20); // PCM
  header.writeUInt16LE(1, 22); // one channel
  header.writeUInt32LE(sampleRate, 24);
  header.writeUInt32LE(2 * sampleRate, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(samples.byteLength, 40);
  const data = Buffer.alloc(samples.byteLength);
  samples.forEach((sample, index) => data.writeInt16LE(sample, 2 * index));
  writeFileSync(file, Buffer.concat([header, data]));
}
