import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MediaNegotiation, parseSdp, SdpError } from '../../../../src/sip/sdp';
import { connected, exchange, flowOf, mediaOf, negotiator, setHold, versionOf } from './negotiators';
import { asterisk, audioBody, pjsua } from './samples';

function thrown(act: () => unknown): SdpError {
  try {
    act();
  } catch (error) {
    assert.ok(error instanceof SdpError, String(error));
    return error;
  }
  assert.fail('nothing was thrown');
}

/** `audioBody` with further m-lines before and after the audio one. */
function withMedia(before: readonly string[], after: readonly string[] = [], audio = audioBody()): string {
  const lines = (each: readonly string[]): string => each.map((line) => `${line}\r\n`).join('');
  return audio.replace(/m=audio[^]*$/, (found) => lines(before) + found + lines(after));
}

function mediaLines(body: string): string[] {
  return parseSdp(body).media.map(({ media, port, protocol, formats }) =>
    [media, port, protocol, ...formats].join(' '),
  );
}

describe('an offer of ours', () => {
  test('says all that the other side needs, and nothing else', () => {
    const side = new MediaNegotiation({
      origin: 'alice',
      sessionId: 4711,
      address: '127.0.0.11',
      port: 40_010,
      laws: ['pcmu', 'pcma'],
    });
    assert.equal(side.media, undefined);
    assert.equal(
      side.createOffer(),
      [
        'v=0',
        'o=alice 4711 1 IN IP4 127.0.0.11',
        's=-',
        'c=IN IP4 127.0.0.11',
        't=0 0',
        'm=audio 40010 RTP/AVP 0 8 101',
        'a=rtpmap:0 PCMU/8000',
        'a=rtpmap:8 PCMA/8000',
        'a=rtpmap:101 telephone-event/8000',
        'a=fmtp:101 0-15',
        'a=ptime:20',
        'a=sendrecv',
        '',
      ].join('\r\n'),
    );
  });

  test('names IPv6 addresses as such, and holds by :: there', () => {
    const side = negotiator('alice', { address: '::1' });
    assert.match(side.createOffer(), /^o=alice 4711 1 IN IP6 ::1\r\n[^]*c=IN IP6 ::1\r\n/m);
    side.abandonOffer();
    side.localHold = true;
    side.holdStyle = 'c0';
    assert.match(side.createOffer(), /^c=IN IP6 ::\r\n/m);
  });

  test('comes back unchanged while it waits for its answer', () => {
    const side = negotiator();
    const offer = side.createOffer();
    side.localHold = true;
    assert.equal(side.createOffer(), offer);
  });

  test('keeps the law that the call has, whatever our preference', () => {
    const side = negotiator('alice', { laws: ['pcmu', 'pcma'] });
    side.createOffer();
    side.receiveAnswer(audioBody({ formats: '8 0' }));
    assert.equal(mediaOf(side).law, 'pcma');
    assert.deepEqual(mediaLines(side.createOffer()), ['audio 40010 RTP/AVP 8 0 101']);
  });

  test('in a 2xx to an INVITE without SDP leaves the hold of the peer to its answer', () => {
    const { alice, bob } = connected();
    setHold(bob, alice, true);
    assert.equal(flowOf(alice.createOffer()), 'recvonly');
    alice.abandonOffer();
    const offer = alice.createOffer({ full: true });
    assert.equal(flowOf(offer), 'sendrecv');
    alice.receiveAnswer(bob.receiveOffer(offer).answer);
    assert.equal(mediaOf(alice).peerHoldStyle, 'sendonly', 'it still holds, and says so');
  });

  test('in such a 2xx still carries our own hold', () => {
    const side = negotiator();
    side.localHold = true;
    assert.equal(flowOf(side.createOffer({ full: true })), 'sendonly');
  });
});

describe('the version of o= (RFC 3264 section 8)', () => {
  test('grows by one for a changed description, and not for a repeated one', () => {
    const { alice, bob } = connected();
    const versions = [versionOf(exchange(alice, bob).offer)];
    versions.push(versionOf(setHold(alice, bob, true).offer));
    versions.push(versionOf(exchange(alice, bob).offer));
    versions.push(versionOf(setHold(alice, bob, false).offer));
    assert.deepEqual(versions, [1, 2, 2, 3]);
  });

  test('counts our answers and offers together', () => {
    const alice = negotiator('alice', { laws: ['pcmu'] });
    const bob = negotiator('bob', { laws: ['pcmu'] });
    const first = exchange(alice, bob);
    assert.equal(versionOf(first.answer), 1);
    const hold = setHold(bob, alice, true);
    assert.deepEqual([hold.offer, hold.answer].map(versionOf), [2, 2]);
  });

  test('never goes back, since the peer has seen the offer that it refused', () => {
    const { alice } = connected();
    alice.localHold = true;
    assert.equal(versionOf(alice.createOffer()), 2);
    alice.abandonOffer();
    assert.equal(versionOf(alice.createOffer()), 3);
  });

  test('leaves the rest of o= alone', () => {
    const { alice, bob } = connected();
    const { offer } = setHold(alice, bob, true, 'c0');
    assert.match(offer, /^o=alice 4711 2 IN IP4 127.0.0.11\r\n/m);
  });
});

