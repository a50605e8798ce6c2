import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalHost, formatAddress, hostFromOctets, hostOctets, isLoopback } from '../../../src/net';

test('canonicalHost gives every address one spelling, and names none', () => {
  const spellings: readonly (readonly [string, string | undefined])[] = [
    ['127.0.0.1', '127.0.0.1'],
    ['localhost', '127.0.0.1'],
    ['LOCALHOST', '127.0.0.1'],
    ['::1', '::1'],
    ['[::1]', '::1'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['2001:DB8:0::10', '2001:db8::10'],
    ['::ffff:127.0.0.11', '127.0.0.11'],
    ['::ffff:c000:0201', '192.0.2.1'],
    ['127.1', undefined],
    ['127.0.0.01', undefined],
    ['[127.0.0.1]', undefined],
    ['fe80::1%lo', undefined],
    ['pbx.example.com', undefined],
    ['localhost.example.com', undefined],
    ['', undefined],
  ];
  for (const [host, expected] of spellings) assert.equal(canonicalHost(host), expected, host);
});

test('isLoopback knows 127.0.0.0/8 and ::1, and nothing that only looks like them', () => {
  for (const host of ['127.0.0.1', '127.255.255.254', '::1']) assert.equal(isLoopback(host), true, host);
  for (const host of ['128.0.0.1', '12.7.0.1', '127.0.0.1.example.com', '127.', '0.0.0.0', '::', '::11', '::127.0.0.1']) assert.equal(isLoopback(host), false, host);
});

test('formatAddress puts IPv6 into brackets', () => {
  assert.equal(formatAddress({ host: '127.0.0.1', port: 5060 }), '127.0.0.1:5060');
  assert.equal(formatAddress({ host: '::1', port: 5060 }), '[::1]:5060');
});

test('hostOctets and hostFromOctets undo each other', () => {
  assert.deepEqual(hostOctets('127.0.0.11'), [127, 0, 0, 11]);
  assert.deepEqual(hostOctets('2001:db8::10'), [0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10]);
  for (const host of ['0.0.0.0', '127.0.0.11', '::', '::1', '1::', '2001:db8::10', '1:2:3:4:5:6:7:8', 'fe80::1:0:0:1']) {
    assert.equal(hostFromOctets(Uint8Array.from(hostOctets(host))), host);
  }
});
