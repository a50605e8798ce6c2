import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { respond } from '../../../../src/sip';
import { incoming, tcpPeer, TransactionBench, udpPeer } from './bench';

describe('send times with no answer', () => {
  test('INVITE over UDP: seven times, then failure at 32 s; A has no cap', () => {
    const bench = new TransactionBench();
    bench.send('INVITE');
    bench.clock.advance(60_000);
    assert.deepEqual(bench.times('INVITE'), [0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5]);
    assert.deepEqual(bench.events, ['32 terminated', '32 told timeout']);
    assert.equal(bench.clock.pendingTimers, 0);
    assert.equal(bench.layer.size, 0);
  });

  test('non-INVITE over UDP: eleven times, E capped at T2, then failure at 32 s', () => {
    const bench = new TransactionBench();
    bench.send('REFER');
    bench.clock.advance(60_000);
    assert.deepEqual(bench.times('REFER'), [0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]);
    assert.deepEqual(bench.events, ['32 terminated', '32 told timeout']);
    assert.equal(bench.clock.pendingTimers, 0);
    assert.equal(bench.layer.size, 0);
  });

  for (const method of ['INVITE', 'REFER']) {
    test(`${method} over TCP: once, then failure at 32 s`, () => {
      const bench = new TransactionBench();
      bench.send(method, tcpPeer);
      bench.clock.advance(60_000);
      assert.deepEqual(bench.times(method), [0]);
      assert.deepEqual(bench.events, ['32 terminated', '32 told timeout']);
      assert.equal(bench.clock.pendingTimers, 0);
    });
  }

  test('a provisional response ends the repeats of an INVITE, and nothing else limits it', () => {
    const bench = new TransactionBench();
    const invite = bench.send('INVITE');
    bench.clock.advance(700);
    bench.answer(invite, 100);
    bench.clock.advance(170_000);
    assert.deepEqual(bench.times('INVITE'), [0, 0.5]);
    assert.equal(invite.state, 'proceeding');
    assert.equal(bench.clock.pendingTimers, 0, 'neither A nor B');
  });

  test('a provisional response slows a non-INVITE to T2, and F still gives up', () => {
    const bench = new TransactionBench();
    const refer = bench.send('REFER');
    bench.clock.advance(600);
    bench.answer(refer, 100);
    bench.clock.advance(60_000);
    assert.deepEqual(bench.times('REFER'), [0, 0.5, 1.5, 5.5, 9.5, 13.5, 17.5, 21.5, 25.5, 29.5]);
    assert.deepEqual(bench.events, ['0.6 proceeding', '0.6 told 100', '32 terminated', '32 told timeout']);
  });
});

describe('INVITE client', () => {
  test('a refusal is acknowledged at once, again for each repeat, and told once', () => {
    const bench = new TransactionBench();
    const invite = bench.send('INVITE');
    bench.answer(invite, 180);
    bench.clock.advance(1000);
    bench.answer(invite, 486);
    bench.clock.advance(500);
    bench.answer(invite, 486);
    bench.clock.advance(31_499);
    bench.answer(invite, 486);
    assert.deepEqual(bench.times('ACK'), [1, 1.5, 32.999]);
    assert.deepEqual(bench.events, ['0 proceeding', '0 told 180', '1 completed', '1 told 486']);
    bench.clock.advance(1);
    assert.equal(invite.state, 'terminated', 'D is 32 s from the first refusal');
    bench.answer(invite, 486);
    assert.equal(bench.strays.length, 1, 'RFC 6026 7.2: nobody is left to acknowledge it');
    assert.equal(bench.clock.pendingTimers, 0);
  });

  test('over TCP a refusal ends it: nothing is repeated, so nothing lingers', () => {
    const bench = new TransactionBench();
    const invite = bench.send('INVITE', tcpPeer);
    bench.answer(invite, 486);
    assert.deepEqual(bench.timetable, ['0 INVITE', '0 ACK']);
    assert.equal(invite.state, 'terminated');
    assert.equal(bench.clock.pendingTimers, 0);
  });

  test('the ACK to a refusal is the INVITE but for To and CSeq (RFC 3261 17.1.1.3)', () => {
    const bench = new TransactionBench();
    const invite = bench.send('INVITE');
    const refusal = bench.answer(invite, 486, 'theirs');
    const { message: ack, hop } = bench.last;
    assert.ok(ack.kind === 'request');
    assert.equal(ack.method, 'ACK');
    assert.equal(ack.requestUri, invite.request.requestUri);
    assert.deepEqual(ack.headerValues('Via'), invite.request.headerValues('Via'), 'same branch');
    assert.deepEqual(ack.headerValues('Route'), invite.request.headerValues('Route'));
    assert.equal(ack.header('From'), invite.request.header('From'));
    assert.equal(ack.header('To'), refusal.header('To'), 'the tag of the response');
    assert.equal(ack.callId, invite.request.callId);
    assert.deepEqual(ack.cseq, { sequence: 7, method: 'ACK' });
    assert.equal(ack.body.length, 0);
    assert.deepEqual(hop, udpPeer);
  });

  test('no ACK to a 2xx comes from here; each 2xx is told, repeated or of another branch, until M', () => {
    const bench = new TransactionBench();
    const invite = bench.send('INVITE');
    bench.answer(invite, 180, 'b1');
    bench.answer(invite, 200, 'b1');
    bench.clock.advance(500);
    bench.answer(invite, 200, 'b1');
    bench.clock.advance(500);
    bench.answer(invite, 200, 'b2');
    bench.answer(invite, 180, 'b3');
    bench.answer(invite, 486, 'b3');
    assert.deepEqual(bench.timetable, ['0 INVITE']);
    assert.deepEqual(bench.events, ['0 proceeding', '0 told 180', '0 accepted', '0 told 200', '0.5 told 200', '1 told 200']);
    bench.clock.advance(30_999);
    assert.equal(invite.state, 'accepted');
    bench.clock.advance(1);
    assert.equal(invite.state, 'terminated', 'M is 32 s from the first 2xx');
    bench.answer(invite, 200, 'b1');
    assert.equal(bench.strays.length, 1);
    assert.equal(bench.clock.pendingTimers, 0);
  });

  test('M runs over TCP too', () => {
    const bench = new TransactionBench();
    const invite = bench.send('INVITE', tcpPeer);
    bench.answer(invite, 200);
    bench.clock.advance(31_999);
    assert.equal(invite.state, 'accepted');
    bench.clock.advance(1);
    assert.equal(invite.state, 'terminated');
  });
});

