import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { incoming, tcpPeer, TransactionBench, where } from './bench';

const ack = incoming('ACK', { toTag: 'ours' });

describe('INVITE server', () => {
  test('says 100 by itself after 200 ms, and only then', () => {
    const bench = new TransactionBench();
    bench.request(incoming('INVITE'));
    bench.clock.advance(199);
    assert.deepEqual(bench.timetable, []);
    bench.clock.advance(1);
    assert.deepEqual(bench.timetable, ['0.2 100 INVITE']);
    assert.equal(bench.last.message.toTag, undefined, 'a 100 makes no dialog');
    assert.equal(bench.clock.pendingTimers, 0, 'a ringing phone needs no timer here');
  });

  test('says no 100 when its user answers in time', () => {
    const bench = new TransactionBench();
    const transaction = bench.request(incoming('INVITE'));
    bench.clock.advance(199);
    bench.reply(transaction, 180);
    bench.clock.advance(10_000);
    assert.deepEqual(bench.timetable, ['0.199 180 INVITE']);
  });

  test('a repeat while it waits gets the latest provisional response, and nothing before there is one', () => {
    const bench = new TransactionBench();
    const transaction = bench.request(incoming('INVITE'));
    bench.receive(incoming('INVITE'));
    assert.equal(bench.sent.length, 0);
    bench.clock.advance(200);
    bench.receive(incoming('INVITE'));
    bench.reply(transaction, 180);
    bench.receive(incoming('INVITE'));
    bench.reply(transaction, 183);
    bench.receive(incoming('INVITE'));
    const codes = bench.timetable.map((line) => line.split(' ')[1]);
    assert.deepEqual(codes, ['100', '100', '180', '180', '183', '183']);
    assert.equal(bench.arrived.length, 1, 'the user hears of the INVITE once');
  });

  test('a refusal is repeated until H over UDP: G doubles up to T2', () => {
    const bench = new TransactionBench();
    const transaction = bench.request(incoming('INVITE'));
    transaction.user = { onTimeout: () => bench.note('told no ACK') };
    bench.reply(transaction, 486);
    bench.clock.advance(60_000);
    assert.deepEqual(bench.times('486 INVITE'), [0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]);
    assert.deepEqual(bench.events, ['0 completed', '32 terminated', '32 told no ACK']);
    assert.equal(bench.clock.pendingTimers, 0);
    assert.equal(bench.layer.size, 0);
  });

  test('a refusal goes out once over TCP, and H waits for the ACK all the same', () => {
    const bench = new TransactionBench();
    const transaction = bench.request(incoming('INVITE'), tcpPeer);
    transaction.user = { onTimeout: () => bench.note('told no ACK') };
    bench.reply(transaction, 486);
    bench.clock.advance(60_000);
    assert.deepEqual(bench.times('486 INVITE'), [0]);
    assert.deepEqual(bench.events, ['0 completed', '32 terminated', '32 told no ACK']);
  });

  test('a repeated INVITE after the refusal gets the refusal', () => {
    const bench = new TransactionBench();
    bench.reply(bench.request(incoming('INVITE')), 486);
    bench.clock.advance(100);
    bench.receive(incoming('INVITE'));
    assert.deepEqual(bench.times('486 INVITE'), [0, 0.1]);
  });

  test('the ACK ends the repeats; I absorbs further ACKs for T4, which nobody hears of', () => {
    const bench = new TransactionBench();
    const transaction = bench.request(incoming('INVITE'));
    transaction.user = { onAck: () => bench.note('told ACK'), onTimeout: () => bench.note('told no ACK') };
    bench.reply(transaction, 486);
    bench.clock.advance(600);
    bench.receive(ack);
    bench.clock.advance(4_999);
    bench.receive(ack);
    bench.receive(incoming('INVITE'));
    assert.equal(transaction.state, 'confirmed');
    bench.clock.advance(1);
    assert.equal(transaction.state, 'terminated');
    assert.deepEqual(bench.times('486 INVITE'), [0, 0.5]);
    assert.deepEqual(bench.events, ['0 completed', '0.6 confirmed', '5.6 terminated']);
    assert.deepEqual(bench.acks, []);
    assert.equal(bench.clock.pendingTimers, 0);
  });

  test('over TCP the ACK to a refusal ends it at once', () => {
    const bench = new TransactionBench();
    const transaction = bench.request(incoming('INVITE'), tcpPeer);
    bench.reply(transaction, 486);
    bench.receive(ack, tcpPeer);
    assert.equal(transaction.state, 'terminated');
    assert.equal(bench.clock.pendingTimers, 0);
  });

  for (const peer of [undefined, tcpPeer]) {
    test(`after a 2xx it absorbs repeated INVITEs until L (${peer?.transport ?? 'udp'})`, () => {
      const bench = new TransactionBench();
      const transaction = bench.request(incoming('INVITE'), peer);
      const ok = bench.reply(transaction, 200);
      bench.clock.advance(500);
      bench.receive(incoming('INVITE'), peer);
      assert.deepEqual(bench.timetable, ['0 200 INVITE'], 'the 2xx is repeated by its user, not by the transaction');
      transaction.respond(ok);
      bench.reply(transaction, 486);
      assert.deepEqual(bench.timetable, ['0 200 INVITE', '0.5 200 INVITE'], 'another final response is dropped');
      bench.clock.advance(31_499);
      bench.receive(incoming('INVITE'), peer);
      assert.equal(bench.arrived.length, 1, 'it does not ring again');
      bench.clock.advance(1);
      assert.deepEqual(bench.events, ['0 accepted', '32 terminated']);
      assert.equal(bench.clock.pendingTimers, 0);
    });
  }

  test('in Accepted an ACK that reused the branch goes to the user', () => {
    const bench = new TransactionBench();
    const transaction = bench.request(incoming('INVITE'));
    transaction.user = { onAck: () => bench.note('told ACK') };
    bench.reply(transaction, 200);
    bench.receive(ack);
    assert.deepEqual(bench.events, ['0 accepted', '0 told ACK']);
    assert.deepEqual(bench.acks, []);
  });

  test('an ACK before any final response means nothing', () => {
    const bench = new TransactionBench();
    const transaction = bench.request(incoming('INVITE'));
    transaction.user = { onAck: () => bench.note('told ACK') };
    bench.receive(ack);
    assert.equal(transaction.state, 'proceeding');
    assert.deepEqual(bench.events, []);
  });

  test('a response that could not be sent is told, and the state stays (RFC 6026 7.1)', () => {
    const bench = new TransactionBench();
    const transaction = bench.request(incoming('INVITE'));
    transaction.user = { onTransportError: (error) => bench.note(`told ${error.message}`) };
    for (const [status, state] of [[180, 'proceeding'], [486, 'completed']] as const) {
      bench.reply(transaction, status);
      bench.last.onFailure(new Error('gone'));
      assert.equal(transaction.state, state);
    }
    assert.deepEqual(bench.events, ['0 told gone', '0 completed', '0 told gone']);
    bench.clock.advance(500);
    assert.equal(bench.times('486 INVITE').length, 2, 'the repeats go on');
    bench.receive(ack);
    assert.equal(transaction.state, 'confirmed');
  });
});

