import { type RandomSource, randomInteger } from '../../src/core';
import { oneOf } from '../support/chance';
import { flipBit, type OctetMutation } from './octet-changes';

/** Pieces that parsers stumble over. */
const morsels = [
  '\r\n', '\n', '\r', '\r\n ', '\r\n\t', '\r\n\r\n', ' ', '\t', '\0', '\x7f', '\xff', '\xc3\xa9', '"', '\\', '\\"', '<', '>', '<>', ',', ';', ';;', '=',
  ':', '@', '?', '&', '%', '%00', '%41', '%zz', '[', ']', '[::1]', '*', '()', '/', 'SIP/2.0', 'sip:', 'sips:', 'tel:', ';tag=', ';tag', ';branch=z9hG4bK',
  ';rport', ';rport=', ';received=', ';lr', ';expires=', '-1', '0', '4294967296', '2147483648', '99999999999999999999999', 'Via: ', 'v:', 'To: ', 'From: x',
  'Contact: *', 'Content-Length: 5\r\n', 'l: 99999\r\n', 'CSeq: 1 INVITE\r\n', 'Replaces: a;to-tag=b;from-tag=c\r\n', 'Require: x\r\n', ' : ', 'z9hG4bK',
].map((text) => Buffer.from(text, 'latin1'));

const mutations: readonly OctetMutation[] = [
  flipBit,
  function overwriteOctet(bytes, random) {
    const copy = Buffer.from(bytes);
    copy[randomInteger(random, copy.length)] = randomInteger(random, 256);
    return copy;
  },
  function insertMorsel(bytes, random) {
    return splice(bytes, randomInteger(random, bytes.length + 1), 0, oneOf(random, morsels));
  },
  function replaceByMorsel(bytes, random) {
    const [from, end] = span(bytes, random, 12);
    return splice(bytes, from, end - from, oneOf(random, morsels));
  },
  function cutOut(bytes, random) {
    const [from, end] = span(bytes, random, 60);
    return splice(bytes, from, end - from, Buffer.alloc(0));
  },
  function repeat(bytes, random) {
    const [from, end] = span(bytes, random, 40);
    const times = 1 + randomInteger(random, randomInteger(random, 20) === 0 ? 400 : 4);
    return splice(bytes, end, 0, Buffer.concat(Array.from({ length: times }, () => bytes.subarray(from, end))));
  },
  function truncate(bytes, random) {
    return bytes.subarray(0, randomInteger(random, bytes.length + 1));
  },
  function moveLine(bytes, random) {
    const lines = bytes.toString('latin1').split('\n');
    const [line] = lines.splice(randomInteger(random, lines.length), 1);
    lines.splice(randomInteger(random, lines.length + 1), 0, line ?? '');
    return Buffer.from(lines.join('\n'), 'latin1');
  },
  function cross(bytes, random, others) {
    const other = oneOf(random, others);
    const [from, end] = span(other, random, 200);
    return splice(bytes, randomInteger(random, bytes.length + 1), randomInteger(random, 40), other.subarray(from, end));
  },
];

/** `bytes` after one to six random changes. */
export function mutate(bytes: Buffer, random: RandomSource, others: readonly Buffer[]): Buffer {
  let mutated = bytes;
  for (let left = 1 + randomInteger(random, 6); left > 0; left -= 1) mutated = oneOf(random, mutations)(mutated, random, others);
  return mutated;
}

function span(bytes: Buffer, random: RandomSource, most: number): [from: number, end: number] {
  const from = randomInteger(random, bytes.length + 1);
  return [from, Math.min(bytes.length, from + 1 + randomInteger(random, most))];
}

function splice(bytes: Buffer, at: number, remove: number, insert: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, at), insert, bytes.subarray(at + remove)]);
}