describe('m-lines', () => {
  test('are all answered, in order, the ones that are not ours by port 0', () => {
    const side = negotiator();
    const offer = withMedia(['m=video 5004 RTP/AVP 96 97', 'm=audio 5006 RTP/SAVP 0'], ['m=message 2855 TCP/MSRP *']);
    const { answer } = side.receiveOffer(offer);
    assert.deepEqual(mediaLines(answer), [
      'video 0 RTP/AVP 96',
      'audio 0 RTP/SAVP 0',
      'audio 40010 RTP/AVP 0 101',
      'message 0 TCP/MSRP *',
    ]);
  });

  test('keep their place in our later offers', () => {
    const side = negotiator();
    side.receiveOffer(withMedia(['m=video 5004 RTP/AVP 96']));
    assert.deepEqual(mediaLines(side.createOffer()), ['video 0 RTP/AVP 96', 'audio 40010 RTP/AVP 0 8 101']);
    side.receiveAnswer(withMedia(['m=video 0 RTP/AVP 96']));
    assert.equal(mediaOf(side).remotePort, 4020);
  });

  test('our stream keeps its slot when a second one that fits is offered before it', () => {
    const side = negotiator();
    side.receiveOffer(withMedia(['m=video 0 RTP/AVP 96']));
    const { answer } = side.receiveOffer(withMedia(['m=audio 6000 RTP/AVP 0']));
    assert.deepEqual(mediaLines(answer), ['audio 0 RTP/AVP 0', 'audio 40010 RTP/AVP 0 101']);
  });

  test('port 0 in a re-offer removes the stream; it is no hold', () => {
    const side = negotiator();
    side.receiveOffer(audioBody());
    const { answer } = side.receiveOffer(audioBody({ port: 0 }));
    assert.deepEqual(mediaLines(answer), ['audio 0 RTP/AVP 0']);
    assert.equal(side.media, undefined);
    assert.deepEqual(mediaLines(side.createOffer()), ['audio 40010 RTP/AVP 0 8 101'], 'and may come back in its slot');
  });

  test('a removed stream takes its hold with it', () => {
    const side = negotiator();
    side.receiveOffer(audioBody({ attributes: ['sendonly'] }));
    side.receiveOffer(audioBody({ port: 0 }));
    assert.equal(flowOf(side.createOffer()), 'sendrecv');
  });

  test('a new stream may come at the end after the old one was removed', () => {
    const side = negotiator();
    side.receiveOffer(audioBody());
    const { answer } = side.receiveOffer(withMedia(['m=audio 0 RTP/AVP 0']));
    assert.deepEqual(mediaLines(answer), ['audio 0 RTP/AVP 0', 'audio 40010 RTP/AVP 0 101']);
  });

  test('port 0 in an answer refuses the stream', () => {
    const side = negotiator();
    side.createOffer();
    side.receiveAnswer(audioBody({ port: 0 }));
    assert.equal(side.media, undefined);
    assert.equal(side.offerPending, 'none');
  });
});

