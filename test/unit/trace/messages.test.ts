import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type PacketEntry, TraceModel } from '../../../src/trace';
import { addresses, answeredCall, CallScript, simple } from './call-script';

const { alice, bob, charlie } = addresses;

function capture(
  ...texts: readonly (readonly [
    at: number,
    from: 'alice' | 'bob' | 'charlie',
    to: 'alice' | 'bob' | 'charlie',
    text: string,
  ])[]
): TraceModel {
  return TraceModel.from(
    texts.map(([at, from, to, text]) => ({
      at,
      transport: 'udp',
      source: addresses[from],
      destination: addresses[to],
      bytes: Buffer.from(text.replaceAll('\n', '\r\n')),
    })),
  );
}

function request(method: string, branch: string, rest = ''): string {
  return `${method} sip:bob@127.0.0.12 SIP/2.0\nVia: SIP/2.0/UDP 127.0.0.11:5060;branch=${branch}\nFrom: <sip:alice@127.0.0.11>;tag=a\nTo: <sip:bob@127.0.0.12>\nCall-ID: x\nCSeq: 1 ${method}\n${rest}\n`;
}

test('joins what the sender and the receiver recorded into one message', () => {
  const script = new CallScript();
  answeredCall(script, 'alice', 'bob', 'd1');
  const model = script.live();
  assert.equal(script.journal.entries.length, 8);
  assert.deepEqual(
    model.messages.map(({ id }) => id),
    ['m1', 'm2', 'm3', 'm4'],
  );
  assert.ok(
    model.messages.every(
      ({ receivedAt, sentSeq, receivedSeq }) =>
        receivedAt !== undefined && sentSeq !== undefined && receivedSeq !== undefined,
    ),
  );
  assert.equal(model.messageOfEntry(3), model.messages[1]);
});

test('a message sent to a phone of the lab and not recorded there is lost, as soon as it can no longer come', () => {
  const script = new CallScript();
  const dialog = script.dialog('alice', 'bob', 'd1');
  const invite = dialog.request('alice', 'INVITE', { lost: true });
  script.wait(490);
  script.sendAgain();
  dialog.respond(invite, 486, 'Busy Here');
  const model = script.live();
  const [first, again] = model.messages;
  assert.ok(first !== undefined && again !== undefined);
  assert.equal(again.retransmissionOf, first);
  assert.equal(model.isLost(first), false);
  model.advance(model.now + 1_000);
  assert.equal(model.isLost(first), true);
  assert.equal(model.isLost(again), false);
});

test('a message to a stranger is never called lost', () => {
  const script = new CallScript();
  script.dialog('alice', 'bob', 'd1').request('alice', 'INVITE', { lost: true });
  const model = script.live();
  model.finish();
  assert.equal(model.messages.length, 1);
  assert.equal(model.messages.filter((message) => model.isLost(message)).length, 0);
});

test('the network doubling a packet makes no message', () => {
  const script = new CallScript();
  script.dialog('alice', 'bob', 'd1').request('alice', 'INVITE');
  const model = script.live();
  const received = script.journal.entries.find(
    (entry): entry is PacketEntry => entry.kind === 'packet' && entry.direction === 'received',
  );
  assert.ok(received !== undefined);
  model.feed({ ...received, seq: 2, at: received.at + 3 });
  assert.equal(model.messages.length, 1);
  assert.equal(model.messages[0]?.copies, 1);
});

test('in a capture, the same packet twice at once was recorded twice, and later was sent again', () => {
  const model = capture(
    [0, 'alice', 'bob', request('OPTIONS', 'z9hG4bK1')],
    [1, 'alice', 'bob', request('OPTIONS', 'z9hG4bK1')],
    [500, 'alice', 'bob', request('OPTIONS', 'z9hG4bK1')],
  );
  assert.equal(model.messages.length, 2);
  assert.equal(model.messages[0]?.copies, 1);
  assert.equal(model.messages[1]?.retransmissionOf, model.messages[0]);
});

test('a response sent again with other octets is still the same response', () => {
  const answer = (extra: string): string =>
    `SIP/2.0 200 OK\nVia: SIP/2.0/UDP 127.0.0.11:5060;branch=z9hG4bK1\nFrom: <sip:alice@127.0.0.11>;tag=a\nTo: <sip:bob@127.0.0.12>;tag=b\nCall-ID: x\nCSeq: 1 OPTIONS\n${extra}\n`;
  const model = capture(
    [0, 'alice', 'bob', request('OPTIONS', 'z9hG4bK1')],
    [10, 'bob', 'alice', answer('')],
    [520, 'bob', 'alice', answer('Date: now\n')],
  );
  assert.equal(model.messages[2]?.retransmissionOf, model.messages[1]);
  assert.equal(model.transactions.length, 1);
  assert.deepEqual(model.transactions[0]?.responses, [model.messages[1]]);
});

test('links a response to its request, an ACK to its INVITE', () => {
  const script = new CallScript();
  answeredCall(script, 'alice', 'bob', 'd1');
  const model = script.captured();
  const [transaction] = model.transactions;
  assert.equal(model.transactions.length, 1);
  assert.equal(transaction?.request?.id, 'm1');
  assert.deepEqual(
    transaction.responses.map(({ id }) => id),
    ['m2', 'm3'],
  );
  assert.equal(transaction.final?.id, 'm3');
  assert.equal(transaction.ack?.id, 'm4');
});

