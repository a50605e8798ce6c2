import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom, VirtualClock } from '../../../../src/core';
import { buildRequest, buildResponse } from '../../../../src/sip';
import { ClientAuthorizer } from '../../../../src/sip/agent/authorizer';
import { Tombstones } from '../../../../src/sip/agent/replaced';

test('ended dialogs are remembered for 32 s, and no more than a thousand of them', () => {
  const clock = new VirtualClock();
  const tombstones = new Tombstones(clock);
  for (let index = 0; index <= 1_000; index += 1) tombstones.add(`dialog ${String(index)}`);
  assert.equal(tombstones.has('dialog 0'), false, 'pushed out by the last');
  assert.equal(tombstones.has('dialog 1'), true);
  tombstones.add('dialog 1');
  tombstones.add('one more');
  assert.equal(tombstones.has('dialog 1'), true, 'it ended anew');
  assert.equal(tombstones.has('dialog 2'), false);
  clock.advance(31_999);
  assert.equal(tombstones.has('one more'), true);
  clock.advance(1);
  assert.equal(tombstones.has('one more'), false);
});

test('the uses of a nonce are counted, for the last two hundred nonces', () => {
  const authorizer = new ClientAuthorizer(() => ({ username: 'bob', password: 'zanzibar' }), new SeededRandom(1));
  const request = buildRequest({ method: 'BYE', uri: 'sip:a@b', headers: [['CSeq', '1 BYE']] });
  const count = (nonce: string): string => {
    const challenge = `Digest realm="r", nonce="${nonce}", qop="auth"`;
    const response = buildResponse({ status: 401, headers: [['WWW-Authenticate', challenge]] });
    const [, value = ''] = authorizer.authorize(response, request)?.[0] ?? [];
    return /nc=(?<count>[0-9a-f]+)/u.exec(value)?.groups?.['count'] ?? '';
  };
  assert.equal(count('first'), '00000001');
  assert.equal(count('first'), '00000002');
  for (let index = 0; index < 199; index += 1) count(`other ${String(index)}`);
  assert.equal(count('first'), '00000003', 'still known, and now the latest');
  for (let index = 0; index < 200; index += 1) count(`another ${String(index)}`);
  assert.equal(count('first'), '00000001', 'forgotten');
});