describe('codecs and payload numbers', () => {
  test("the offerer's order decides the law", () => {
    const side = negotiator('alice', { laws: ['pcmu', 'pcma'] });
    side.receiveOffer(audioBody({ formats: '8 0' }));
    assert.equal(mediaOf(side).law, 'pcma');
    assert.equal(mediaOf(side).payloadType, 8);
  });

  test('static numbers need no rtpmap, names have no case, one channel may be written', () => {
    const side = negotiator();
    side.receiveOffer(audioBody({ formats: '8' }).replaceAll(/a=rtpmap.*\r\n/g, ''));
    assert.equal(mediaOf(side).law, 'pcma');
    side.receiveOffer(audioBody({ formats: '97', attributes: ['rtpmap:97 pcmu/8000/1'] }));
    assert.deepEqual([mediaOf(side).law, mediaOf(side).payloadType], ['pcmu', 97]);
  });

  test('a law at another clock rate is another codec', () => {
    const error = thrown(() =>
      negotiator().receiveOffer(audioBody({ formats: '97', attributes: ['rtpmap:97 PCMU/16000'] })),
    );
    assert.equal(error.code, 'CL2005');
  });

  test('an answer takes over the number of the telephone events', () => {
    const side = negotiator();
    const { answer } = side.receiveOffer(pjsua);
    assert.deepEqual(mediaLines(answer), ['audio 40010 RTP/AVP 0 120']);
    assert.deepEqual([mediaOf(side).dtmfPayloadType, mediaOf(side).dtmfReceivePayloadType], [120, 120]);
    assert.deepEqual(mediaLines(side.createOffer()), ['audio 40010 RTP/AVP 0 8 120'], 'which it keeps for the session');
  });

  test('the two sides may number the telephone events differently', () => {
    const side = negotiator();
    side.createOffer();
    side.receiveAnswer(pjsua);
    assert.deepEqual([mediaOf(side).dtmfPayloadType, mediaOf(side).dtmfReceivePayloadType], [120, 101]);
  });

  test('without telephone events in the offer there are none in the answer', () => {
    const side = negotiator();
    assert.deepEqual(mediaLines(side.receiveOffer(audioBody({ formats: '0' })).answer), ['audio 40010 RTP/AVP 0']);
    assert.equal(mediaOf(side).dtmfPayloadType, undefined);
  });

  test('a number that the peer has bound to another codec is not ours to take', () => {
    const side = negotiator();
    const body = audioBody({ formats: '0 101' }).replace('101 telephone-event/8000', '101 opus/48000');
    side.receiveOffer(body);
    assert.deepEqual(mediaLines(side.createOffer()), ['audio 40010 RTP/AVP 0 8 127']);
  });

  test('reads what Asterisk answers', () => {
    const side = negotiator();
    side.createOffer();
    side.receiveAnswer(Buffer.from(asterisk));
    assert.deepEqual(side.media, {
      remoteAddress: '127.0.0.1',
      remotePort: 20_172,
      law: 'pcmu',
      payloadType: 0,
      dtmfPayloadType: 101,
      dtmfReceivePayloadType: 101,
      mayWeSend: true,
      doWeReceive: true,
      heldByPeer: false,
      heldByUs: false,
      peerHoldStyle: undefined,
    });
  });
});

describe('what deserves 488', () => {
  const cases: readonly [string, string, string][] = [
    ['no law in common', audioBody({ formats: '18 101', attributes: ['rtpmap:18 G729/8000'] }), 'CL2005'],
    ['only secure RTP', audioBody().replace('RTP/AVP', 'RTP/SAVP'), 'CL2005'],
    ['no audio at all', audioBody().replace('m=audio', 'm=video'), 'CL2005'],
    ['no stream at all', audioBody().replace(/m=audio[^]*$/, ''), 'CL2005'],
    ['a first offer with port 0', audioBody({ port: 0 }), 'CL2005'],
    ['a stream without c=', audioBody().replace(/c=.*\r\n/, ''), 'CL2003'],
    ['what is no SDP', 'hello', 'CL2003'],
  ];
  for (const [name, body, code] of cases) {
    test(name, () => {
      const side = negotiator();
      const error = thrown(() => side.receiveOffer(body));
      assert.deepEqual([error.code, error.status], [code, 488]);
      assert.equal(side.offerPending, 'none');
      assert.equal(side.media, undefined);
      assert.equal(side.receiveOffer(audioBody()).answer.length > 0, true, 'the next one is taken');
    });
  }

  test('points at the stream', () => {
    const body = audioBody().replace('RTP/AVP', 'RTP/SAVP');
    const { range } = thrown(() => negotiator().receiveOffer(body));
    assert.equal(body.slice(range.start, range.end), 'm=audio 4020 RTP/SAVP 0 8 101');
  });

  test('a bad re-offer leaves the call as it was', () => {
    const { alice } = connected();
    const before = alice.media;
    thrown(() => alice.receiveOffer(audioBody({ formats: '18' })));
    assert.equal(alice.media, before);
  });
});

