import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { incoming, TransactionBench } from './bench';

describe('which server transaction a request belongs to (RFC 3261 17.2.3)', () => {
  test('branch, sent-by and method: two clients may draw the same branch', () => {
    const bench = new TransactionBench();
    bench.request(incoming('INVITE'));
    bench.receive(incoming('INVITE', { sentBy: '127.0.0.1:5073', callId: 'three@127.0.0.1' }));
    bench.receive(incoming('INVITE', { sentBy: '127.0.0.9:5072', callId: 'four@127.0.0.1' }));
    bench.receive(incoming('OPTIONS'));
    assert.equal(bench.arrived.length, 4);
    bench.receive(incoming('INVITE'));
    assert.equal(bench.arrived.length, 4, 'the same one again');
  });

  test('an ACK finds its INVITE by the branch', () => {
    const bench = new TransactionBench();
    const first = bench.request(incoming('INVITE'));
    const second = bench.request(incoming('INVITE', { branch: 'z9hG4bKother', callId: 'three@127.0.0.1' }));
    bench.reply(first, 486);
    bench.reply(second, 486);
    bench.receive(incoming('ACK', { branch: 'z9hG4bKother', callId: 'three@127.0.0.1', toTag: 'ours' }));
    assert.equal(first.state, 'completed');
    assert.equal(second.state, 'confirmed');
  });

  test('an ACK that matches nothing goes to the dialogs, and is never answered', () => {
    const bench = new TransactionBench();
    bench.reply(bench.request(incoming('INVITE')), 200);
    bench.receive(incoming('ACK', { branch: 'z9hG4bKofthe2xx', toTag: 'ours' }));
    assert.equal(bench.acks.length, 1);
    assert.deepEqual(bench.timetable, ['0 200 INVITE']);
  });

  test('a response for nobody is dropped', () => {
    const bench = new TransactionBench();
    const options = bench.send('OPTIONS');
    bench.layer.abandonAll();
    bench.answer(options, 200);
    assert.equal(bench.strays.length, 1);
    assert.deepEqual(bench.timetable, ['0 OPTIONS']);
  });
});

describe('clients of RFC 2543', () => {
  for (const [name, via] of [
    ['no branch', 'SIP/2.0/UDP 127.0.0.1:5072'],
    ['a branch without the cookie', 'SIP/2.0/UDP 127.0.0.1:5072;branch=1'],
    ['the cookie alone', 'SIP/2.0/UDP 127.0.0.1:5072;branch=z9hG4bK'],
  ] as const) {
    test(`${name}: Request-URI, From tag, Call-ID, CSeq and Via decide`, () => {
      const bench = new TransactionBench();
      const invite = bench.request(incoming('INVITE', { via }));
      bench.receive(incoming('INVITE', { via }));
      assert.equal(bench.arrived.length, 1, 'a repeat');
      const others = [{ callId: 'other@x' }, { fromTag: 'other' }, { sequence: 2 }, { uri: 'sip:other@127.0.0.1:5071' }];
      for (const other of others) bench.receive(incoming('INVITE', { via, ...other }));
      assert.equal(bench.arrived.length, 5, 'others');
      bench.reply(invite, 486);
      bench.receive(incoming('ACK', { via, toTag: 'ours' }));
      assert.equal(invite.state, 'confirmed', 'the ACK finds it');
    });

    test(`${name}: CANCEL finds its INVITE`, () => {
      const bench = new TransactionBench();
      const invite = bench.request(incoming('INVITE', { via }));
      bench.receive(incoming('CANCEL', { via }));
      assert.equal(bench.cancels[0]?.invite, invite);
    });
  }
});

