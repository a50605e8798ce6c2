import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type JournalEntry, TraceModel, type TracePacket } from '../../../src/trace';
import { answeredCall, CallScript, simple } from './call-script';
import { attendedTransfer, blindTransfer, failedBlindTransfer, heldCall } from './transfers';

const proxy = { host: '127.0.0.10', port: 5060 };
const via = 'Via: SIP/2.0/UDP 127.0.0.10:5060;branch=z9hG4bKp-';

/** One packet as two: a proxy stands between, and puts its own Via on top of those of a request (RFC 3261 section 16.6). */
function hopsOf({ source, destination, bytes, ...packet }: TracePacket): readonly TracePacket[] {
  const text = Buffer.from(bytes).toString();
  const [, branch] = /branch=(\S+)/u.exec(text) ?? [];
  const longer = Buffer.from(text.replace('\r\nVia:', `\r\n${via}${String(branch)}\r\nVia:`));
  const isRequest = !text.startsWith('SIP/2.0');
  return [
    { ...packet, source, destination: proxy, bytes: isRequest ? bytes : longer },
    { ...packet, at: packet.at + 1, source: proxy, destination, bytes: isRequest ? longer : bytes },
  ];
}

/** What a capture at the proxy holds. */
function captured(script: CallScript): TraceModel {
  return TraceModel.from(script.packets.flatMap(hopsOf));
}

/** What the lab sees: the proxy is none of it, and keeps no journal. */
function live(script: CallScript): TraceModel {
  const model = new TraceModel();
  for (const entry of script.journal.entries) for (const hop of hopsOfEntry(entry)) model.feed(hop);
  return model;
}

function hopsOfEntry(entry: JournalEntry): readonly JournalEntry[] {
  if (entry.kind !== 'packet') return [entry];
  const hop = hopsOf(entry)[entry.direction === 'sent' ? 0 : 1]!;
  return [{ ...entry, source: hop.source, destination: hop.destination, bytes: hop.bytes }];
}

const kinds = { blind: blindTransfer, attended: attendedTransfer, failed: () => failedBlindTransfer(486, 'Busy Here') };

for (const [kind, write] of Object.entries(kinds)) {
  test(`a transfer (${kind}) is the same whether or not a proxy stands between`, () => {
    const [through] = captured(write()).transfers;
    const [direct] = write().captured().transfers;
    assert.ok(through !== undefined && direct !== undefined);
    assert.equal(through.reason, direct.reason);
    assert.equal(through.verdict, direct.verdict);
    assert.equal(through.transferee.address?.host, direct.transferee.address?.host);
    assert.equal(through.survivingCall?.callee.address?.host, direct.survivingCall?.callee.address?.host);
  });
}

test('live, who hears whom is measured through a proxy too', () => {
  const script = blindTransfer();
  script.hears('alice', 'charlie');
  script.hears('charlie', 'alice');
  const model = live(script);
  const [transfer] = model.transfers;
  assert.equal(transfer?.reason, 'Alice talks to Charlie; Bob has left.');
  assert.deepEqual([transfer.transferor.phone, transfer.transferee.phone, transfer.target.phone], ['bob', 'alice', 'charlie']);
});

test('a transferee behind a proxy, who calls the target without it, is known by the Replaces', () => {
  const script = attendedTransfer();
  const { packets } = script;
  const first = packets.filter(({ from, to }) => [from, to].includes('alice') && [from, to].includes('bob'));
  // Only what Bob and Charlie send and get is seen: of the first call, what is between Bob and the proxy.
  const seen = packets.flatMap((packet) => {
    if (!first.includes(packet)) return [packet];
    const [toProxy, fromProxy] = hopsOf(packet);
    return packet.from === 'bob' ? [toProxy!] : [fromProxy!];
  });
  const { transfers } = TraceModel.from(seen);
  assert.equal(transfers.length, 1);
  assert.equal(transfers[0]?.reason, 'Alice talks to Charlie; Bob has left (the media was not in the capture).');
});

