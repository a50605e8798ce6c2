import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parse as oracle } from 'sdp-transform';
import type { ByteRange } from '../../../../src/core';
import { parseSdp, SdpError } from '../../../../src/sip/sdp';
import { asterisk, audioBody, everyLine, pjsua, sdp } from './samples';

function octets(body: string, { start, end }: ByteRange): string {
  return Buffer.from(body).toString('utf8', start, end);
}

function refusal(body: string | Uint8Array): SdpError {
  try {
    parseSdp(body);
  } catch (error) {
    assert.ok(error instanceof SdpError, `expected an SdpError, got ${String(error)}`);
    return error;
  }
  assert.fail('the body was accepted');
}

describe('parseSdp', () => {
  test('reads every line of RFC 8866', () => {
    const session = parseSdp(everyLine);
    assert.deepEqual(session.notes, []);
    assert.equal(session.origin.address, '2001:db8::1');
    assert.equal(session.name, 'Grüße');
    assert.equal(session.information, 'About this session');
    assert.equal(session.uri, 'https://www.example.com/session.html');
    assert.deepEqual(session.emails, ['j.doe@example.com (Jane Doe)', 'second@example.com']);
    assert.deepEqual(session.phones, ['+1 617 555-6011']);
    assert.equal(session.connection?.address, '233.252.0.1/127');
    assert.deepEqual(
      session.bandwidths.map(({ type, value }) => `${type}=${value}`),
      ['CT=128', 'X-YZ=64'],
    );
    assert.deepEqual(session.timings, [
      { start: '3724394400', stop: '3724398000', repeats: ['604800 3600 0 90000', '7d 1h 0 25h'] },
      { start: '3724484400', stop: '3724488000', repeats: [] },
    ]);
    assert.equal(session.zones, '3730928400 -1h 3749680800 0');
    assert.equal(session.key, 'prompt');
    assert.deepEqual(
      session.attributes.map(({ name, value }) => [name, value]),
      [
        ['recvonly', undefined],
        ['tool', 'something 1.0: with a colon'],
      ],
    );
    const [audio, video] = session.media;
    assert.equal(audio?.port, 49170);
    assert.equal(audio.portCount, 2);
    assert.equal(audio.information, 'The sound');
    assert.deepEqual(
      audio.connections.map(({ address }) => address),
      ['233.252.0.2/127', '233.252.0.3/127'],
    );
    assert.equal(audio.key, 'clear:secret');
    assert.equal(video?.port, 0);
    assert.equal(video.protocol, 'RTP/SAVPF');
    assert.deepEqual(video.formats, ['99']);
  });

  test('gives ranges in octets, behind multi-octet characters too', () => {
    const session = parseSdp(everyLine);
    assert.equal(octets(everyLine, session.origin.range), 'o=jdoe 3724394400 3724394405 IN IP6 2001:db8::1');
    const audio = session.media[0];
    assert.ok(audio !== undefined);
    assert.equal(octets(everyLine, audio.range), 'm=audio 49170/2 RTP/AVP 0 8');
    assert.equal(octets(everyLine, audio.portRange), '49170/2');
    assert.equal(octets(everyLine, audio.protocolRange), 'RTP/AVP');
    assert.deepEqual(
      audio.attributes.map(({ range }) => octets(everyLine, range)),
      ['a=sendonly'],
    );
    assert.deepEqual(
      audio.connections.map(({ range }) => octets(everyLine, range)),
      ['c=IN IP4 233.252.0.2/127', 'c=IN IP4 233.252.0.3/127'],
    );
  });

  test('reads a view into a larger buffer with ranges of its own', () => {
    const whole = Buffer.from(`INVITE\r\n\r\n${asterisk}trailing`);
    const body = whole.subarray(10, 10 + asterisk.length);
    assert.equal(octets(asterisk, parseSdp(body).origin.range), 'o=- 1058618430 1058618430 IN IP4 127.0.0.1');
  });

  const tolerated: readonly [string, string, string][] = [
    ['bare LF', audioBody().replaceAll('\r\n', '\n'), 'bare-lf'],
    ['a blank line at the end', `${audioBody()}\r\n`, 'blank-line'],
    ['no t=', audioBody().replace('t=0 0\r\n', ''), 'missing-line'],
    ['no s=', audioBody().replace('s=-\r\n', ''), 'missing-line'],
    ['no v=', audioBody().replace('v=0\r\n', ''), 'missing-line'],
    ['a second s=', audioBody().replace('s=-\r\n', 's=-\r\ns=again\r\n'), 'repeated-line'],
    ['a letter that SDP does not have', audioBody().replace('t=0 0\r\n', 't=0 0\r\ny=0100\r\n'), 'unknown-line'],
    [
      'c= before s=',
      audioBody().replace('s=-\r\nc=IN IP4 127.0.0.12\r\n', 'c=IN IP4 127.0.0.12\r\ns=-\r\n'),
      'out-of-order',
    ],
    ['an attribute whose name is no token', audioBody({ attributes: ['odd name:1'] }), 'attribute'],
  ];
  for (const [what, body, code] of tolerated) {
    test(`accepts and notes ${what}`, () => {
      const session = parseSdp(body);
      assert.deepEqual(
        session.notes.map((note) => note.code),
        [code],
      );
      assert.equal(session.media[0]?.port, 4020);
    });
  }

  test('accepts a last line without its end', () => {
    const session = parseSdp(audioBody({ attributes: ['sendonly'] }).trimEnd());
    assert.equal(session.media[0]?.attributes.at(-1)?.name, 'sendonly');
    assert.deepEqual(session.notes, []);
  });

  const refused: readonly [string, string, string][] = [
    ['a line without "="', audioBody().replace('t=0 0', 'nonsense'), 'nonsense'],
    ['a version that is not 0', audioBody().replace('v=0', 'v=1'), '1'],
    ['an o= line of five parts', audioBody().replace(' 77 1 IN', ' 77 IN'), 'o=peer 77 IN IP4 127.0.0.12'],
    ['a c= line of two parts', audioBody({ connection: 'IN IP4' }), 'c=IN IP4'],
    ['an m= line without formats', audioBody({ formats: '' }), 'm=audio 4020 RTP/AVP '],
    ['a port that is no number', audioBody().replace('audio 4020', 'audio 40x0'), '40x0'],
    ['a port beyond 65535', audioBody({ port: 65_536 }), '65536'],
    ['a t= line of one part', audioBody().replace('t=0 0', 't=0'), 't=0'],
    ['a b= line without a colon', audioBody().replace('t=0 0', 'b=AS\r\nt=0 0'), 'b=AS'],
  ];
  for (const [what, body, fault] of refused) {
    test(`refuses ${what}, and points at it`, () => {
      const error = refusal(body);
      assert.equal(error.code, 'CL2003');
      assert.equal(error.status, 488);
      assert.equal(octets(body, error.range), fault);
    });
  }

  test('refuses a body without o=, and one that is empty', () => {
    assert.deepEqual(refusal(audioBody().replace(/o=.*\r\n/, '')).range.start, 0);
    assert.equal(refusal('').code, 'CL2003');
  });

  test('throws nothing but SdpError, whatever the octets', () => {
    const damaged = fc
      .tuple(
        fc.constantFrom(everyLine, asterisk, pjsua),
        fc.array(fc.tuple(fc.nat(600), fc.nat(255)), { maxLength: 6 }),
      )
      .map(([body, changes]) => {
        const bytes = Buffer.from(body);
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        return bytes;
      });
    fc.assert(
      fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 200 })), (bytes) => {
        try {
          const { range } = parseSdp(bytes);
          assert.deepEqual(range, { start: 0, end: bytes.length });
        } catch (error) {
          assert.ok(error instanceof SdpError);
          assert.ok(error.range.start <= error.range.end && error.range.end <= bytes.length);
        }
      }),
    );
  });
});

