import assert from 'node:assert/strict';
import { type HoldStyle, MediaNegotiation, type NegotiatedMedia, parseSdp } from '../../../../src/sip/sdp';

export function negotiator(
  name = 'alice',
  changes: Partial<ConstructorParameters<typeof MediaNegotiation>[0]> = {},
): MediaNegotiation {
  const port = name === 'alice' ? 40_010 : 40_020;
  return new MediaNegotiation({
    origin: name,
    sessionId: 4711,
    address: '127.0.0.11',
    port,
    laws: ['pcmu', 'pcma'],
    ...changes,
  });
}

/** One complete exchange. */
export function exchange(offerer: MediaNegotiation, answerer: MediaNegotiation): { offer: string; answer: string } {
  const offer = offerer.createOffer();
  const { answer } = answerer.receiveOffer(offer);
  offerer.receiveAnswer(answer);
  return { offer, answer };
}

/** Two sides with an ordinary call up. */
export function connected(): { alice: MediaNegotiation; bob: MediaNegotiation } {
  const alice = negotiator('alice');
  const bob = negotiator('bob');
  exchange(alice, bob);
  return { alice, bob };
}

/** Sets a side's wish and carries it out. */
export function setHold(
  side: MediaNegotiation,
  other: MediaNegotiation,
  hold: boolean,
  style: HoldStyle = side.holdStyle,
): { offer: string; answer: string } {
  side.localHold = hold;
  side.holdStyle = style;
  return exchange(side, other);
}

/** What a body says about the flow of its only stream: `sendonly`, `(none)`, `(none) c0` ... */
export function flowOf(body: string): string {
  const session = parseSdp(body);
  const direction = session.media[0]?.attributes.find(({ name }) =>
    /^(sendrecv|sendonly|recvonly|inactive)$/.test(name),
  );
  const address = session.media[0]?.connections[0]?.address ?? session.connection?.address;
  return `${direction?.name ?? '(none)'}${address === '0.0.0.0' ? ' c0' : ''}`;
}

export function mediaOf(side: MediaNegotiation): NegotiatedMedia {
  assert.ok(side.media !== undefined, 'no media agreed');
  return side.media;
}

/** `a->b` when one side may send and the other takes it. */
export function flows(a: MediaNegotiation, b: MediaNegotiation): { there: boolean; back: boolean } {
  return {
    there: mediaOf(a).mayWeSend && mediaOf(b).doWeReceive,
    back: mediaOf(b).mayWeSend && mediaOf(a).doWeReceive,
  };
}

export function versionOf(body: string): number {
  return Number(parseSdp(body).origin.sessionVersion);
}
