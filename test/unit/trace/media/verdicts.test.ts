import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { suite, test } from 'node:test';
import { readCapture } from '../../../../src/capture';
import { RtpPacket } from '../../../../src/media';
import { TraceModel, type TracePacket } from '../../../../src/trace';
import { answeredCall, CallScript, ended, notify, reinvite, simple } from '../call-script';
import { referToTarget } from '../transfers';
import { capturedWith, silence, voiceBetween } from './voice-script';

const fixtures = path.join(__dirname, '../../../fixtures');

function packetsOf(file: string): readonly TracePacket[] {
  return readCapture(readFileSync(path.join(fixtures, file))).packets;
}

function outcome({ transfers }: TraceModel): string[] {
  return transfers.map(({ verdict, reason }) => `${verdict}: ${reason}`);
}

suite('a real blind transfer of baresip, and what is left of it when media are taken out of the capture', () => {
  const packets = packetsOf('captures/baresip-blind.pcap');
  /** Of these phones RTP is G.711; RTCP has other numbers there. */
  const isRtp = ({ bytes }: TracePacket): boolean => RtpPacket.parse(bytes)?.payloadType === 0;
  const isTo = (host: string) => (packet: TracePacket): boolean => isRtp(packet) && packet.destination.host === host;
  const start = packets[0]?.at ?? 0;
  /** The transfer is done after 1.5 s, the new call over after 5.2 s. */
  const isOfNewCall = ({ at }: TracePacket): boolean => at - start > 1_506.5;
  const without = (isGone: (packet: TracePacket) => boolean): TraceModel => TraceModel.from(packets.filter((packet) => !isGone(packet)));
  const [toAlice, toBob, toCharlie] = [isTo('127.0.0.21'), isTo('127.0.0.22'), isTo('127.0.0.23')];

  test('as it is', () => {
    assert.deepEqual(outcome(without(() => false)), ['success: Alice talks to Charlie; Bob has left, and audio went both ways.']);
  });

  test('Charlie sends nothing to Alice', () => {
    assert.deepEqual(outcome(without((packet) => isOfNewCall(packet) && toAlice(packet))), [
      'failed: The phones say that it worked, but no audio came from Charlie to Alice.',
    ]);
  });

  test('Alice sends nothing to Charlie', () => {
    assert.deepEqual(outcome(without(toCharlie)), ['failed: The phones say that it worked, but no audio came from Alice to Charlie.']);
  });

  test('neither sends anything', () => {
    assert.deepEqual(outcome(without((packet) => toCharlie(packet) || (isOfNewCall(packet) && toAlice(packet)))), [
      'failed: The phones say that it worked, but no audio went between Alice and Charlie.',
    ]);
  });

  test('Alice goes on sending to Bob', () => {
    const last = packets.findLast(toBob);
    assert.ok(last !== undefined);
    const more = packets.filter(toCharlie).map((packet) => ({ ...packet, source: last.source, destination: last.destination }));
    const kept = packets.filter((packet) => !toCharlie(packet));
    assert.deepEqual(outcome(TraceModel.from([...kept, ...more].sort((a, b) => a.at - b.at))), [
      'failed: The phones say that it worked, but Alice still sends audio to Bob and none to Charlie.',
    ]);
  });

  test('no media at all: the capture cannot tell', () => {
    assert.deepEqual(outcome(without(isRtp)), ['success: Alice talks to Charlie; Bob has left (the media was not in the capture).']);
  });

  test('no media but those of a call between strangers: it cannot tell either', () => {
    const others = packetsOf('captures/sip-pbx-call-with-rtp.pcap');
    const offset = start - (others[0]?.at ?? 0);
    const both = [...packets.filter((packet) => !isRtp(packet)), ...others.map((packet) => ({ ...packet, at: packet.at + offset }))];
    assert.deepEqual(outcome(TraceModel.from(both.sort((a, b) => a.at - b.at))), [
      'success: Alice talks to Charlie; Bob has left (no audio of the new call was in the capture).',
    ]);
  });

  test('seen from Bob’s machine, where neither the new call nor its media pass', () => {
    const isBobs = ({ source, destination }: TracePacket): boolean => source.host === '127.0.0.22' || destination.host === '127.0.0.22';
    assert.deepEqual(outcome(without((packet) => !isBobs(packet) && !(isTo('127.0.0.21')(packet) && !isOfNewCall(packet)))), [
      'success: Alice says that Charlie has answered; Bob has left (the new call was not in the capture).',
    ]);
  });

  test('a capture that ends too soon after the answer', () => {
    assert.deepEqual(outcome(without((packet) => packet.at - start > 2_500 || (isOfNewCall(packet) && toAlice(packet)))), [
      'success: Alice talks to Charlie; Bob has left (only the audio of Alice was in the capture, which tells little: the capture ends 1.0 s after its answer).',
    ]);
  });
});