describe('parseSdp and an independent parser agree on', () => {
  // The other one knows no port count.
  const plainPorts = everyLine.replace('49170/2', '49170');
  const bodies = {
    asterisk,
    pjsua,
    everyLine: plainPorts,
    hold: audioBody({ connection: 'IN IP4 0.0.0.0', attributes: ['inactive'] }),
  };
  for (const [name, body] of Object.entries(bodies)) {
    test(name, () => {
      const ours = parseSdp(body);
      const theirs = oracle(body);
      assert.equal(ours.origin.username, theirs.origin.username);
      assert.equal(ours.origin.sessionId, String(theirs.origin.sessionId));
      assert.equal(ours.origin.sessionVersion, String(theirs.origin.sessionVersion));
      assert.equal(ours.origin.address, theirs.origin.address);
      assert.equal(ours.name, theirs.name);
      assert.equal(ours.connection?.address, theirs.connection?.ip);
      assert.equal(ours.media.length, theirs.media.length);
      for (const [index, media] of ours.media.entries()) {
        const other = theirs.media[index];
        assert.ok(other !== undefined);
        assert.equal(media.media, other.type);
        assert.equal(media.port, other.port);
        assert.equal(media.protocol, other.protocol);
        assert.equal(media.formats.join(' '), String(other.payloads));
        const maps = media.attributes.filter((attribute) => attribute.name === 'rtpmap').map(({ value }) => value);
        assert.deepEqual(
          maps,
          other.rtp.map(({ payload, codec, rate }) => `${payload} ${codec}/${rate ?? ''}`),
        );
        const direction = media.attributes.find(({ name }) => /^(sendrecv|sendonly|recvonly|inactive)$/.test(name));
        assert.equal(direction?.name, other.direction);
      }
    });
  }
});

test('an r= before any t= is dropped, not fatal', () => {
  const session = parseSdp(sdp('v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 'r=7d 1h 0', 't=0 0'));
  assert.deepEqual(session.timings, [{ start: '0', stop: '0', repeats: [] }]);
  assert.deepEqual(
    session.notes.map(({ code }) => code),
    [],
  );
});