describe('non-INVITE server', () => {
  test('repeats before an answer are dropped, later ones get the answer again until J', () => {
    const bench = new TransactionBench();
    const transaction = bench.request(incoming('BYE'));
    bench.receive(incoming('BYE'));
    assert.deepEqual(bench.timetable, []);
    bench.reply(transaction, 200);
    bench.clock.advance(500);
    bench.receive(incoming('BYE'));
    bench.reply(transaction, 481);
    bench.clock.advance(31_499);
    bench.receive(incoming('BYE'));
    assert.deepEqual(bench.times('200 BYE'), [0, 0.5, 31.999]);
    assert.deepEqual(bench.times('481 BYE'), [], 'a further final response is dropped');
    assert.equal(bench.arrived.length, 1);
    bench.clock.advance(1);
    assert.deepEqual(bench.events, ['0 completed', '32 terminated']);
    assert.equal(bench.clock.pendingTimers, 0);
    assert.equal(bench.layer.size, 0);
  });

  test('over TCP nothing lingers', () => {
    const bench = new TransactionBench();
    bench.reply(bench.request(incoming('BYE'), tcpPeer), 200);
    assert.deepEqual(bench.events, ['0 terminated']);
    assert.equal(bench.clock.pendingTimers, 0);
    assert.equal(bench.layer.size, 0);
  });

  test('says nothing by itself: 100 to a non-INVITE is not ours to say (RFC 4320 4.1)', () => {
    const bench = new TransactionBench();
    bench.request(incoming('REFER'));
    bench.clock.advance(60_000);
    assert.deepEqual(bench.timetable, []);
  });

  test('a response that could not be sent is told and ends it (RFC 3261 17.2.4)', () => {
    const bench = new TransactionBench();
    const transaction = bench.request(incoming('BYE'));
    transaction.user = { onTransportError: (error) => bench.note(`told ${error.message}`) };
    bench.reply(transaction, 200);
    bench.last.onFailure(new Error('gone'));
    assert.deepEqual(bench.events, ['0 completed', '0 terminated', '0 told gone']);
    assert.equal(bench.clock.pendingTimers, 0);
  });
});

