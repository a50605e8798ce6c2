import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { HoldStyle, MediaNegotiation } from '../../../../src/sip/sdp';
import { connected, exchange, flowOf, flows, mediaOf, negotiator, setHold } from './negotiators';
import { audioBody } from './samples';

/** A side whose peer has spoken last with `attributes` and `connection`, before any wish of ours. */
function afterOffer(attributes: readonly string[], connection?: string): MediaNegotiation {
  const side = negotiator();
  side.receiveOffer(audioBody());
  side.receiveOffer(audioBody({ attributes, ...(connection === undefined ? {} : { connection }) }));
  return side;
}

describe('what we offer (RFC 3264 section 8.4)', () => {
  const rows: readonly [string, boolean, string[], HoldStyle, string, string[]][] = [
    ['hold, the peer normal', true, ['sendrecv'], 'sendonly', 'sendonly', ['recvonly', 'inactive']],
    ['hold, the peer holding us', true, ['sendonly'], 'sendonly', 'inactive', ['inactive']],
    ['resume, the peer normal', false, ['sendrecv'], 'sendonly', 'sendrecv', ['sendrecv']],
    ['resume, the peer holding us', false, ['sendonly'], 'sendonly', 'recvonly', ['sendonly', 'inactive']],
    ['resume, the peer holding us by inactive', false, ['inactive'], 'sendonly', 'recvonly', ['sendonly', 'inactive']],
    ['hold by inactive, the peer normal', true, ['sendrecv'], 'inactive', 'inactive', ['inactive']],
    ['hold by inactive, the peer holding us', true, ['sendonly'], 'inactive', 'inactive', ['inactive']],
    ['hold by 0.0.0.0, the peer normal', true, ['sendrecv'], 'c0', '(none) c0', ['sendrecv', 'recvonly', 'inactive']],
    ['hold by 0.0.0.0, the peer holding us', true, ['sendonly'], 'c0', '(none) c0', ['sendonly', 'inactive']],
  ];
  for (const [name, wish, peer, style, expected, answers] of rows) {
    for (const answer of answers) {
      test(`${name}: ${expected}, answered ${answer}`, () => {
        const side = afterOffer(peer);
        side.localHold = wish;
        side.holdStyle = style;
        assert.equal(flowOf(side.createOffer()), expected);
        side.receiveAnswer(audioBody({ attributes: [answer] }));
        const media = mediaOf(side);
        assert.equal(media.heldByUs, wish);
        assert.equal(media.heldByPeer, peer[0] !== 'sendrecv', 'an answer that had no choice changes nothing');
        assert.equal(media.doWeReceive, expected !== 'inactive' && !wish && answer !== 'inactive');
        const peerTakes = answer === 'sendrecv' || answer === 'recvonly';
        assert.equal(media.mayWeSend, /^(sendonly|sendrecv|\(none\))/.test(expected) && peerTakes);
      });
    }
  }
});