test('live, a pick-up through a proxy is measured too', () => {
  const script = new CallScript();
  const ringing = script.dialog('alice', 'bob', 'd1');
  ringing.respond(ringing.request('alice', 'INVITE', { sdp: 'sendrecv' }), 180, 'Ringing');
  const headers = [['Replaces', `${ringing.replaces('alice')};early-only`]] as const;
  simple(script.dialog('charlie', 'alice', 'd2'), 'charlie', 'INVITE', { sdp: 'sendrecv', headers });
  script.hears('alice', 'charlie');
  script.hears('charlie', 'alice');
  const [transfer] = live(script).transfers;
  assert.deepEqual([transfer?.transferor.phone, transfer?.transferee.phone, transfer?.target.phone], ['bob', 'alice', 'charlie']);
  assert.equal(transfer?.verdict, 'pending', 'no ACK yet: nobody may have heard anything in the new call');
});

test('of several whom a proxy asks, the callee is the one who answers', () => {
  const script = new CallScript();
  const call = script.dialog('alice', 'bob', 'd1');
  const invite = call.request('alice', 'INVITE', { sdp: 'sendrecv' });
  call.respond(invite, 200, 'OK', { sdp: 'sendrecv' });
  const [asked, answer] = script.packets;
  const [, toBob] = hopsOf(asked!);
  const toCharlie = {
    ...toBob!,
    destination: { host: '127.0.0.13', port: 5060 },
    bytes: Buffer.from(Buffer.from(toBob!.bytes).toString().replace('z9hG4bKp-', 'z9hG4bKq-')),
  };
  const model = TraceModel.from([...hopsOf(asked!), toCharlie, ...hopsOf(answer!)]);
  assert.equal(model.calls[0]?.callee.address?.host, '127.0.0.12');
});

test('live, a target behind a proxy of the lab is not taken for the proxy', () => {
  const script = blindTransfer();
  // The lab sees what its proxy passes on; Charlie is a stranger, and the Refer-To names him at the proxy.
  const packets = script.packets.flatMap((packet) =>
    hopsOf({ ...packet, bytes: Buffer.from(packet.bytes.toString().replaceAll('sip:charlie@127.0.0.13', 'sip:charlie@127.0.0.10')) }),
  );
  const known = new Map([['127.0.0.10', 'home'], ['127.0.0.11', 'alice'], ['127.0.0.12', 'bob']]);
  const named = packets.map((packet): TracePacket => {
    const [sender, receiver] = [known.get(packet.source.host), known.get(packet.destination.host)];
    return { ...packet, ...(sender !== undefined && { sender }), ...(receiver !== undefined && { receiver }) };
  });
  const [transfer] = TraceModel.from(named).transfers;
  assert.deepEqual([transfer?.transferor.name, transfer?.transferee.name, transfer?.target.name], ['bob', 'alice', 'charlie']);
});

test('of two like REFERs through a proxy the accepted one gets the new call, which comes before the answer does', () => {
  const script = new CallScript();
  const first = heldCall(script);
  const referTo = { headers: [['Refer-To', '<sip:charlie@127.0.0.13>']] as const };
  const accepted = first.request('bob', 'REFER', referTo);
  first.request('bob', 'REFER', referTo);
  first.respond(accepted, 202, 'Accepted');
  const toProxy = script.packets.flatMap(hopsOf);
  // The proxy has yet to pass the answer on when the new call goes out.
  const late = toProxy.pop()!;
  const before = script.packets.length;
  answeredCall(script, 'alice', 'charlie', 'd2');
  const call = script.packets.slice(before);
  const model = TraceModel.from([...toProxy, ...call, { ...late, at: call.at(-1)!.at + 1 }]);
  assert.deepEqual(model.transfers.map(({ survivingCall }) => survivingCall?.callee.name), ['charlie', undefined]);
});
