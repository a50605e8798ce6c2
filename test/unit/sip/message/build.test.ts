import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { buildRequest, buildResponse, parseMessage, reasonPhrase, type SipMessage, SipSyntaxError } from '../../../../src/sip/message';

/** Everything that can be seen of a message, so that a built one can be compared with the same octets parsed. */
function seen(message: SipMessage): unknown {
  return {
    kind: message.kind,
    octets: Buffer.from(message.bytes).toString('latin1'),
    startLine: message.startLineRange,
    version: message.version,
    start: message.kind === 'request' ? [message.method, message.requestUri, message.requestUriRange] : [message.status, message.reason],
    headers: message.headers.map((header) => [header.name, header.canonical, header.range, header.nameRange, header.valueRange, header.raw, header.value()]),
    body: [message.bodyRange, Buffer.from(message.body).toString('latin1')],
    trailing: message.trailing,
    notes: message.notes,
  };
}

suite('buildRequest', () => {
  const request = buildRequest({
    method: 'INVITE',
    uri: 'sip:bob@example.com',
    headers: [
      ['Via', 'SIP/2.0/UDP 127.0.0.1;rport;branch=z9hG4bK1'],
      ['from', '"Zoë" <sip:zoe@example.com>;tag=1'],
      ['Subject', ''],
      ['X-Padded', '  a b\t'],
      ['l', '999'],
    ],
    body: 'v=0\r\né',
  });

  test('lays the message out as given, with its length last', () => {
    assert.equal(
      Buffer.from(request.bytes).toString(),
      [
        'INVITE sip:bob@example.com SIP/2.0',
        'Via: SIP/2.0/UDP 127.0.0.1;rport;branch=z9hG4bK1',
        'from: "Zoë" <sip:zoe@example.com>;tag=1',
        'Subject:',
        'X-Padded: a b',
        'Content-Length: 7',
        '',
        'v=0\r\né',
      ].join('\r\n'),
    );
  });

  test('gives the same message as parsing its octets', () => {
    assert.deepEqual(seen(request), seen(parseMessage(request.bytes)));
    assert.equal(request.from.displayName, 'Zoë');
    assert.equal(request.topVia.branch, 'z9hG4bK1');
  });

  test('takes a body of octets', () => {
    const { body } = buildRequest({ method: 'MESSAGE', uri: 'sip:a@b', headers: [], body: new Uint8Array([0, 255, 13, 10]) });
    assert.deepEqual([...body], [0, 255, 13, 10]);
  });

  test('lets no value smuggle in a header', () => {
    const built = buildRequest({ method: 'BYE', uri: 'sip:a@b', headers: [['Subject', 'x\r\nEvil: 1\rOther: 2\n\nbody']] });
    assert.deepEqual(built.headers.map(({ name }) => name), ['Subject', 'Content-Length']);
    assert.equal(built.header('subject'), 'x Evil: 1 Other: 2 body');
    assert.deepEqual(seen(built), seen(parseMessage(built.bytes)));
  });

  const refused: readonly (readonly [method: string, uri: string, header: string])[] = [
    ['IN VITE', 'sip:a@b', 'To'],
    ['', 'sip:a@b', 'To'],
    ['BYE', 'sip:a @b', 'To'],
    ['BYE', 'sip:a@b\r\nEvil: 1', 'To'],
    ['BYE', '', 'To'],
    ['BYE', 'sip:a@b', 'T:o'],
    ['BYE', 'sip:a@b', ''],
  ];
  for (const [method, uri, header] of refused) {
    test(`refuses ${JSON.stringify([method, uri, header])}`, () => {
      assert.throws(() => buildRequest({ method, uri, headers: [[header, 'x']] }), SipSyntaxError);
    });
  }
});

suite('buildResponse', () => {
  test('knows the phrases', () => {
    const response = buildResponse({ status: 486, headers: [['To', '<sip:a@b>;tag=1']] });
    assert.deepEqual([response.status, response.reason], [486, 'Busy Here']);
    assert.deepEqual(seen(response), seen(parseMessage(response.bytes)));
    assert.equal(reasonPhrase(299), 'Success');
    assert.equal(reasonPhrase(699), 'Global Failure');
  });

  test('writes a phrase in UTF-8, on one line', () => {
    const response = buildResponse({ status: 180, reason: 'Es läutet\r\nEvil: 1', headers: [] });
    assert.equal(response.reason, 'Es läutet Evil: 1');
    assert.deepEqual(seen(response), seen(parseMessage(response.bytes)));
  });

  for (const status of [99, 700, 200.5, NaN]) {
    test(`refuses the status ${status}`, () => {
      assert.throws(() => buildResponse({ status, headers: [] }), SipSyntaxError);
    });
  }
});
