import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readCapture } from '../../../src/capture';
import { TraceModel } from '../../../src/trace';

const folder = join(__dirname, '../../fixtures/captures');

/** What real phones and a real PBX did: kind, transferor, transferee, target, verdict, reason. */
const expected: Readonly<Record<string, readonly (readonly string[])[]>> = {
  'sip-direct-blind': [
    [
      'blind',
      'bob',
      'alice',
      'charlie',
      'success',
      'Alice talks to Charlie; Bob has left (the media was not in the capture).',
    ],
  ],
  'sip-direct-blind-by-caller': [
    [
      'blind',
      'alice',
      'bob',
      'charlie',
      'success',
      'Bob talks to Charlie; Alice has left (the media was not in the capture).',
    ],
  ],
  'sip-direct-attended': [
    [
      'attended',
      'bob',
      'alice',
      'charlie',
      'success',
      'Alice talks to Charlie; Bob has left (the media was not in the capture).',
    ],
  ],
  'sip-direct-302': [
    [
      'redirect',
      'bob',
      'alice',
      'charlie',
      'success',
      'Alice talks to Charlie; Bob sent the call on (the media was not in the capture).',
    ],
  ],
  'sip-direct-pickup': [
    [
      'pick-up',
      'bob',
      'alice',
      'charlie',
      'success',
      'Alice talks to Charlie, who picked up the call to Bob (the media was not in the capture).',
    ],
  ],
  'sip-direct-cancel': [],
  'sip-pbx-blind': [
    ['blind', 'bob', '101', '103', 'success', '101 talks to 103; Bob has left (the media was not in the capture).'],
  ],
  'sip-pbx-attended': [
    [
      'attended',
      'bob',
      '101',
      '103',
      'success',
      '101 says that 103 has answered; Bob has left (the media was not in the capture).',
    ],
  ],
  'sip-pbx-302': [
    [
      'redirect',
      'bob',
      '101',
      '103',
      'success',
      '101 talks to 103; Bob sent the call on (the media was not in the capture).',
    ],
  ],
  'sip-out-of-dialog': [
    ['blind', 'watcher', '102', '103', 'failed', "102's phone does not do transfers (501)."],
    ['blind', 'watcher', 'charlie', '103', 'failed', "Charlie's phone does not do transfers (405)."],
    [
      'pick-up',
      'somebody',
      '102',
      'watcher',
      'failed',
      '102 knew no call to be replaced (481: the Call-ID in the Replaces belongs to no call of this trace).',
    ],
    [
      'pick-up',
      'somebody',
      'charlie',
      'watcher',
      'failed',
      'Charlie knew no call to be replaced (481: the Call-ID in the Replaces belongs to no call of this trace).',
    ],
  ],
};

for (const [name, transfers] of Object.entries(expected)) {
  test(`${name}: finds the transfers of a stranger's capture`, () => {
    const model = TraceModel.from(readCapture(readFileSync(join(folder, `${name}.pcap`))).packets);
    assert.deepEqual(
      model.transfers.map(({ kind, transferor, transferee, target, verdict, reason }) => [
        kind,
        transferor.name,
        transferee.name,
        target.name,
        verdict,
        reason,
      ]),
      transfers,
    );
    assert.ok(model.messages.every(({ error }) => error === undefined));
  });
}

test('the redirected INVITE keeps its Call-ID, and is still a call of its own', () => {
  const model = TraceModel.from(readCapture(readFileSync(join(folder, 'sip-direct-302.pcap'))).packets);
  assert.deepEqual(
    model.calls.map(({ state, callee }) => [state, callee.name]),
    [
      ['failed', 'bob'],
      ['ended', 'charlie'],
    ],
  );
  assert.equal(model.calls[1]?.redirectedFrom, model.calls[0]);
});
