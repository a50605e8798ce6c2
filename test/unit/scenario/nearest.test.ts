import assert from 'node:assert/strict';
import { it } from 'node:test';
import { nearest } from '../../../src/scenario/nearest';

const keys = ['answers', 'hold-style', 'hold-tone', 'port', 'host'];

it('finds what a misspelt word was to be', () => {
  const meant: Record<string, string> = { answer: 'answers', asnwers: 'answers', holdstyle: 'hold-style', hold_tone: 'hold-tone', Prot: 'port', hots: 'host' };
  for (const [word, key] of Object.entries(meant)) assert.equal(nearest(word, keys), key, word);
});

it('does not guess when nothing is near', () => {
  for (const word of ['transport', 'x', 'hearing']) assert.equal(nearest(word, keys), undefined, word);
});