describe('CANCEL', () => {
  test('finds the INVITE with its branch and sent-by, and is a transaction of its own', () => {
    const bench = new TransactionBench();
    const invite = bench.request(incoming('INVITE'));
    bench.receive(incoming('CANCEL'));
    const [cancel] = bench.cancels;
    assert.equal(cancel?.invite, invite);
    assert.notEqual(cancel.transaction, invite);
    bench.reply(cancel.transaction, 200);
    bench.receive(incoming('CANCEL'));
    assert.equal(bench.cancels.length, 1, 'a repeat');
    assert.deepEqual(bench.timetable, ['0 200 CANCEL', '0 200 CANCEL']);
    assert.equal(invite.state, 'proceeding', 'what becomes of the INVITE is its user\'s matter');
  });

  test('that matches no INVITE says so to its user', () => {
    const bench = new TransactionBench();
    bench.request(incoming('INVITE'));
    bench.receive(incoming('CANCEL', { branch: 'z9hG4bKelse' }));
    bench.receive(incoming('CANCEL', { sentBy: '127.0.0.1:5099' }));
    assert.deepEqual(bench.cancels.map(({ invite }) => invite), [undefined, undefined]);
  });

  test('finds the INVITE after its final response too', () => {
    const bench = new TransactionBench();
    const invite = bench.request(incoming('INVITE'));
    bench.reply(invite, 486);
    bench.receive(incoming('CANCEL'));
    assert.equal(bench.cancels[0]?.invite, invite);
    assert.equal(invite.finalStatus, 486);
  });
});

describe('merged requests (RFC 3261 8.2.2.2)', () => {
  test('the same request over a second path is one; the first copy and its repeats are not', () => {
    const bench = new TransactionBench();
    const invite = incoming('INVITE');
    const first = bench.request(invite);
    const copy = incoming('INVITE', { branch: 'z9hG4bKsecondpath' });
    const second = bench.request(copy);
    assert.notEqual(first, second);
    assert.equal(bench.layer.isMerged(invite, first), false);
    assert.equal(bench.layer.isMerged(copy, second), true);
  });

  test('nothing is merged when From tag, Call-ID or CSeq differ, inside a dialog, or when the first copy is forgotten', () => {
    const bench = new TransactionBench();
    const first = bench.request(incoming('INVITE'));
    const others = [{ fromTag: 'x' }, { callId: 'x@y' }, { sequence: 2 }, { toTag: 'ours' }];
    for (const [index, fields] of others.entries()) {
      const request = incoming('INVITE', { branch: `z9hG4bK${String(index)}`, ...fields });
      assert.equal(bench.layer.isMerged(request, bench.request(request)), false, JSON.stringify(fields));
    }
    bench.reply(first, 486);
    bench.receive(incoming('ACK', { toTag: 'ours' }));
    bench.clock.advance(5_000);
    const late = incoming('INVITE', { branch: 'z9hG4bKlate' });
    assert.equal(bench.layer.isMerged(late, bench.request(late)), false);
  });
});

describe('what the layer knows of itself', () => {
  test('unsettled counts who waits for an answer or an ACK, not who lingers', () => {
    const bench = new TransactionBench();
    assert.equal(bench.layer.unsettled, 0);
    const invite = bench.send('INVITE');
    const bye = bench.send('BYE');
    assert.equal(bench.layer.unsettled, 2);
    bench.answer(invite, 180);
    assert.equal(bench.layer.unsettled, 2);
    bench.answer(invite, 200);
    bench.answer(bye, 200);
    assert.equal(bench.layer.unsettled, 0);
    assert.equal(bench.layer.size, 2);
    const called = bench.request(incoming('INVITE'));
    assert.equal(bench.layer.unsettled, 1);
    bench.reply(called, 486);
    assert.equal(bench.layer.unsettled, 1, 'the ACK is missing');
    bench.receive(incoming('ACK', { toTag: 'ours' }));
    assert.equal(bench.layer.unsettled, 0);
  });

  test('abandonAll ends every machine and timer without a word', () => {
    const bench = new TransactionBench();
    bench.send('INVITE');
    bench.answer(bench.send('BYE'), 200);
    bench.reply(bench.request(incoming('INVITE')), 486);
    bench.request(incoming('OPTIONS'));
    const before = bench.sent.length;
    bench.layer.abandonAll();
    bench.clock.advance(60_000);
    assert.equal(bench.sent.length, before);
    assert.equal(bench.layer.size, 0);
    assert.equal(bench.clock.pendingTimers, 0);
    assert.ok(!bench.events.some((event) => event.includes('told timeout')));
  });

  test('nothing of a finished transaction is kept', () => {
    const bench = new TransactionBench();
    for (let round = 0; round < 20; round += 1) {
      const branch = `z9hG4bKround${String(round)}`;
      bench.reply(bench.request(incoming('INVITE', { branch, sequence: round + 1 })), 486);
      bench.answer(bench.send('OPTIONS'), 200);
    }
    bench.clock.advance(64_000);
    assert.equal(bench.layer.size, 0);
    assert.equal(bench.clock.pendingTimers, 0);
  });
});