describe('an answer that cannot be used', () => {
  const cases: readonly [string, string][] = [
    ['fewer m-lines', audioBody().replace(/m=audio[^]*$/, '')],
    ['more m-lines', withMedia([], ['m=video 5004 RTP/AVP 96'])],
    ['no law that was offered', audioBody({ formats: '18 101' })],
    ['no SDP', 'hello'],
  ];
  for (const [name, body] of cases) {
    test(`${name}: ends the offer, all else as before`, () => {
      const { alice } = connected();
      const before = alice.media;
      alice.localHold = true;
      alice.createOffer();
      thrown(() => alice.receiveAnswer(body));
      assert.equal(alice.offerPending, 'none');
      assert.equal(alice.media, before);
      assert.equal(alice.localHold, false);
    });
  }

  test('the answer decides, not a law that we did not offer', () => {
    const side = negotiator('alice', { laws: ['pcma'] });
    side.createOffer();
    side.receiveAnswer(audioBody({ formats: '0 8' }));
    assert.equal(mediaOf(side).law, 'pcma');
  });

  test('one more session description after the answer is ignored (RFC 3261 section 13.2.1)', () => {
    const { alice } = connected();
    const before = alice.media;
    alice.receiveAnswer(audioBody({ attributes: ['inactive'] }));
    assert.equal(alice.media, before);
  });
});

describe('turns', () => {
  test('an offer while ours is out: 491', () => {
    const { alice, bob } = connected();
    const offer = alice.createOffer();
    bob.createOffer();
    assert.equal(thrown(() => bob.receiveOffer(offer)).status, 491);
    assert.equal(bob.offerPending, 'local', 'our own goes on');
  });

  test('an offer while theirs is unanswered: 500, for them and for us', () => {
    const side = negotiator();
    side.takeOffer(audioBody());
    assert.equal(side.offerPending, 'remote');
    assert.equal(thrown(() => side.takeOffer(audioBody())).status, 500);
    assert.equal(thrown(() => side.createOffer()).status, 500);
    assert.match(side.createAnswer(), /m=audio 40010/);
    assert.equal(side.offerPending, 'none');
  });

  test('an answer without an offer', () => {
    assert.equal(thrown(() => negotiator().createAnswer()).status, 500);
  });

  test('glare: both withdraw, one tries again and states its wish again', () => {
    const { alice, bob } = connected();
    alice.localHold = true;
    bob.localHold = true;
    const offers = [alice.createOffer(), bob.createOffer()];
    assert.equal(thrown(() => alice.receiveOffer(String(offers[1]))).status, 491);
    assert.equal(thrown(() => bob.receiveOffer(String(offers[0]))).status, 491);
    alice.abandonOffer();
    bob.abandonOffer();
    assert.deepEqual([alice.localHold, bob.localHold], [false, false]);
    const { answer } = setHold(alice, bob, true);
    assert.equal(flowOf(answer), 'recvonly');
  });

  test('an offer taken while ringing is answered by the wish of the moment of answering', () => {
    const side = negotiator();
    side.takeOffer(audioBody());
    side.localHold = true;
    assert.equal(flowOf(side.createAnswer()), 'sendonly');
  });

  test('a caller that gives up leaves our wish alone', () => {
    const side = negotiator();
    side.takeOffer(audioBody());
    side.localHold = true;
    side.abandonOffer();
    assert.equal(side.offerPending, 'none');
    assert.equal(side.localHold, true);
  });

  test('heldByUs is what the offer said, not what we wish by the time of the answer', () => {
    const { alice, bob } = connected();
    alice.localHold = true;
    const offer = alice.createOffer();
    alice.localHold = false;
    alice.receiveAnswer(bob.receiveOffer(offer).answer);
    assert.equal(mediaOf(alice).heldByUs, true);
    assert.equal(alice.localHold, false);
  });
});

describe('other dialogs', () => {
  test('fresh: a new session that holds nobody', () => {
    const { alice, bob } = connected();
    setHold(alice, bob, true, 'inactive');
    const next = alice.fresh({ port: 40_099 });
    assert.equal(next.media, undefined);
    assert.equal(next.localHold, false);
    assert.equal(next.holdStyle, 'inactive');
    const offer = next.createOffer();
    assert.equal(flowOf(offer), 'sendrecv');
    assert.match(offer, /^o=alice 4712 1 [^]*^m=audio 40099 /m);
  });

  test('fork: each early dialog answers the one offer for itself', () => {
    const side = negotiator();
    const offer = side.createOffer();
    const branch = side.fork();
    assert.equal(branch.offerPending, 'local');
    side.receiveAnswer(audioBody({ port: 5000 }));
    branch.receiveAnswer(audioBody({ port: 6000, formats: '8' }));
    assert.deepEqual([mediaOf(side).remotePort, mediaOf(branch).remotePort], [5000, 6000]);
    assert.equal(versionOf(branch.createOffer()), versionOf(offer) + 1, 'its law is another now');
    assert.equal(versionOf(side.createOffer()), versionOf(offer));
  });
});