describe('where responses go (RFC 3261 18.2.2, RFC 3581 4)', () => {
  const source = { transport: 'udp', host: '127.0.0.7', port: 40_000 } as const;
  const rows: readonly [string, string, string][] = [
    ['rport', 'SIP/2.0/UDP 127.0.0.1:5072;rport;branch=z9hG4bKx', 'udp:127.0.0.7:40000'],
    ['no rport: the address it came from, the port of sent-by', 'SIP/2.0/UDP 127.0.0.1:5072;branch=z9hG4bKx', 'udp:127.0.0.7:5072'],
    ['no rport, no port', 'SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKx', 'udp:127.0.0.7:5060'],
    ['maddr before all', 'SIP/2.0/UDP 127.0.0.1:5072;rport;maddr=127.0.0.9;branch=z9hG4bKx', 'udp:127.0.0.9:5072'],
  ];
  for (const [name, via, hop] of rows) {
    test(name, () => {
      const bench = new TransactionBench();
      bench.reply(bench.request(incoming('OPTIONS', { via }), source), 200);
      assert.equal(where(bench.last.hop), hop);
    });
  }

  test('over TCP: back where it came from', () => {
    const bench = new TransactionBench();
    const request = incoming('OPTIONS', { via: 'SIP/2.0/TCP 127.0.0.1:5072;branch=z9hG4bKx' });
    bench.reply(bench.request(request, { ...source, transport: 'tcp' }), 200);
    assert.equal(where(bench.last.hop), 'tcp:127.0.0.7:40000');
  });

  test('over TCP, and that connection is gone: a new one to where the sender listens; failing that, it is told', () => {
    const bench = new TransactionBench();
    const request = incoming('INVITE', { via: 'SIP/2.0/TCP 127.0.0.1:5072;branch=z9hG4bKx' });
    const transaction = bench.request(request, { ...source, transport: 'tcp' });
    transaction.user = { onTransportError: (error) => bench.note(`told ${error.message}`) };
    bench.reply(transaction, 180);
    bench.last.onFailure(new Error('closed'));
    assert.equal(where(bench.last.hop), 'tcp:127.0.0.7:5072');
    assert.deepEqual(bench.timetable, ['0 180 INVITE', '0 180 INVITE']);
    assert.deepEqual(bench.events, []);
    bench.last.onFailure(new Error('refused'));
    assert.deepEqual(bench.events, ['0 told refused']);
    assert.equal(bench.sent.length, 2);
  });
});

describe('a server transaction that only lingers', () => {
  for (const method of ['OPTIONS', 'INVITE'] as const) {
    test(`${method}: keeps the octets of its request and response, and lets go of what was read out of them`, () => {
      const bench = new TransactionBench();
      const request = incoming(method);
      const transaction = bench.request(request);
      const decoded = transaction.request;
      bench.reply(transaction, 200);
      assert.notEqual(transaction.request, decoded, 'what was decoded is gone');
      assert.deepEqual(transaction.request.bytes, decoded.bytes);
      assert.equal(transaction.finalStatus, 200);
      assert.equal(transaction.localTag, bench.last.message.toTag);
      assert.equal(bench.layer.unsettled, 0);
      const { bytes } = bench.last.message;
      bench.receive(incoming(method));
      if (method === 'OPTIONS') assert.deepEqual(bench.last.message.bytes, bytes, 'a repeat gets the same octets');
      assert.equal(bench.sent.length, method === 'OPTIONS' ? 2 : 1);
      bench.clock.advance(33_000);
      assert.equal(bench.layer.size, 0);
    });
  }

  test('a merged copy of its request is still known for one, and no longer than it lives', () => {
    const bench = new TransactionBench();
    const first = bench.request(incoming('OPTIONS'));
    bench.reply(first, 200);
    assert.equal(bench.layer.isMerged(first.request, first), false);
    const second = bench.request(incoming('OPTIONS', { branch: 'z9hG4bKsecondpath' }));
    assert.equal(bench.layer.isMerged(second.request, second), true);
    bench.reply(second, 482);
    bench.clock.advance(33_000);
    const third = bench.request(incoming('OPTIONS', { branch: 'z9hG4bKthirdpath' }));
    assert.equal(bench.layer.isMerged(third.request, third), false);
  });
});
