import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CallLabError } from '../../../src/core';
import { parseVerb, verbNames } from '../../../src/lab';
import { completeVerb, needsCall, readVerbArguments } from '../../../src/vscode/commands/verb-arguments';

function refusal(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    assert.ok(error instanceof CallLabError);
    assert.equal(error.code, 'CL3008');
    return error.message;
  }
  return assert.fail('was accepted');
}

test('nothing given is nothing known', () => {
  assert.deepEqual(readVerbArguments('hold', undefined), {});
  assert.deepEqual(readVerbArguments('hold', null), {});
});

test('an object gives what it has; the fields of a tree row are passed over', () => {
  const row = { kind: 'call', phone: 'bob', call: 'bob/1', info: { state: 'connected' } };
  assert.deepEqual(readVerbArguments('hold', row), { phone: 'bob', call: 'bob/1' });
});

test('a line of the same verb gives all of it', () => {
  const line = 'bob transfer alice to charlie';
  assert.deepEqual(completeVerb('transfer', readVerbArguments('transfer', line)), parseVerb(line));
});

test('a line of another verb is refused by name', () => {
  assert.match(
    refusal(() => readVerbArguments('hold', 'bob resume alice')),
    /says resume, and this command is hold/,
  );
});

test('a value of the wrong kind is refused by name', () => {
  assert.match(
    refusal(() => readVerbArguments('place', { phone: 7 })),
    /"phone" must be a text/,
  );
  assert.match(
    refusal(() => readVerbArguments('place', { target: '' })),
    /"target" must be a text/,
  );
  assert.match(
    refusal(() => readVerbArguments('reject', { status: 200 })),
    /from 400 to 699/,
  );
  assert.match(
    refusal(() => readVerbArguments('hold', { style: 'loud' })),
    /sendonly, inactive, c0/,
  );
  assert.match(
    refusal(() => readVerbArguments('hold', 12)),
    /number/,
  );
});

test('what is missing is asked for in turn: the phone, then what the verb needs', () => {
  assert.equal(completeVerb('place', {}), 'phone');
  assert.equal(completeVerb('place', { phone: 'alice' }), 'target');
  assert.equal(completeVerb('dtmf', { phone: 'alice' }), 'digits');
  assert.deepEqual(completeVerb('dtmf', { phone: 'alice', digits: '1a#' }), {
    verb: 'dtmf',
    phone: 'alice',
    call: undefined,
    digits: '1A#',
  });
});

test('with everything known, every verb is complete', () => {
  const all = { phone: 'bob', call: 'bob/1', target: 'charlie', digits: '1', status: 486, style: 'c0' } as const;
  for (const verb of verbNames) {
    const complete = completeVerb(verb, all);
    assert.ok(typeof complete === 'object' && complete.verb === verb, verb);
    // A pick-up has a call, but asks for it together with the phone that it rings at.
    assert.equal('call' in complete, needsCall(verb) || verb === 'pick-up', verb);
  }
});
