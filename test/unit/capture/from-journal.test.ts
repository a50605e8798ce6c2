import assert from 'node:assert/strict';
import { test } from 'node:test';
import { packetsOfJournal } from '../../../src/capture';
import { VirtualClock } from '../../../src/core';
import type { SocketAddress } from '../../../src/net';
import { Journal } from '../../../src/trace';
import { alice, bob, octets, textOf } from './support';

test('each packet of a journal is there once, at its wall-clock time', () => {
  const clock = new VirtualClock(5_000);
  const startedAt = new Date('2026-01-02T03:04:05.678Z');
  const journal = new Journal({ clock, startedAt });
  const stranger = { host: '127.0.0.99', port: 5060 };
  const record = (direction: 'sent' | 'received', source: SocketAddress, destination: SocketAddress, text: string): void => {
    const [owner, protocol] = [direction === 'sent' ? source.host : destination.host, text === 'media' ? 'rtp' : 'sip'] as const;
    journal.append({ kind: 'packet', owner, direction, protocol, transport: 'udp', source, destination, bytes: octets(text) });
    clock.advance(0.5);
  };
  record('sent', alice, bob, 'inside');
  record('received', alice, bob, 'inside');
  record('sent', alice, bob, 'lost');
  record('received', stranger, bob, 'from outside');
  record('sent', bob, stranger, 'to outside');
  record('sent', { ...bob, port: 4000 }, { ...alice, port: 4000 }, 'media');
  journal.append({ kind: 'verb', owner: 'alice', text: 'call bob', outcome: 'done', detail: '' });
  const packets = packetsOfJournal(journal);
  assert.deepEqual(packets.map(({ at, bytes }) => [at - startedAt.getTime(), textOf(bytes)]), [[0, 'inside'], [1, 'lost'], [1.5, 'from outside'], [2, 'to outside'], [2.5, 'media']]);
  assert.deepEqual(packets[2], { at: startedAt.getTime() + 1.5, transport: 'udp', source: stranger, destination: bob, bytes: octets('from outside') });
});
