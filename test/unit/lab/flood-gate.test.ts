import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { VirtualClock } from '../../../src/core';
import { FloodGate } from '../../../src/lab/flood-gate';
import { ProblemLimiter } from '../../../src/lab/problem-limiter';

const invite = Buffer.from('INVITE sip:bob@x SIP/2.0\r\nTo: <sip:bob@x>\r\n\r\n');
const reinvite = Buffer.from('INVITE sip:bob@x SIP/2.0\r\nt: <sip:bob@x>;tag=1\r\n\r\n');
const ringing = Buffer.from('SIP/2.0 180 Ringing\r\nTo: <sip:bob@x>\r\n\r\n');
const cancel = Buffer.from('CANCEL sip:bob@x SIP/2.0\r\nTo: <sip:bob@x>\r\n\r\n');

function gate() {
  const clock = new VirtualClock();
  const reports: string[] = [];
  const made = new FloodGate(clock, { newPerSecond: 10, perSourceAndSecond: 50 }, (text) => reports.push(text));
  const count = (bytes: Uint8Array, times: number, port = 5060): number => {
    let admitted = 0;
    for (let sent = 0; sent < times; sent += 1) if (made.admits(bytes, { host: '127.0.0.9', port })) admitted += 1;
    return admitted;
  };
  return { clock, reports, gate: made, count };
}

describe('the flood gate', () => {
  it('lets a second\'s worth of new requests in at once, and then only so many a second', () => {
    const { clock, count } = gate();
    assert.equal(count(invite, 30), 10);
    clock.advance(500);
    assert.equal(count(invite, 30), 5);
    clock.advance(60_000);
    assert.equal(count(invite, 30, 7), 10, 'a rest saves up no more than a second');
  });

  it('does not hold up what belongs to something: re-INVITEs, responses, CANCEL', () => {
    const { count } = gate();
    count(invite, 30);
    for (const bytes of [reinvite, ringing, cancel]) assert.equal(count(bytes, 15, 1), 15);
  });

  it('holds up one source, and no other', () => {
    const { count } = gate();
    assert.equal(count(reinvite, 100, 1), 50);
    assert.equal(count(reinvite, 20, 2), 20);
  });

  it('tells once a second how many it dropped, and the rest at the end', () => {
    const { clock, reports, gate: made, count } = gate();
    count(invite, 30);
    assert.deepEqual(reports, ['Too many messages: 1 were dropped unread, the last from 127.0.0.9:5060.']);
    clock.advance(1_000);
    count(invite, 1);
    assert.match(reports[1]!, /: 19 were dropped/u);
    count(invite, 20);
    made.close();
    assert.match(reports[2]!, /: 11 were dropped/u);
    assert.equal(reports.length, 3);
  });

  it('remembers no more than a thousand sources', () => {
    const { gate: made, count } = gate();
    count(reinvite, 50, 1);
    for (let port = 2; port < 1_100; port += 1) made.admits(reinvite, { host: '127.0.0.9', port });
    assert.equal(count(reinvite, 1, 1), 1, 'the first was forgotten');
  });
});

describe('the problems of one kind', () => {
  it('are reported one by one up to a hundred in ten seconds; then their number is told', () => {
    const clock = new VirtualClock();
    const limiter = new ProblemLimiter(clock);
    const admitted = Array.from({ length: 150 }, () => limiter.admit('CL2001')).filter(({ isAdmitted }) => isAdmitted);
    assert.equal(admitted.length, 100);
    assert.ok(limiter.admit('CL2002').isAdmitted, 'another kind has its own hundred');
    clock.advance(10_000);
    assert.deepEqual(limiter.admit('CL2001'), { isAdmitted: true, notice: '50 more problems of this kind were not reported one by one.' });
    assert.deepEqual(limiter.admit('CL2001'), { isAdmitted: true, notice: undefined });
    for (let count = 0; count < 100; count += 1) limiter.admit('CL2001');
    assert.deepEqual(limiter.drain(), [['CL2001', '2 more problems of this kind were not reported one by one.']]);
    assert.deepEqual(limiter.drain(), []);
  });
});