suite('of scripted calls', () => {
  interface Story {
    readonly script: CallScript;
    /** When the new call was answered. */
    readonly upAt: number;
    readonly over: number;
  }

  /** Bob gives Alice to Charlie; `alter` may change what the SDP of the new call says. */
  function story(alter: (text: string) => string = (text) => text, lasts = 6_000): Story {
    const script = new CallScript();
    const first = answeredCall(script, 'alice', 'bob', 'd1');
    script.wait(1_000);
    referToTarget(first);
    const before = script.packets.length;
    const second = answeredCall(script, 'alice', 'charlie', 'd2');
    const upAt = script.packets.at(-2)?.at ?? 0;
    const changed = script.packets.slice(before).map((packet) => ({ ...packet, bytes: lengthened(alter(Buffer.from(packet.bytes).toString('latin1'))) }));
    script.packets.splice(before, changed.length, ...changed);
    notify(first, 'alice', '200 OK', ended);
    simple(first, 'bob', 'BYE');
    script.wait(lasts);
    simple(second, 'charlie', 'BYE');
    return { script, upAt, over: upAt + lasts };
  }

  /** With the Content-Length that it has become. */
  function lengthened(text: string): Uint8Array {
    const body = text.slice(text.indexOf('\r\n\r\n') + 4);
    return Buffer.from(text.replace(/Content-Length: \d+/, `Content-Length: ${body.length}`), 'latin1');
  }

  const firstCall = [...voiceBetween('alice', 'bob', 50, 1_000), ...voiceBetween('bob', 'alice', 50, 1_000)];

  test('the very phones, on the ports of the call before', () => {
    const { script, upAt, over } = story();
    const media = [...firstCall, ...voiceBetween('alice', 'charlie', upAt + 20, over), ...voiceBetween('charlie', 'alice', upAt + 20, over)];
    assert.deepEqual(outcome(capturedWith(script, media)), ['success: Alice talks to Charlie; Bob has left, and audio went both ways.']);
  });

  test('one who sends only silence', () => {
    const { script, upAt, over } = story();
    const media = [...firstCall, ...voiceBetween('alice', 'charlie', upAt + 20, over), ...voiceBetween('charlie', 'alice', upAt + 20, over, { payload: silence })];
    assert.deepEqual(outcome(capturedWith(script, media)), ['success: Alice talks to Charlie; Bob has left, and audio went both ways, though Charlie sent only silence.']);
  });

  test('what Charlie sent before the answer is no audio of the call', () => {
    const { script, upAt, over } = story();
    const media = [...firstCall, ...voiceBetween('alice', 'charlie', upAt + 20, over), ...voiceBetween('charlie', 'alice', upAt - 15, upAt + 10)];
    assert.deepEqual(outcome(capturedWith(script, media)), ['failed: The phones say that it worked, but no audio came from Charlie to Alice.']);
  });

  for (const [name, line] of [
    ['offers comfort noise', 'm=audio 4000 RTP/AVP 0 13'],
    ['speaks G.729 with its silence suppression', 'm=audio 4000 RTP/AVP 18'],
    ['only listens', 'm=audio 4000 RTP/AVP 0\r\na=recvonly\r\nb=X:0'],
  ] as const) {
    test(`silence of one who ${name} is no failure`, () => {
      const { script, upAt, over } = story((text) => {
        const isCharlies = text.startsWith('SIP/2.0 200');
        return isCharlies ? text.replace('m=audio 4000 RTP/AVP 0', line).replace(/\r\nb=X:0\r\na=sendrecv/, '') : text;
      });
      const media = [...firstCall, ...voiceBetween('alice', 'charlie', upAt + 20, over)];
      assert.deepEqual(outcome(capturedWith(script, media)), ['success: Alice talks to Charlie; Bob has left (only the audio of Alice was in the capture).']);
    });
  }

  for (const [name, offer, zero] of [['by a direction', 'sendonly', false], ['by the zero address', 'sendrecv', true]] as const) {
    test(`a call that is put on hold at once ${name} is not judged by what it does not send`, () => {
      const script = new CallScript();
      const first = answeredCall(script, 'alice', 'bob', 'd1');
      script.wait(1_000);
      referToTarget(first);
      const second = answeredCall(script, 'alice', 'charlie', 'd2');
      const before = script.packets.length;
      reinvite(second, 'alice', offer, zero ? 'sendrecv' : 'recvonly');
      const [held] = script.packets.slice(before);
      if (zero && held !== undefined) script.packets[before] = { ...held, bytes: lengthened(Buffer.from(held.bytes).toString('latin1').replace(/c=IN IP4 .*/, 'c=IN IP4 0.0.0.0')) };
      const heldAt = script.packets.at(-1)?.at ?? 0;
      notify(first, 'alice', '200 OK', ended);
      simple(first, 'bob', 'BYE');
      script.wait(6_000);
      simple(second, 'charlie', 'BYE');
      const media = [...firstCall, ...voiceBetween('alice', 'charlie', heldAt + 20, heldAt + 5_000)];
      assert.deepEqual(outcome(capturedWith(script, media)), ['success: Alice talks to Charlie; Bob has left (only the audio of Alice was in the capture).']);
    });
  }

  test('an early end is no failure', () => {
    const { script, upAt } = story(undefined, 800);
    const media = [...firstCall, ...voiceBetween('alice', 'charlie', upAt + 20, upAt + 800)];
    assert.deepEqual(outcome(capturedWith(script, media)), [
      'success: Alice talks to Charlie; Bob has left (only the audio of Alice was in the capture, which tells little: the new call ended 0.9 s after its answer).',
    ]);
  });

  test('media that go another way than the signalling, and of which one direction passes', () => {
    const { script, upAt, over } = story();
    const elsewhere = script.packets.map((packet) => ({
      ...packet,
      bytes: Buffer.from(Buffer.from(packet.bytes).toString('latin1').replace(/c=IN IP4 127\.0\.0\./, 'c=IN IP4 127.0.1.'), 'latin1'),
    }));
    script.packets.splice(0, script.packets.length, ...elsewhere);
    const moved = (packets: TracePacket[]): TracePacket[] =>
      packets.map((packet) => ({ ...packet, source: { ...packet.source, host: packet.source.host.replace('127.0.0', '127.0.1') }, destination: { ...packet.destination, host: packet.destination.host.replace('127.0.0', '127.0.1') } }));
    const there = [...moved(voiceBetween('alice', 'bob', 50, 1_000)), ...moved(voiceBetween('alice', 'charlie', upAt + 20, over))];
    assert.deepEqual(outcome(capturedWith(script, there)), ['success: Alice talks to Charlie; Bob has left (only the audio of Alice was in the capture).']);
    // What goes to Alice's host is seen after all: then Charlie's audio would have been.
    const back = moved(voiceBetween('bob', 'alice', 50, 1_000));
    assert.deepEqual(outcome(capturedWith(script, [...there, ...back])), ['failed: The phones say that it worked, but no audio came from Charlie to Alice.']);
  });
});

suite('of IAX2', () => {
  const packets = packetsOf('iax2/asterisk-blind-transfer.pcap');
  const start = packets[0]?.at ?? 0;
  /** Voice from 127.0.0.3 after the new call was answered, in mini frames and in the full one that begins them. */
  const isVoiceOf310 = ({ source, at, bytes }: TracePacket): boolean => {
    const isMini = ((bytes[0] ?? 0) & 0x80) === 0;
    return source.host === '127.0.0.3' && at - start > 4_140 && (isMini || bytes[10] === 2);
  };

  test('a TRANSFER whose new call has voice both ways, and with that of one end taken out', () => {
    assert.deepEqual(outcome(TraceModel.from(packets)), ['success: Alice talks to 310; 301 has left, and audio went both ways.']);
    assert.deepEqual(outcome(TraceModel.from(packets.filter((packet) => !isVoiceOf310(packet)))), [
      'failed: The phones say that it worked, but no audio came from 310 to Alice.',
    ]);
  });
});
