import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { suite, test } from 'node:test';
import { readCapture } from '../../../../src/capture';
import { buildCommand } from '../../../../src/iax';
import { TraceModel, type TracePacket } from '../../../../src/trace';
import { FrameScript } from './frame-script';

const folder = path.join(__dirname, '../../../fixtures/iax2');

function packetsOf(name: string): readonly TracePacket[] {
  return readCapture(readFileSync(path.join(folder, `${name}.pcap`))).packets;
}

/** What real switches, libiax2 and scripted clients did to each other: kind, verdict and sentence. */
const transfers: Readonly<Record<string, readonly string[]>> = {
  'asterisk-native-transfer': ['native success: Alice talks to 300; 127.0.0.1:4569 has left, and audio went both ways.'],
  'asterisk-secretary-transfer': ['native success: Alice talks to 300; Secretary has left, and audio went both ways.'],
  'native_full_asterisk11_middle': ['native success: 127.0.0.1:4569 talks to 101; 127.0.0.2:4569 has left, and audio went both ways.'],
  'attended_client_two_hosts': ['native success: 127.0.0.1:4569 talks to 101; 555 has left, and audio went both ways.'],
  'attended_no_unquelch_no_audio': [
    'native failed: 127.0.0.1:4569 and 101 are connected, but nobody hears anybody: 555 put 127.0.0.1:4569 on hold (QUELCH) and left without UNQUELCH.',
  ],
  'libiax2_iaxmodem_end': ['native success: Modem talks to 127.0.0.9:4569; 123 has left (no voice of 127.0.0.9:4569 was seen).'],
  'native_txrej': ['native failed: 1 refused the transfer (TXREJ).'],
  'native_unsupport': ['native failed: 1 does not know native transfers (UNSUPPORT).'],
  'asterisk-blind-transfer': ['blind success: Alice talks to 310; 301 has left, and audio went both ways.'],
  'blind_transfer_ok': ['blind success: 1 handed 127.0.0.1:4569 over to 101; nothing says whether 101 answered.'],
  'blind_transfer_bad_number': [
    'blind failed: 127.0.0.2:4569 could not call 999 and hung up on 127.0.0.1:4569 as well as on 1, and the call of 127.0.0.1:4569 is lost.',
  ],
  'asterisk-no-transfer': [],
  'asterisk-hold': [],
  'call_md5_features': [],
};

suite("transfers of strangers' captures", () => {
  for (const [name, expected] of Object.entries(transfers)) {
    test(name, () => {
      const model = TraceModel.from(packetsOf(name));
      assert.deepEqual(
        model.transfers.map(({ kind, verdict, reason }) => `${kind} ${verdict}: ${reason}`),
        expected,
      );
    });
  }
});

suite("calls of strangers' captures", () => {
  test('who called whom, how it ended and why', () => {
    const model = TraceModel.from(packetsOf('asterisk-reject'));
    assert.deepEqual(
      model.calls.map(({ caller, callee, state, cause }) => [caller.name, callee.name, state, cause?.code, cause?.text]),
      [
        ['alice', '999', 'failed', 3, 'No such context/extension'],
        ['alice', '600', 'failed', 50, 'No authority found'],
        ['mallory', '600', 'failed', 50, 'No authority found'],
        ['alice', '501', 'failed', 17, ''],
        ['alice', '503', 'failed', 17, ''],
        ['alice', '400', 'calling', undefined, undefined],
        ['127.0.0.1:4569', '400', 'calling', undefined, undefined],
      ],
    );
  });

  test('hold by QUELCH and by HOLD, and what a switch makes of it', () => {
    const model = TraceModel.from(packetsOf('asterisk-quelch'));
    assert.deepEqual(
      model.notes.filter(({ kind }) => kind === 'held' || kind === 'resumed').map(({ kind, by, message }) => [kind, by?.name, message.iax?.title]),
      [
        ['held', 'secretary', 'QUELCH'],
        ['held', '127.0.0.1:4569', 'CONTROL HOLD'],
        ['resumed', 'secretary', 'UNQUELCH'],
        ['resumed', '127.0.0.1:4569', 'CONTROL UNHOLD'],
        ['held', 'secretary', 'QUELCH'],
        ['resumed', 'secretary', 'UNQUELCH'],
      ],
    );
  });

  test('the two calls of a switch are one for who talks to whom', () => {
    const [first, second] = TraceModel.from(packetsOf('asterisk-no-transfer')).calls;
    assert.equal(first?.behind.callee, second);
    assert.equal(second?.behind.caller, first);
  });

  test('after a transfer the switch on the way knows its new neighbour', () => {
    const { calls } = TraceModel.from(packetsOf('asterisk-secretary-transfer'));
    const moved = calls.find(({ continuedAs, callee }) => continuedAs !== undefined && callee.name === 'secretary')?.continuedAs;
    assert.equal(moved?.behind.caller?.caller.name, 'alice');
    assert.equal(moved.behind.callee?.callee.name, '300');
  });

  test('a call given up because nobody is there', () => {
    const model = TraceModel.from(packetsOf('asterisk-dead-peer'));
    assert.deepEqual(
      model.messages.map(({ iax, retransmissionOf }) => [iax?.title, retransmissionOf?.id]),
      [['NEW', undefined], ['NEW', 'm1'], ['NEW', 'm1'], ['NEW', 'm1'], ['HANGUP', undefined]],
    );
    assert.deepEqual(model.calls.map(({ state, cause }) => [state, cause?.code]), [['cancelled', 19]]);
  });
});

