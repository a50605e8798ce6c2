import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { asRequestUri, parseUri } from '../../../../src/sip';

describe('a URI as Request-URI (RFC 3261 19.1.1, table 1)', () => {
  for (const [written, wanted] of [
    ['sip:bob@127.0.0.1:5072', 'sip:bob@127.0.0.1:5072'],
    ['sip:bob@127.0.0.1;user=phone;transport=tcp', 'sip:bob@127.0.0.1;user=phone;transport=tcp'],
    ['sip:bob@127.0.0.1;method=INVITE', 'sip:bob@127.0.0.1'],
    ['sip:bob@127.0.0.1;METHOD=INVITE;lr', 'sip:bob@127.0.0.1;lr'],
    ['sip:bob@127.0.0.1;method=REFER;methods=x?Subject=y&Route=%3Csip:z%3E', 'sip:bob@127.0.0.1;methods=x'],
    ['sip:bob;method=x?y@127.0.0.1?Subject=z', 'sip:bob;method=x?y@127.0.0.1'],
    ['sip:127.0.0.1;method=x', 'sip:127.0.0.1'],
    ['sips:a%3Bb@[::1]:5061;method=x;a=%3B', 'sips:a%3Bb@[::1]:5061;a=%3B'],
    ['tel:+43123;method=x', 'tel:+43123;method=x'],
  ] as const) {
    test(written, () => {
      assert.equal(asRequestUri(parseUri(written)).toString(), wanted);
    });
  }
});
