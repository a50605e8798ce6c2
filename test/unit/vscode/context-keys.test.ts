import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type PhoneInfo, type VerbName, verbNames } from '../../../src/lab';
import { changedKeys, contextKeys } from '../../../src/vscode/commands/context-keys';
import { contextKeyOf } from '../../../src/vscode/commands/table';

function labThatCan(
  verb: VerbName,
  phone: string,
): { phones: PhoneInfo[]; can: (asked: VerbName, name: string) => boolean } {
  const phones = ['alice', 'bob'].map((name) => ({ name }) as PhoneInfo);
  return { phones, can: (asked, name) => asked === verb && name === phone };
}

test('a verb is possible when one phone can do it', () => {
  const keys = contextKeys({
    phase: 'running',
    lab: labThatCan('attended-transfer', 'bob'),
    hasMessages: true,
    isPlaying: false,
  });
  for (const verb of verbNames) assert.equal(keys.get(contextKeyOf(verb)), verb === 'attended-transfer', verb);
  assert.equal(keys.get('callLab.phase'), 'running');
  assert.equal(keys.get('callLab.hasMessages'), true);
});

test('nothing is possible in a lab that does not run, whatever it says', () => {
  for (const phase of ['stopped', 'starting', 'stopping'] as const) {
    const keys = contextKeys({ phase, lab: labThatCan('place', 'alice'), hasMessages: false, isPlaying: false });
    assert.equal(keys.get(contextKeyOf('place')), false, phase);
  }
});

test('keys are plain words, one for each verb', () => {
  assert.equal(contextKeyOf('attended-transfer'), 'callLab.can.attendedTransfer');
  assert.equal(new Set(verbNames.map(contextKeyOf)).size, verbNames.length);
});

test('only changes are told', () => {
  const before = new Map<string, string | boolean>([
    ['a', true],
    ['b', 'x'],
  ]);
  const after = new Map<string, string | boolean>([
    ['a', true],
    ['b', 'y'],
    ['c', false],
  ]);
  assert.deepEqual(changedKeys(before, after), [
    ['b', 'y'],
    ['c', false],
  ]);
  assert.deepEqual(changedKeys(after, after), []);
});