test('what cannot be read as SIP is a message with an error that points at the octets', () => {
  const model = new TraceModel();
  model.feed({
    kind: 'packet',
    seq: 0,
    at: 0,
    owner: 'alice',
    direction: 'sent',
    protocol: 'sip',
    transport: 'udp',
    source: alice,
    destination: bob,
    bytes: Buffer.from('HELLO\r\n\r\n'),
  });
  const [message] = model.messages;
  assert.equal(message?.sip, undefined);
  assert.ok(message?.error !== undefined && message.error.range.end > message.error.range.start);
});

test('keep-alives and packets of other protocols are no messages', () => {
  const model = capture(
    [0, 'alice', 'bob', '\n\n'],
    [5, 'alice', 'bob', '\u0080\u0000rtp'],
    [9, 'alice', 'bob', 'GET / HTTP/1.1\n\n'],
  );
  assert.deepEqual(model.messages, []);
});

test('a message in pieces of a TCP stream is one message, on both sides', () => {
  const model = new TraceModel();
  const text = Buffer.from(request('OPTIONS', 'z9hG4bK1', 'Content-Length: 0\n').replaceAll('\n', '\r\n'));
  const base = {
    kind: 'packet',
    protocol: 'sip',
    transport: 'tcp',
    source: { host: '127.0.0.11', port: 40_000 },
    destination: bob,
  } as const;
  model.feed({ ...base, seq: 0, at: 0, owner: 'alice', direction: 'sent', bytes: text });
  model.feed({ ...base, seq: 1, at: 1, owner: 'bob', direction: 'received', bytes: text.subarray(0, 20) });
  assert.equal(model.messages[0]?.receivedAt, undefined);
  model.feed({ ...base, seq: 2, at: 2, owner: 'bob', direction: 'received', bytes: text.subarray(20) });
  assert.equal(model.messages.length, 1);
  assert.equal(model.messages[0]?.receivedAt, 2);
});

test('names phones of the lab by their names, whatever port they speak from', () => {
  const model = new TraceModel();
  const base = {
    kind: 'packet',
    protocol: 'sip',
    at: 0,
    bytes: Buffer.from(request('OPTIONS', 'z9hG4bK1').replaceAll('\n', '\r\n')),
  } as const;
  model.feed({ ...base, seq: 0, owner: 'Alice', direction: 'sent', transport: 'udp', source: alice, destination: bob });
  model.feed({
    ...base,
    seq: 1,
    owner: 'Alice',
    direction: 'sent',
    transport: 'udp',
    source: { host: '127.0.0.11', port: 5070 },
    destination: bob,
  });
  model.feed({
    ...base,
    seq: 2,
    owner: 'Bob',
    direction: 'received',
    transport: 'udp',
    source: alice,
    destination: bob,
  });
  const drawn = model.participants.filter(({ addresses: own }) => own.length > 0);
  assert.deepEqual(
    drawn.map(({ name, addresses: own }) => [name, own.length]),
    [
      ['Alice', 2],
      ['Bob', 1],
    ],
  );
  assert.equal(model.nameOf(bob), 'Bob');
});

test('names strangers by the user of their own Contact, a server by its product, others by their address', () => {
  const script = new CallScript();
  answeredCall(script, 'alice', 'bob', 'd1');
  const model = script.captured();
  assert.equal(model.nameOf(alice), 'alice');
  assert.equal(model.nameOf(bob), 'bob');
  assert.equal(model.nameOf(charlie), '127.0.0.13:5060');
});

test('names a stranger whose Contact was made unique by the user that others call', () => {
  const contact = 'Contact: <sip:alice-0x55d0@127.0.0.11:5060>\n';
  const model = capture([0, 'alice', 'bob', request('INVITE', 'z9hG4bK3', contact)]);
  assert.equal(model.nameOf(alice), 'alice');
});

test('a request that a proxy passes on belongs to one call, whose callee is where it went last', () => {
  const proxied = request('INVITE', 'z9hG4bK2').replace(
    'Via:',
    'Via: SIP/2.0/UDP 127.0.0.12:5060;branch=z9hG4bKp\nVia:',
  );
  const first = request('INVITE', 'z9hG4bK2');
  const model = capture([0, 'alice', 'bob', first], [2, 'bob', 'charlie', proxied]);
  assert.equal(model.transactions.length, 2);
  assert.equal(model.transactions[1]?.forwardOf, model.transactions[0]);
  assert.equal(model.calls.length, 1);
  assert.equal(model.calls[0]?.callee.address?.host, charlie.host);
});

test('two phones that draw the same Call-ID, tag and branch are told apart by where they send from', () => {
  const ofCharlie = request('OPTIONS', 'z9hG4bK1').replace('127.0.0.11:5060', '127.0.0.13:5060');
  const model = capture([0, 'alice', 'bob', request('OPTIONS', 'z9hG4bK1')], [1, 'charlie', 'bob', ofCharlie]);
  assert.equal(model.transactions.length, 2);
  assert.equal(model.messages[1]?.retransmissionOf, undefined);
});

test('a subscription lives on in its dialog after the call has ended', () => {
  const script = new CallScript();
  const dialog = answeredCall(script, 'alice', 'bob', 'd1');
  simple(dialog, 'bob', 'REFER', { headers: [['Refer-To', '<sip:charlie@127.0.0.13>']], answer: '202 Accepted' });
  simple(dialog, 'bob', 'BYE');
  const model = script.captured();
  assert.equal(model.calls[0]?.state, 'ended');
  assert.equal(model.dialogs[0]?.state, 'confirmed');
  assert.deepEqual([...model.dialogs[0].usages], ['refer;id=1']);
});