describe('non-INVITE client', () => {
  test('K absorbs repeats of the final response', () => {
    const bench = new TransactionBench();
    const bye = bench.send('BYE');
    bench.clock.advance(100);
    bench.answer(bye, 200);
    bench.clock.advance(4_999);
    bench.answer(bye, 200);
    assert.deepEqual(bench.events, ['0.1 completed', '0.1 told 200']);
    bench.clock.advance(1);
    assert.equal(bye.state, 'terminated');
    assert.deepEqual(bench.times('BYE'), [0], 'E and F stopped');
    assert.equal(bench.clock.pendingTimers, 0);
  });

  test('over TCP it ends with the final response', () => {
    const bench = new TransactionBench();
    const bye = bench.send('BYE', tcpPeer);
    bench.answer(bye, 481);
    assert.equal(bye.state, 'terminated');
    assert.equal(bench.clock.pendingTimers, 0);
  });
});

describe('transport errors of a client', () => {
  for (const method of ['INVITE', 'BYE']) {
    test(`${method}: told once, and over`, () => {
      const bench = new TransactionBench();
      const transaction = bench.send(method);
      bench.clock.advance(500);
      for (const { onFailure } of bench.sent) onFailure(new Error('nobody there'));
      assert.deepEqual(bench.events, ['0.5 terminated', '0.5 told transport error: nobody there']);
      assert.equal(transaction.state, 'terminated');
      assert.equal(bench.clock.pendingTimers, 0);
      assert.equal(bench.layer.size, 0);
    });
  }

  test('one that comes when the INVITE was answered after all changes nothing', () => {
    const bench = new TransactionBench();
    const invite = bench.send('INVITE');
    bench.answer(invite, 180);
    bench.sent[0]?.onFailure(new Error('late news'));
    assert.equal(invite.state, 'proceeding');
    bench.answer(invite, 200);
    bench.sent[0]?.onFailure(new Error('later news'));
    assert.equal(invite.state, 'accepted');
    assert.deepEqual(bench.events, ['0 proceeding', '0 told 180', '0 accepted', '0 told 200']);
  });

  test('one on the ACK to a refusal is told and ends it (RFC 3261 17.1.1.2)', () => {
    const bench = new TransactionBench();
    const invite = bench.send('INVITE');
    bench.answer(invite, 486);
    bench.last.onFailure(new Error('gone'));
    assert.equal(invite.state, 'terminated');
    assert.deepEqual(bench.events.slice(-2), ['0 terminated', '0 told transport error: gone']);
    assert.equal(bench.clock.pendingTimers, 0);
  });
});