describe('what we answer (RFC 3264 section 6.1)', () => {
  const normal = 'IN IP4 127.0.0.12';
  const zero = 'IN IP4 0.0.0.0';
  // offered, address, held, answer when not holding, answer when holding by sendonly / inactive / c0
  const rows: readonly [string[], string, boolean, string, string, string, string][] = [
    [['sendrecv'], normal, false, 'sendrecv', 'sendonly', 'inactive', '(none) c0'],
    [[], normal, false, 'sendrecv', 'sendonly', 'inactive', '(none) c0'],
    [['sendonly'], normal, true, 'recvonly', 'inactive', 'inactive', 'inactive c0'],
    [['recvonly'], normal, false, 'sendonly', 'sendonly', 'inactive', 'sendonly c0'],
    [['inactive'], normal, true, 'inactive', 'inactive', 'inactive', 'inactive c0'],
    [[], zero, true, 'sendrecv', 'inactive', 'inactive', 'inactive c0'],
    [['sendrecv'], zero, true, 'recvonly', 'inactive', 'inactive', 'inactive c0'],
    [['sendonly'], zero, true, 'recvonly', 'inactive', 'inactive', 'inactive c0'],
    [['inactive'], zero, true, 'inactive', 'inactive', 'inactive', 'inactive c0'],
    [['recvonly'], zero, true, 'inactive', 'inactive', 'inactive', 'inactive c0'],
  ];
  for (const [attributes, connection, held, free, sendonly, inactive, c0] of rows) {
    const offered = `${attributes[0] ?? 'no attribute'}${connection === zero ? ' with 0.0.0.0' : ''}`;
    const wishes: readonly [string, boolean, HoldStyle, string][] = [
      ['not holding', false, 'sendonly', free],
      ['holding', true, 'sendonly', sendonly],
      ['holding by inactive', true, 'inactive', inactive],
      ['holding by 0.0.0.0', true, 'c0', c0],
    ];
    for (const [wish, localHold, holdStyle, expected] of wishes) {
      test(`to ${offered}, ${wish}: ${expected}`, () => {
        const side = negotiator();
        side.localHold = localHold;
        side.holdStyle = holdStyle;
        const { answer } = side.receiveOffer(audioBody({ attributes, connection }));
        assert.equal(flowOf(answer), expected);
        const media = mediaOf(side);
        assert.equal(media.heldByPeer, held);
        assert.equal(media.heldByUs, localHold);
        if (connection === zero) {
          assert.equal(media.peerHoldStyle, 'c0');
          assert.equal(media.mayWeSend, false, 'nothing may be sent to 0.0.0.0');
        }
        if (localHold) assert.equal(media.doWeReceive, false);
      });
    }
  }

  test('reads a direction at session level, and the media level before it', () => {
    const body = audioBody().replace('t=0 0\r\n', 't=0 0\r\na=sendonly\r\n');
    const side = negotiator();
    assert.equal(flowOf(side.receiveOffer(body).answer), 'recvonly');
    const both = audioBody({ attributes: ['inactive'] }).replace('t=0 0\r\n', 't=0 0\r\na=sendonly\r\n');
    assert.equal(flowOf(side.receiveOffer(both).answer), 'inactive');
  });

  test('reads the media-level c= before the session-level one', () => {
    const side = negotiator();
    side.receiveOffer(audioBody().replace(/(m=audio.*\r\n)/, '$1c=IN IP4 0.0.0.0\r\n'));
    assert.equal(mediaOf(side).peerHoldStyle, 'c0');
    side.receiveOffer(
      audioBody({ connection: 'IN IP4 0.0.0.0' }).replace(/(m=audio.*\r\n)/, '$1c=IN IP4 127.0.0.12\r\n'),
    );
    assert.equal(mediaOf(side).heldByPeer, false);
  });

  for (const address of ['::', '0:0:0:0:0:0:0:0', '0::0']) {
    test(`takes the IPv6 address ${address} for a hold`, () => {
      const side = negotiator();
      side.receiveOffer(audioBody({ connection: `IN IP6 ${address}` }));
      assert.equal(mediaOf(side).peerHoldStyle, 'c0');
    });
  }

  test('does not take ::1 for a hold', () => {
    const side = negotiator();
    side.receiveOffer(audioBody({ connection: 'IN IP6 ::1' }));
    assert.equal(mediaOf(side).heldByPeer, false);
  });
});

