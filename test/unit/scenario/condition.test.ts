import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CallInfo } from '../../../src/lab';
import { callMatches, type CallPhrase, type CallWord, callWords, parseCallPhrase, parseCondition } from '../../../src/scenario/condition';

function call(changes: Partial<CallInfo>): CallInfo {
  return {
    id: 'alice/1',
    phone: 'alice',
    direction: 'outgoing',
    state: 'connected',
    peer: 'bob',
    peerUri: 'sip:bob@127.0.0.1:5070',
    callId: 'x',
    holding: false,
    held: false,
    transferredBy: undefined,
    since: 0,
    end: undefined,
    ...changes,
  };
}

describe('the words of a condition', () => {
  const phrase = (word: CallWord, peer?: string, status?: number): CallPhrase => ({ word, peer, status });

  it('say the state of a call, with any preposition or none', () => {
    assert.deepEqual(parseCallPhrase('connected'), phrase('connected'));
    for (const line of ['connected bob', 'connected to bob', 'connected with bob', ' connected  by bob ']) {
      assert.deepEqual(parseCallPhrase(line), phrase('connected', 'bob'), line);
    }
  });

  it('say how a call ended; a number behind a preposition is an extension', () => {
    assert.deepEqual(parseCallPhrase('ended'), phrase('ended'));
    assert.deepEqual(parseCallPhrase('ended 486'), phrase('ended', undefined, 486));
    assert.deepEqual(parseCallPhrase('ended with bob 486'), phrase('ended', 'bob', 486));
    assert.deepEqual(parseCallPhrase('ended with 204'), phrase('ended', '204'));
    assert.deepEqual(parseCallPhrase('ended with 204 603'), phrase('ended', '204', 603));
    assert.throws(() => parseCallPhrase('ended with bob 199'), /no SIP status/u);
    assert.throws(() => parseCallPhrase('ended with'), /who is missing behind "with"/u);
  });

  it('say what is heard, which keys came, and how a transfer went', () => {
    assert.deepEqual(parseCondition('alice hears nobody'), { kind: 'hears', phone: 'alice', phones: [], hold: false });
    assert.deepEqual(parseCondition('alice hears dora and bob and hold tone'), { kind: 'hears', phone: 'alice', phones: ['bob', 'dora'], hold: true });
    assert.deepEqual(parseCondition('alice got 12#a'), { kind: 'digits', phone: 'alice', digits: '12#A' });
    assert.deepEqual(parseCondition('transfer failed'), { kind: 'transfer', verdict: 'failed' });
    assert.deepEqual(parseCondition('alice idle'), { kind: 'idle', phone: 'alice' });
    assert.throws(() => parseCondition('alice hears'), /whom is missing/u);
    assert.throws(() => parseCondition('alice hears nobody bob'), /too much/u);
    assert.throws(() => parseCondition('alice hears bob and'), /whom is missing/u);
  });
});

describe('a call', () => {
  /** Which of the words hold for a call. */
  const words = (changes: Partial<CallInfo>): readonly CallWord[] =>
    callWords.filter((word) => callMatches({ word, peer: undefined, status: undefined }, call(changes)));

  it('is in the states that a person would name', () => {
    assert.deepEqual(words({ state: 'calling' }), ['calling']);
    assert.deepEqual(words({ state: 'ringing' }), ['ringing']);
    assert.deepEqual(words({ state: 'incoming' }), ['ringing', 'incoming']);
    assert.deepEqual(words({ state: 'answering' }), []);
    assert.deepEqual(words({}), ['connected', 'talking']);
    assert.deepEqual(words({ holding: true }), ['connected', 'holding']);
    assert.deepEqual(words({ held: true }), ['connected', 'held']);
    assert.deepEqual(words({ holding: true, held: true }), ['connected', 'holding', 'held']);
    assert.deepEqual(words({ state: 'ended', held: true }), ['ended']);
  });

  it('is with somebody, and ended with a status', () => {
    const ended = call({ state: 'ended', end: { by: 'peer', status: 486, text: 'Busy Here' } });
    assert.equal(callMatches({ word: 'ended', peer: 'bob', status: 486 }, ended), true);
    assert.equal(callMatches({ word: 'ended', peer: 'bob', status: 480 }, ended), false);
    assert.equal(callMatches({ word: 'ended', peer: 'dora', status: 486 }, ended), false);
  });
});