suite('what belongs to what', () => {
  test('each ACK, answer and step of a transfer names the frame before it', () => {
    const model = TraceModel.from(packetsOf('attended_client_two_hosts'));
    const pairs = new Set(model.messages.map(({ iax, answers }) => `${iax?.title} of ${answers?.iax?.title}`));
    for (const pair of ['CALLTOKEN of NEW', 'ACCEPT of NEW', 'UNQUELCH of QUELCH', 'TXCNT of TXREQ', 'TXACC of TXCNT', 'TXREADY of TXREQ', 'TXREL of TXREQ', 'ACK of TXREL', 'ACK of VOICE PCMU']) {
      assert.ok(pairs.has(pair), pair);
    }
    for (const { iax, answers, leg } of model.messages) {
      if (iax?.command !== 'ACK') continue;
      assert.equal(answers?.iax?.timestamp, iax.timestamp, `${leg?.id ?? ''} ${iax.title}`);
    }
  });

  test('an ACK of a frame that came twice names that frame, though more has come since', () => {
    const script = new FrameScript();
    const leg = script.leg('customer', 5, 'boss', 6).call('customer', 'boss', '101');
    leg.control('boss', 'HOLD');
    const hold = leg.last;
    leg.control('boss', 'UNHOLD');
    script.add('customer', 'boss', buildCommand({ sourceCall: 5, destinationCall: 6, timestamp: hold?.timestamp ?? 0, outgoingSequence: 1, incomingSequence: 5 }, 'ACK').bytes);
    assert.equal(script.model().messages.at(-1)?.answers?.iax?.title, 'CONTROL HOLD');
  });

  test('a leg has the frames of its two ends and no other, though a transfer moves one of its numbers', () => {
    const model = TraceModel.from(packetsOf('asterisk-native-transfer'));
    assert.deepEqual(
      model.legs.map(({ purpose, caller, callee }) => [purpose, caller.number, callee.number]),
      [['call', 2294, 702], ['call', 6924, 3210], ['call', 2294, 3210]],
    );
    const [, , moved] = model.legs;
    assert.deepEqual([moved?.caller.voice, moved?.callee.voice], [679, 679]);
  });
});

suite('finding IAX2 in a capture', () => {
  const elsewhere = (packets: readonly TracePacket[]): readonly TracePacket[] =>
    packets.map((packet) => ({ ...packet, source: { ...packet.source, port: 40_000 + packet.source.port % 7 }, destination: { ...packet.destination, port: 40_000 + packet.destination.port % 7 } }));

  test('on any port, by how a call opens', () => {
    const packets = packetsOf('asterisk-secretary-transfer');
    const [here, there] = [TraceModel.from(packets), TraceModel.from(elsewhere(packets))];
    assert.deepEqual(there.messages.map(({ iax }) => iax?.title), here.messages.map(({ iax }) => iax?.title));
  });

  test('on any port, in the middle of a call, by a frame and its answer', () => {
    const packets = packetsOf('attended_client_two_hosts').slice(20);
    const [here, there] = [TraceModel.from(packets), TraceModel.from(elsewhere(packets))];
    assert.ok(here.messages.length > 20);
    assert.equal(there.messages.length, here.messages.length);
  });

  test('a capture of SIP and RTP has none', () => {
    const sip = path.join(__dirname, '../../../fixtures/captures/sip-direct-blind.pcap');
    const model = TraceModel.from(readCapture(readFileSync(sip)).packets);
    assert.ok(model.messages.length > 0);
    assert.equal(model.legs.length, 0);
  });
});
