import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../../src/core';
import { Journal, type JournalEntry, type NewJournalEntry } from '../../../src/trace';

const startedAt = new Date('2026-05-04T10:00:00.000Z');
const alice = { host: '127.0.0.11', port: 5060 };
const bob = { host: '127.0.0.12', port: 5060 };

function packet(protocol: 'sip' | 'rtp', text: string): Extract<NewJournalEntry, { kind: 'packet' }> {
  return {
    kind: 'packet',
    owner: 'alice',
    direction: 'sent',
    protocol,
    transport: 'udp',
    source: alice,
    destination: bob,
    bytes: Buffer.from(text),
  };
}

test('stamps entries with a number and the time since its own start', () => {
  const clock = new VirtualClock(5_000);
  const journal = new Journal({ clock, startedAt });
  clock.advance(120);
  const first = journal.append(packet('sip', 'one'));
  clock.advance(30);
  const second = journal.append({ kind: 'verb', owner: '', text: 'alice calls bob', outcome: 'started', detail: '' });
  assert.deepEqual([first.seq, first.at, second.seq, second.at], [0, 120, 1, 150]);
  assert.equal(journal.wallClock(second.at).toISOString(), '2026-05-04T10:00:00.150Z');
});

test('tells its listeners of each entry once, and stops when they leave', () => {
  const journal = new Journal({ clock: new VirtualClock(), startedAt });
  const seen: JournalEntry[] = [];
  const listening = journal.on('entry', (entry) => seen.push(entry));
  const entry = journal.append(packet('sip', 'one'));
  listening.dispose();
  journal.append(packet('sip', 'two'));
  assert.equal(seen.length, 1);
  assert.equal(seen[0], entry);
});

test('keeps media in a lane of its own, and merges both lanes in order', () => {
  const journal = new Journal({ clock: new VirtualClock(), startedAt });
  journal.append(packet('sip', 'a'));
  journal.append(packet('rtp', 'b'));
  journal.append({ kind: 'problem', owner: 'bob', code: 'X', text: 'odd' });
  journal.append(packet('sip', 'c'));
  journal.append(packet('rtp', 'd'));
  assert.deepEqual(
    journal.entries.map((entry) => entry.seq),
    [0, 2, 3],
  );
  assert.deepEqual(
    journal.media.map((entry) => entry.seq),
    [1, 4],
  );
  assert.deepEqual(
    [...journal.all()].map((entry) => entry.seq),
    [0, 1, 2, 3, 4],
  );
  assert.deepEqual(
    [...journal.packets()].map((entry) => Buffer.from(entry.bytes).toString()),
    ['a', 'b', 'c', 'd'],
  );
});

test('bounds the media lane, keeps the newest and counts what it dropped', () => {
  const journal = new Journal({ clock: new VirtualClock(), startedAt, mediaLimit: 8 });
  for (let index = 0; index < 100; index += 1) journal.append(packet('rtp', String(index)));
  assert.ok(journal.media.length >= 8 && journal.media.length <= 10, `${journal.media.length} kept`);
  assert.equal(journal.droppedMedia + journal.media.length, 100);
  assert.equal(journal.media.at(-1)?.seq, 99);
  assert.equal(journal.count, 100);
});

test('keeps all signalling unless given a limit, and counts what a limit drops', () => {
  const whole = new Journal({ clock: new VirtualClock(), startedAt });
  const short = new Journal({ clock: new VirtualClock(), startedAt, limit: 4 });
  for (let index = 0; index < 50; index += 1) {
    whole.append(packet('sip', String(index)));
    short.append(packet('sip', String(index)));
  }
  assert.equal(whole.entries.length, 50);
  assert.equal(whole.droppedEntries, 0);
  assert.equal(short.droppedEntries + short.entries.length, 50);
  assert.ok(short.entries.length >= 4 && short.entries.length <= 5);
  assert.equal(short.entries.at(-1)?.seq, 49);
});

test('keeps so many octets of signalling and no more, the newest ones', () => {
  const journal = new Journal({ clock: new VirtualClock(), startedAt, octetLimit: 1_000 });
  const endpoint = { host: '127.0.0.1', port: 5060 };
  for (let index = 0; index < 100; index += 1) {
    journal.append({ kind: 'packet', owner: 'bob', direction: 'received', protocol: 'sip', transport: 'udp', source: endpoint, destination: endpoint, bytes: new Uint8Array(100) });
  }
  assert.ok(journal.entries.length <= 13 && journal.entries.length >= 10, String(journal.entries.length));
  assert.equal(journal.entries.at(-1)?.seq, 99);
  assert.equal(journal.droppedEntries + journal.entries.length, 100);
});
