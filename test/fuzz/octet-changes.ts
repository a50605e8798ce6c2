import { type RandomSource, randomInteger } from '../../src/core';

/** Changes some octets; `others` are further good ones to borrow from. */
export type OctetMutation = (bytes: Buffer, random: RandomSource, others: readonly Buffer[]) => Buffer;

export function flipBit(bytes: Buffer, random: RandomSource): Buffer {
  const copy = Buffer.from(bytes);
  const at = randomInteger(random, copy.length);
  copy[at] = (copy[at] ?? 0) ^ (1 << randomInteger(random, 8));
  return copy;
}