describe('CANCEL (RFC 3261 9.1)', () => {
  test('is the INVITE but for method and CSeq method, and is a transaction of its own', () => {
    const bench = new TransactionBench();
    const invite = bench.send('INVITE');
    bench.answer(invite, 180);
    const told: number[] = [];
    const cancel = bench.layer.cancel(
      invite,
      { onResponse: ({ status }) => told.push(status), onTimeout: () => told.push(408), onTransportError: () => told.push(503) },
      'SIP;cause=487',
    );
    const { message, hop } = bench.last;
    assert.ok(message.kind === 'request');
    assert.equal(message.method, 'CANCEL');
    assert.equal(message.requestUri, invite.request.requestUri);
    for (const name of ['Via', 'Route', 'From', 'To', 'Call-ID', 'Max-Forwards']) {
      assert.deepEqual(message.headerValues(name), invite.request.headerValues(name), name);
    }
    assert.equal(message.toTag, undefined, 'an initial INVITE has no To tag');
    assert.deepEqual(message.cseq, { sequence: 7, method: 'CANCEL' });
    assert.deepEqual(message.headerValues('Require'), []);
    assert.equal(message.header('Reason'), 'SIP;cause=487');
    assert.equal(message.body.length, 0);
    assert.deepEqual(hop, udpPeer);
    bench.answer(cancel, 200);
    assert.deepEqual(told, [200]);
    assert.equal(invite.state, 'proceeding', 'the 200 to CANCEL is no answer to the INVITE');
    bench.answer(invite, 487);
    assert.equal(invite.state, 'completed');
    bench.clock.advance(40_000);
    assert.equal(bench.clock.pendingTimers, 0);
    assert.equal(bench.layer.size, 0);
  });
});

describe('which response belongs to which client (RFC 3261 17.1.3)', () => {
  test('branch and CSeq method decide, not the Call-ID', () => {
    const bench = new TransactionBench();
    const first = bench.send('BYE');
    const second = bench.send('BYE');
    assert.equal(first.request.callId, second.request.callId);
    assert.notEqual(first.request.topVia.branch, second.request.topVia.branch);
    bench.answer(second, 200);
    assert.equal(first.state, 'trying');
    assert.equal(second.state, 'completed');
  });

  test('a branch begins with the cookie and has at least 64 bits of chance behind it', () => {
    const bench = new TransactionBench();
    const branches = Array.from({ length: 50 }, () => bench.send('OPTIONS').request.topVia.branch ?? '');
    for (const branch of branches) assert.match(branch, /^z9hG4bK[0-9a-f]{16,}$/u);
    assert.equal(new Set(branches).size, 50);
  });

  test('every request asks for rport (RFC 3581 3)', () => {
    const bench = new TransactionBench();
    assert.equal(bench.send('OPTIONS').request.topVia.rport, true);
  });

  test('strays are dropped: a wrong branch, method, sent-by or a second Via', () => {
    const bench = new TransactionBench();
    const invite = bench.send('INVITE');
    const { branch = '' } = invite.request.topVia;
    const via = `SIP/2.0/UDP 127.0.0.1:5071;rport;branch=${branch}`;
    const strays: readonly [string, string, string][] = [
      [`SIP/2.0/UDP 127.0.0.1:5071;branch=${branch}x`, 'INVITE', 'another branch'],
      [via, 'CANCEL', 'another method'],
      [`SIP/2.0/UDP 127.0.0.1:5099;branch=${branch}`, 'INVITE', 'the branch of somebody else'],
      [`SIP/2.0/UDP 127.0.0.9:5071;branch=${branch}`, 'INVITE', 'the branch of somebody else'],
      ['SIP/2.0/UDP 127.0.0.1:5071', 'INVITE', 'no branch'],
      [`${via}, SIP/2.0/UDP 127.0.0.1:5099;branch=z9hG4bKother`, 'INVITE', 'on its way to somebody else'],
    ];
    for (const [index, [text, method, what]] of strays.entries()) {
      bench.receive(respond(incoming(method, { via: text }), 200, { toTag: 'theirs' }));
      assert.equal(bench.strays.length, index + 1, what);
    }
    assert.equal(invite.state, 'calling');
    assert.deepEqual(bench.events, []);
  });
});

describe('a user that acts from within what it is told', () => {
  test('may start the next transaction, and give up this one', () => {
    const bench = new TransactionBench();
    const invite = bench.send('INVITE', udpPeer, {
      onResponse: () => {
        bench.send('BYE');
        invite.abandon();
      },
    });
    bench.answer(invite, 180);
    assert.equal(invite.state, 'terminated');
    assert.deepEqual(bench.timetable, ['0 INVITE', '0 BYE']);
    bench.layer.abandonAll();
    assert.equal(bench.clock.pendingTimers, 0);
    assert.equal(bench.layer.size, 0);
  });
});
