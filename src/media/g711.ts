/** The two laws of ITU-T G.711, by the names that RTP gives them (RFC 3551 section 4.5.14): mu-law and A-law. */
export type Law = 'pcmu' | 'pcma';

/** Samples in a second, in both laws. */
export const sampleRate = 8000;

/** The octet for a linear 16-bit sample. */
export function encodeSample(sample: number, law: Law): number {
  return law === 'pcmu' ? encodeMuLaw(sample) : encodeALaw(sample);
}

/** The linear 16-bit sample that an octet stands for. */
export function decodeSample(octet: number, law: Law): number {
  return linearOf(law)[octet & 0xff] ?? 0;
}

export function encodeSamples(samples: ArrayLike<number>, law: Law): Uint8Array {
  return Uint8Array.from(samples, (sample) => encodeSample(sample, law));
}

export function decodeSamples(octets: Uint8Array, law: Law): Int16Array {
  const linear = linearOf(law);
  return Int16Array.from(octets, (octet) => linear[octet] ?? 0);
}

/** The 256 linear values of a law, by octet. For loops over many samples; not to be written to. */
export function linearOf(law: Law): Int16Array {
  return law === 'pcmu' ? muLawValues : aLawValues;
}

// G.711 counts mu-law in 14 bits and A-law in 13; both are scaled to 16 here. In either, an octet is a sign, a segment
// (three bits) in which each step is twice as wide as in the one below, and sixteen equal steps within the segment.

/** G.711 table 2: segments meet at powers of two less this much. */
const muLawBias = 33 << 2;
const muLawClip = 0x7fff - muLawBias;

function encodeMuLaw(sample: number): number {
  const magnitude = Math.min(Math.abs(sample), muLawClip) + muLawBias;
  const segment = 24 - Math.clz32(magnitude);
  const step = (magnitude >> (segment + 3)) & 0x0f;
  // All bits are sent inverted, so that silence is full of ones; a positive sample has the sign bit set.
  return ~((sample < 0 ? 0x80 : 0) | (segment << 4) | step) & 0xff;
}

function decodeMuLaw(octet: number): number {
  const inverted = ~octet;
  const magnitude = ((((inverted & 0x0f) << 3) + muLawBias) << ((inverted >> 4) & 7)) - muLawBias;
  return inverted & 0x80 ? -magnitude : magnitude;
}

/** G.711 table 1: every second bit is sent inverted. */
const aLawInversion = 0x55;

function encodeALaw(sample: number): number {
  // Zero belongs to the positive side, so the negative side begins at -1.
  const magnitude = Math.min(sample < 0 ? -sample - 1 : sample, 0x7fff);
  const segment = Math.max(0, 24 - Math.clz32(magnitude));
  // The first two segments have steps of the same width.
  const step = (magnitude >> (segment === 0 ? 4 : segment + 3)) & 0x0f;
  return ((sample < 0 ? 0 : 0x80) | (segment << 4) | step) ^ aLawInversion;
}

function decodeALaw(octet: number): number {
  const plain = octet ^ aLawInversion;
  const segment = (plain >> 4) & 7;
  const step = (plain & 0x0f) << 4;
  const magnitude = segment === 0 ? step + 8 : (step + 0x108) << (segment - 1);
  return plain & 0x80 ? magnitude : -magnitude;
}

const octets = Uint8Array.from({ length: 256 }, (_, octet) => octet);
const muLawValues = Int16Array.from(octets, decodeMuLaw);
const aLawValues = Int16Array.from(octets, decodeALaw);
