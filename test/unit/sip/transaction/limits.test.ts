import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SeededRandom, VirtualClock } from '../../../../src/core';
import { parseMessage, respond, type SipMessage, type SipRequest } from '../../../../src/sip/message';
import { defaultTimers, type ServerTransaction, type StatelessAnswer, TransactionLayer } from '../../../../src/sip/transaction';

const source = { transport: 'udp', host: '127.0.0.9', port: 5099 } as const;

function request(id: number, method = 'OPTIONS'): SipRequest {
  const text = `${method} sip:bob@x SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.9;rport;branch=z9hG4bK${id}\r\nFrom: <sip:a@x>;tag=${id}\r\nTo: <sip:bob@x>\r\nCall-ID: ${id}\r\nCSeq: 1 ${method}\r\nContent-Length: 0\r\n\r\n`;
  return parseMessage(Buffer.from(text)) as SipRequest;
}

function layer(onRequest: (request: SipRequest, transaction: ServerTransaction) => void, turnAway?: (request: SipRequest) => StatelessAnswer | undefined) {
  const clock = new VirtualClock();
  const sent: SipMessage[] = [];
  const ignore = (): void => undefined;
  const made = new TransactionLayer({
    clock,
    random: new SeededRandom(1),
    timers: defaultTimers,
    observer: { stateChanged: ignore, timer: ignore },
    sentBy: () => '127.0.0.1:5060',
    transmit: (message) => sent.push(message),
    onRequest,
    onCancel: ignore,
    onAck: ignore,
    onStrayResponse: ignore,
    ...(turnAway && { turnAway }),
  });
  return { clock, sent, layer: made };
}

describe('the transactions of one agent', () => {
  it('are no more than 16,384: what only lingers makes room', () => {
    const { layer: made, clock } = layer((incoming, transaction) => transaction.respond(respond(incoming, 200, { toTag: 'x' })));
    for (let id = 0; id < 20_000; id += 1) made.receive(request(id), source);
    assert.equal(made.size, 16_384);
    made.abandonAll();
    assert.equal(clock.pendingTimers, 0);
  });

  it('where none lingers, a new request is told to come again, and nothing is kept of it', () => {
    const { layer: made, sent, clock } = layer(() => undefined);
    for (let id = 0; id < 16_384; id += 1) made.receive(request(id), source);
    sent.length = 0;
    made.receive(request(20_000), source);
    made.receive(request(20_000), source);
    made.receive(request(20_001), source);
    assert.equal(made.size, 16_384);
    const answers = sent.map((message) => (message.kind === 'response' ? message : undefined));
    assert.deepEqual(answers.map((answer) => [answer?.status, answer?.header('retry-after')]), [[503, '5'], [503, '5'], [503, '5']]);
    assert.equal(answers[0]?.toTag, answers[1]?.toTag, 'RFC 3261 8.2.7: the same tag for the same request');
    assert.notEqual(answers[0]?.toTag, answers[2]?.toTag);
    made.abandonAll();
    assert.equal(clock.pendingTimers, 0);
  });

  it('who is turned away gets an answer without a transaction; a CANCEL is always heard', () => {
    const seen: string[] = [];
    const { layer: made, sent } = layer((incoming) => seen.push(incoming.method), () => ({ status: 486 }));
    made.receive(request(1, 'INVITE'), source);
    assert.deepEqual([made.size, seen], [0, []]);
    assert.match(Buffer.from(sent[0]!.bytes).toString(), /^SIP\/2\.0 486 Busy Here\r\nVia: [^\r]*;rport=5099;[^\r]*;received=127\.0\.0\.9\r\n/u);
    made.receive(request(1, 'CANCEL'), source);
    assert.equal(made.size, 1);
    made.abandonAll();
  });
});
