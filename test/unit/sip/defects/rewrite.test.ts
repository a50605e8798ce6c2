import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseMessage } from '../../../../src/sip';
import { rewrite } from '../../../../src/sip/defects/rewrite';

const message = parseMessage(
  Buffer.from('INVITE sip:b@h SIP/2.0\r\nv: SIP/2.0/UDP h\r\nX-A:  one\r\nX-B: 1\r\nX-B: 2\r\nl: 4\r\n\r\nbody', 'latin1'),
);

describe('a message altered', () => {
  const lines = (octets: Uint8Array): string[] => Buffer.from(octets).toString('latin1').split('\r\n');

  it('stays octet for octet what it was where nothing is altered', () => {
    assert.deepEqual(rewrite(message, {}), Buffer.from(message.bytes));
  });

  it('gets, loses and changes headers, also those in compact form', () => {
    const headers = { via: 'SIP/2.0/UDP x', 'x-a': undefined, 'x-b': '3', 'x-c': 'new' };
    assert.deepEqual(lines(rewrite(message, { headers })), [
      'INVITE sip:b@h SIP/2.0',
      'v: SIP/2.0/UDP x',
      'X-B: 3',
      'l: 4',
      'x-c: new',
      '',
      'body',
    ]);
  });

  it('has a Content-Length that fits another body', () => {
    assert.deepEqual(lines(rewrite(message, { body: 'longer body' })).slice(-3), ['l: 11', '', 'longer body']);
  });
});