describe('two sides', () => {
  for (const style of ['sendonly', 'inactive', 'c0'] as const) {
    test(`hold and resume by ${style}`, () => {
      const { alice, bob } = connected();
      assert.deepEqual(flows(alice, bob), { there: true, back: true });
      setHold(alice, bob, true, style);
      assert.deepEqual(flows(alice, bob), { there: style !== 'inactive', back: false });
      assert.equal(mediaOf(bob).peerHoldStyle, style);
      assert.equal(mediaOf(bob).mayWeSend, false);
      assert.equal(mediaOf(alice).heldByPeer, false);
      const { offer, answer } = setHold(alice, bob, false);
      assert.equal(flowOf(offer), 'sendrecv');
      assert.equal(flowOf(answer), 'sendrecv');
      assert.deepEqual(flows(alice, bob), { there: true, back: true });
    });
  }

  test('a double hold is inactive; one resume is one-way, only two make it whole', () => {
    const { alice, bob } = connected();
    setHold(alice, bob, true);
    const second = setHold(bob, alice, true);
    assert.deepEqual([second.offer, second.answer].map(flowOf), ['inactive', 'inactive']);
    assert.deepEqual(flows(alice, bob), { there: false, back: false });
    assert.equal(mediaOf(alice).heldByPeer, true);

    const first = setHold(alice, bob, false);
    assert.deepEqual([first.offer, first.answer].map(flowOf), ['recvonly', 'sendonly']);
    assert.deepEqual(flows(alice, bob), { there: false, back: true });

    const last = setHold(bob, alice, false);
    assert.deepEqual([last.offer, last.answer].map(flowOf), ['sendrecv', 'sendrecv']);
    assert.deepEqual(flows(alice, bob), { there: true, back: true });
  });

  test('a double hold that its second holder leaves first', () => {
    const { alice, bob } = connected();
    setHold(alice, bob, true);
    setHold(bob, alice, true);
    const first = setHold(bob, alice, false);
    assert.deepEqual([first.offer, first.answer].map(flowOf), ['recvonly', 'sendonly']);
    const last = setHold(alice, bob, false);
    assert.deepEqual([last.offer, last.answer].map(flowOf), ['sendrecv', 'sendrecv']);
    assert.deepEqual(flows(alice, bob), { there: true, back: true });
  });

  test('a peer that declines our music by inactive is not taken for a holder', () => {
    const side = negotiator();
    side.receiveOffer(audioBody());
    side.localHold = true;
    side.createOffer();
    side.receiveAnswer(audioBody({ attributes: ['inactive'] }));
    assert.equal(mediaOf(side).heldByPeer, false);
    side.localHold = false;
    assert.equal(flowOf(side.createOffer()), 'sendrecv');
  });

  test('a forced answer changes neither the hold of the peer nor its style', () => {
    const side = afterOffer(['sendrecv'], 'IN IP4 0.0.0.0');
    assert.equal(flowOf(side.createOffer()), 'recvonly');
    side.receiveAnswer(audioBody({ attributes: ['sendonly'] }));
    assert.equal(mediaOf(side).peerHoldStyle, 'c0');
  });

  test('a peer that answers recvonly with more than it may has given up its hold', () => {
    const side = afterOffer(['sendonly']);
    assert.equal(flowOf(side.createOffer()), 'recvonly');
    side.receiveAnswer(audioBody({ attributes: ['sendrecv'] }));
    assert.equal(mediaOf(side).heldByPeer, false);
    assert.equal(mediaOf(side).mayWeSend, false, 'we offered not to send');
    assert.equal(flowOf(side.createOffer()), 'sendrecv');
  });

  test('a refresh of a held call keeps the hold', () => {
    const { alice, bob } = connected();
    setHold(alice, bob, true);
    const { offer, answer } = exchange(bob, alice);
    assert.deepEqual([offer, answer].map(flowOf), ['recvonly', 'sendonly']);
    assert.deepEqual(flows(alice, bob), { there: true, back: false });
    assert.equal(mediaOf(bob).heldByPeer, true);
  });

  test('whatever the order of holds, resumes and refusals, flow follows the two wishes', () => {
    const step = fc.record({
      who: fc.constantFrom('alice' as const, 'bob' as const),
      hold: fc.boolean(),
      style: fc.constantFrom<HoldStyle>('sendonly', 'inactive', 'c0'),
      refused: fc.integer({ min: 0, max: 4 }).map((chance) => chance === 0),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const sides = connected();
        const { alice, bob } = sides;
        for (const { who, hold, style, refused } of steps) {
          const side = sides[who];
          const other = who === 'alice' ? bob : alice;
          if (refused) {
            const before = [side.media, other.media, side.localHold];
            side.localHold = hold;
            side.createOffer();
            side.abandonOffer();
            assert.deepEqual([side.media, other.media, side.localHold], before);
            continue;
          }
          setHold(side, other, hold, style);
          const { there, back } = flows(alice, bob);
          // Who holds hears nothing; who is on nobody's hold is heard by a side that does not hold.
          if (alice.localHold) assert.equal(back, false);
          if (bob.localHold) assert.equal(there, false);
          assert.equal(mediaOf(alice).heldByUs, alice.localHold);
          assert.equal(mediaOf(bob).heldByUs, bob.localHold);
          if (!alice.localHold && !bob.localHold) assert.deepEqual({ there, back }, { there: true, back: true });
          assert.equal(mediaOf(other).heldByPeer, hold, 'the answerer knows whether it is held');
        }
        setHold(alice, bob, false);
        setHold(bob, alice, false);
        assert.deepEqual(flows(alice, bob), { there: true, back: true });
      }),
    );
  });
});
