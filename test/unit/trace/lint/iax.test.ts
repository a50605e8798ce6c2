import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { suite, test } from 'node:test';
import { readCapture } from '../../../../src/capture';
import { lintRules, TraceModel } from '../../../../src/trace';
import { FrameScript, places, Secretary } from '../iax/frame-script';

const folder = path.join(__dirname, '../../../fixtures/iax2');

/** `id message: sentence | octets`, after a minute without a packet. */
function findings(model: TraceModel): readonly string[] {
  model.advance(model.now + 60_000);
  return model.lints.map(({ id, message, text, range }) => `${id} ${message.id}: ${text} | ${Buffer.from(message.bytes.subarray(range.start, range.end)).toString('hex')}`);
}

function idsOf(model: TraceModel): readonly string[] {
  return findings(model).map((finding) => finding.replace(/ .*$/u, ''));
}

/** What there is to find in real traffic; of the captures that are not named here, nothing. */
const expected: Readonly<Record<string, readonly string[]>> = {
  'asterisk-dead-peer': [
    'iax-unacknowledged m1: Alice sends NEW and 600 never acknowledges it. | 0601',
    'iax-unacknowledged m5: Alice sends HANGUP and 600 never acknowledges it. | 0605',
  ],
  // Asterisk 11 asks again when a control frame comes between.
  'asterisk-native-transfer': [
    'iax-txreq-repeated m37: 127.0.0.1:4569 asks Alice once more to connect to the same one while that is being done. | 1b043fcf8502',
    'iax-txreq-repeated m41: 127.0.0.1:4569 asks 300 once more to connect to the same one while that is being done. | 1b043fcf8502',
  ],
  'attended_no_unquelch_no_audio': [
    'iax-no-unquelch m41: 555 lets 127.0.0.1:4569 go without taking it off hold (UNQUELCH). | 061a',
    'iax-ping-after-txrel m45: 555 sends PING to 127.0.0.1:4569, whom it has let go. | 0602',
    'iax-ping-after-txrel m46: 555 sends PING to 101, whom it has let go. | 0602',
  ],
  'blind_transfer_bad_number': ['iax-transfer-unknown-number m27: 1 hands 127.0.0.1:4569 over to 999, which 127.0.0.2:4569 cannot call. | 0103393939'],
  'libiax2_iaxmodem_end': ['iax-unacknowledged m50: 127.0.0.1:4570 sends REGREL and 127.0.0.1:4569 never acknowledges it. | 0611'],
  'register_md5': ['iax-token-refused m31: 127.0.0.5:4569 sends REGREQ without a call token, and is refused. | 060d'],
};

/** Captures of a hostile client, and of calls that the capture cuts off: which lints, in order. */
const ids: Readonly<Record<string, readonly string[]>> = {
  'asterisk-reject': ['iax-wrong-source', 'iax-unacknowledged'],
  'asterisk-secretary-transfer': ['iax-txreq-repeated', 'iax-txreq-repeated', 'iax-txreq-repeated', 'iax-txreq-repeated'],
  'attended_client_two_hosts': ['iax-ping-after-txrel', 'iax-ping-after-txrel'],
  'native_full_asterisk11_middle': ['iax-txreq-repeated', 'iax-txreq-repeated'],
  'call_md5_features': ['iax-element-cut', 'iax-element-cut', 'iax-wrong-call-number', 'iax-unacknowledged'],
  'malformed_replies': [
    'iax-token-refused', 'iax-token-refused', 'iax-mini-before-full', 'iax-txreq-incomplete', 'iax-txreq-incomplete', 'iax-wrong-source',
    'iax-txrel-out-of-state', 'iax-wrong-call-number', 'iax-txrel-out-of-state',
    // Asterisk obeys TXREL at any time: the leg is lost.
    'iax-unacknowledged',
  ],
};

suite('lints of IAX2: real traffic', () => {
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.pcap')).map((file) => file.replace('.pcap', ''))) {
    test(name, () => {
      const model = TraceModel.from(readCapture(readFileSync(path.join(folder, `${name}.pcap`))).packets);
      const wanted = ids[name];
      if (wanted === undefined) assert.deepEqual(findings(model), expected[name] ?? []);
      else assert.deepEqual(idsOf(model), wanted);
    });
  }
});

