import { type RandomSource, randomInteger } from '../../src/core';
import { oneOf } from '../support/chance';
import { flipBit, type OctetMutation } from './octet-changes';

/** Octets that decide: lengths, commands, types, marks. */
const tellingOctets = [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 18, 21, 22, 23, 24, 25, 26, 27, 28, 30, 38, 40, 54, 0x7f, 0x80, 0x84, 0xc0, 0xfe, 0xff];

const mutations: readonly OctetMutation[] = [
  flipBit,
  function overwriteOctet(bytes, random) {
    const copy = Buffer.from(bytes);
    copy[randomInteger(random, copy.length)] = randomInteger(random, 2) === 0 ? oneOf(random, tellingOctets) : randomInteger(random, 256);
    return copy;
  },
  function changeKind(bytes, random) {
    const copy = Buffer.from(bytes);
    if (copy.length > 11) {
      if (randomInteger(random, 2) === 0) copy[10] = 1 + randomInteger(random, 13);
      copy[11] = randomInteger(random, 42);
    }
    return copy;
  },
  function changeNumbers(bytes, random) {
    const copy = Buffer.from(bytes);
    if (copy.length > 9) copy[8 + randomInteger(random, 2)] = randomInteger(random, 256);
    return copy;
  },
  function truncate(bytes, random) {
    return bytes.subarray(0, randomInteger(random, bytes.length + 1));
  },
  function addElement(bytes, random) {
    const length = randomInteger(random, 20);
    const said = randomInteger(random, 8) === 0 ? randomInteger(random, 256) : length;
    return Buffer.concat([bytes, Buffer.from([1 + randomInteger(random, 58), said]), Buffer.from(random.bytes(length))]);
  },
  function removePart(bytes, random) {
    const at = randomInteger(random, bytes.length + 1);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + randomInteger(random, 12))]);
  },
  function insertOctets(bytes, random) {
    const at = randomInteger(random, bytes.length + 1);
    return Buffer.concat([bytes.subarray(0, at), Buffer.from(random.bytes(1 + randomInteger(random, 8))), bytes.subarray(at)]);
  },
  function cross(bytes, random, others) {
    const other = oneOf(random, others);
    const at = Math.min(bytes.length, 12);
    return Buffer.concat([bytes.subarray(0, at), other.subarray(Math.min(other.length, 12))]);
  },
  function repeatElements(bytes, random) {
    const body = bytes.subarray(Math.min(bytes.length, 12));
    return Buffer.concat([bytes, ...Array.from({ length: randomInteger(random, 30) }, () => body)]).subarray(0, 60_000);
  },
];

/** `bytes` after one to four random changes. */
export function mutateFrame(bytes: Buffer, random: RandomSource, others: readonly Buffer[]): Buffer {
  let mutated = bytes;
  for (let left = 1 + randomInteger(random, 4); left > 0; left -= 1) {
    // Of nothing, nothing can be changed.
    mutated = oneOf(random, mutations)(mutated.length === 0 ? Buffer.from([0x80]) : mutated, random, others);
  }
  return mutated;
}
