import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SeededRandom } from '../../../src/core';
import { formatIaxUri, parseIaxUri } from '../../../src/iax';

describe('IAX URIs', () => {
  it('reads each part, and both schemes', () => {
    const whole = { username: 'alice', host: '127.0.0.2', port: 4570, number: '101', context: 'sales' };
    assert.deepEqual(parseIaxUri('iax2:alice@127.0.0.2:4570/101?sales'), whole);
    assert.deepEqual(parseIaxUri('IAX:alice@127.0.0.2:4570/101?sales'), whole);
    assert.deepEqual(parseIaxUri('iax2:pbx'), { username: undefined, host: 'pbx', port: 4569, number: undefined, context: undefined });
    assert.deepEqual(parseIaxUri('iax2:[::1]:4570/*98%23')?.number, '*98#');
    assert.equal(parseIaxUri('iax2:[::1]/5')?.host, '::1');
  });

  it('writes what it reads', () => {
    for (const text of ['iax2:alice@127.0.0.2:4570/101?sales', 'iax2:127.0.0.1:4569', 'iax2:[::1]:4570/*98#', 'iax2:h:1/?c', 'iax2:a%40b@h:1/%2F%3F']) {
      const uri = parseIaxUri(text);
      assert.ok(uri !== undefined, text);
      assert.equal(formatIaxUri(uri), text);
    }
  });

  it('refuses what is none, and never throws', () => {
    const bad = ['', 'iax2:', 'sip:bob@127.0.0.1', 'iax2:/101', 'iax2:h:0', 'iax2:h:65536', 'iax2:h/%', 'iax2:a@b@c', 'iax2:h/1/2', `iax2:${'h'.repeat(2_000)}`];
    for (const text of bad) assert.equal(parseIaxUri(text), undefined, text);
    const random = new SeededRandom(5);
    for (let count = 0; count < 5_000; count += 1) {
      const text = `iax2:${String.fromCharCode(...random.bytes(1 + (count % 20)))}`;
      const uri = parseIaxUri(text);
      if (uri !== undefined) assert.deepEqual(parseIaxUri(formatIaxUri(uri)), uri, JSON.stringify(text));
    }
  });
});