suite('lints of IAX2: each in turn', () => {
  test('nothing is wrong with a right transfer, nor with frames sent again', () => {
    const right = new Secretary().request().probe().ready().resume().release().talk();
    right.path.control('boss', 'HOLD').again('boss').say('boss', 'HANGUP', { causeCode: 16 });
    assert.deepEqual(findings(right.script.model()), []);
  });

  test('a second attempt after one that was given up is no repetition', () => {
    const attempts = new Secretary().request();
    attempts.boss.say('boss', 'TXREJ');
    attempts.customer.say('secretary', 'TXREJ');
    attempts.request().probe().ready().resume().release().talk();
    assert.deepEqual(findings(attempts.script.model()), []);
  });

  test('iax-no-unquelch explains the verdict and says where it went wrong', () => {
    const model = new Secretary().request().probe().ready().release().script.model();
    assert.deepEqual(idsOf(model), ['iax-no-unquelch']);
    assert.equal(model.message(model.transfers[0]?.wentWrongAt ?? '')?.iax?.command, 'TXREL');
  });

  test('iax-hangup-after-txrel', () => {
    const late = new Secretary().request().probe().ready().resume().release().talk();
    late.customer.say('secretary', 'HANGUP', { causeCode: 16 });
    assert.deepEqual(findings(late.script.model()), [
      'iax-hangup-after-txrel m39: 555 sends HANGUP to 127.0.0.21:4569, whom it has let go. | 0605',
    ]);
    assert.equal(late.script.model().calls.at(-1)?.state, 'up');
  });

  test('iax-txrel-out-of-state: before TXREADY, after TXREJ, to another number', () => {
    assert.deepEqual(idsOf(new Secretary().resume().release().script.model()), ['iax-txrel-out-of-state', 'iax-txrel-out-of-state']);
    assert.deepEqual(idsOf(new Secretary().request().probe().resume().release().script.model()), ['iax-txrel-out-of-state', 'iax-txrel-out-of-state']);
    const refused = new Secretary().request().probe().ready();
    refused.boss.say('boss', 'TXREJ');
    refused.resume().boss.say('secretary', 'TXREL', { callNumber: 2654 });
    assert.deepEqual(idsOf(refused.script.model()), ['iax-txrel-out-of-state']);
    const other = new Secretary().request().probe().ready().resume();
    other.boss.say('secretary', 'TXREL', { callNumber: 7 });
    assert.deepEqual(findings(other.script.model()).map((finding) => finding.replace(/^.*?: /u, '')), [
      '101 is let go (TXREL) to another call number than it was asked to connect to. | 15020007',
    ]);
  });

  test('iax-txreq-too-early', () => {
    const script = new FrameScript();
    const leg = script.leg('customer', 2654, 'secretary', 3001);
    leg.say('customer', 'NEW', { version: 2, calledNumber: '555', format: 4 }).control('secretary', 'RINGING');
    leg.say('secretary', 'TXREQ', { apparentAddress: places.boss, callNumber: 9, transferId: 1 });
    assert.deepEqual(idsOf(script.model()), ['iax-txreq-too-early']);
  });

  test('iax-apparent-address: the other end is not there', () => {
    const wrong = new Secretary();
    wrong.customer.say('secretary', 'TXREQ', { apparentAddress: { host: '10.1.2.3', port: 4569 }, callNumber: 9396, transferId: 1 });
    const [finding] = findings(wrong.script.model());
    assert.equal(finding?.replace(/ \| .*$/u, ''), 'iax-apparent-address m17: 127.0.0.21:4569 is sent to 10.1.2.3:4569, but 101 speaks from 127.0.0.23:4569.');
  });

  test('iax-mini-before-full after a transfer, and not of media that moved alone', () => {
    const early = new Secretary().request().probe().ready().resume().release();
    early.path.mini('customer').mini('customer');
    assert.deepEqual(idsOf(early.script.model()), ['iax-mini-before-full']);
    const media = new Secretary().request().probe().ready().resume().release('TXMEDIA');
    media.path.mini('customer').mini('boss');
    assert.deepEqual(idsOf(media.script.model()), []);
  });

  test('iax-transfer-without-number and iax-plaintext-password', () => {
    const calls = new Secretary().resume();
    calls.boss.say('secretary', 'TRANSFER');
    assert.deepEqual(idsOf(calls.script.model()), ['iax-transfer-without-number']);
    const script = new FrameScript();
    script.leg('customer', 5, 'boss', 6).say('customer', 'REGREQ', { username: 'alice', password: 'secret' }).say('boss', 'REGACK', { username: 'alice' });
    assert.match(findings(script.model())[0] ?? '', /^iax-plaintext-password m1: 127\.0\.0\.21:4569 sends its password for everybody to read\. \| 0706/u);
  });

  test('iax-unacknowledged: only when nobody sends it any more, and not when the leg is over', () => {
    const silent = new Secretary().resume();
    silent.boss.control('boss', 'HOLD', { isAcknowledged: false });
    const model = silent.script.model();
    assert.deepEqual(model.lints, []);
    assert.deepEqual(idsOf(model), ['iax-unacknowledged']);
    silent.boss.say('secretary', 'HANGUP', { causeCode: 16 });
    assert.deepEqual(idsOf(silent.script.model()), []);
  });

  test('each has a rule of its own, and whoever sees a finding can look it up', () => {
    const iax = lintRules.filter(({ id }) => id.startsWith('iax-'));
    assert.equal(new Set(iax.map(({ id }) => id)).size, iax.length);
    for (const { title, rule, remedy } of iax) assert.ok(title !== '' && /RFC 5456|IAX2 reference/u.test(rule) && remedy.endsWith('.'));
  });
});
