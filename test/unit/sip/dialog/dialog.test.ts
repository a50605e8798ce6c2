import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  buildRequest,
  buildResponse,
  Dialog,
  dialogKey,
  dialogKeyOf,
  formatHop,
  type SipRequest,
  type SipResponse,
} from '../../../../src/sip';

type Headers = readonly (readonly [string, string])[];

function invite(headers: Headers = [['Contact', '<sip:alice@127.0.0.1:5071>']]): SipRequest {
  return buildRequest({
    method: 'INVITE',
    uri: 'sip:bob@127.0.0.1:5072',
    headers: [
      ['Via', 'SIP/2.0/UDP 127.0.0.1:5071;rport;branch=z9hG4bKx'],
      ['From', '"Alice" <sip:alice@example.com>;tag=a1'],
      ['To', '<sip:bob@example.com>'],
      ['Call-ID', 'one@127.0.0.1'],
      ['CSeq', '7 INVITE'],
      ...headers,
    ],
  });
}

function response(status: number, tag: string, headers: Headers = [['Contact', '<sip:bob@127.0.0.1:5072>']]): SipResponse {
  return buildResponse({
    status,
    headers: [
      ['Via', 'SIP/2.0/UDP 127.0.0.1:5071;rport;branch=z9hG4bKx'],
      ['From', '"Alice" <sip:alice@example.com>;tag=a1'],
      ['To', `<sip:bob@example.com>${tag === '' ? '' : `;tag=${tag}`}`],
      ['Call-ID', 'one@127.0.0.1'],
      ['CSeq', '7 INVITE'],
      ...headers,
    ],
  });
}

/** A request of ours in short: where it goes, its Request-URI, its Route, its number. */
function request(dialog: Dialog, method = 'BYE'): { to: string; uri: string; route: string[]; cseq: string | undefined } {
  const { draft, hop } = dialog.createRequest(method, []);
  const values = (name: string): string[] => draft.headers.filter(([each]) => each === name).map(([, value]) => value);
  return { to: formatHop(hop), uri: draft.uri, route: values('Route'), cseq: values('CSeq')[0] };
}

function field(draft: { headers: Headers }, name: string): string | undefined {
  return draft.headers.find(([each]) => each === name)?.[1];
}

describe('the dialog of the caller (RFC 3261 12.1.2)', () => {
  test('takes its parts from the INVITE and the response', () => {
    const dialog = Dialog.asCaller(invite(), response(180, 'b1'), 'udp');
    assert.equal(dialog.state, 'early');
    assert.equal(dialog.isCaller, true);
    assert.deepEqual([dialog.callId, dialog.localTag, dialog.remoteTag], ['one@127.0.0.1', 'a1', 'b1']);
    assert.equal(dialog.localUri, 'sip:alice@example.com');
    assert.equal(dialog.remoteUri, 'sip:bob@example.com');
    assert.equal(dialog.remoteTarget, 'sip:bob@127.0.0.1:5072');
    assert.equal(dialog.localSequence, 7, 'the number of the INVITE');
  });

  test('is confirmed at once by a 2xx that no provisional response came before', () => {
    assert.equal(Dialog.asCaller(invite(), response(200, 'b1'), 'udp').state, 'confirmed');
  });

  test('a request of ours carries From, To and tags of the dialog, and the next number', () => {
    const dialog = Dialog.asCaller(invite(), response(200, 'b1'), 'udp');
    const { draft, hop, sequence } = dialog.createRequest('REFER', [['Refer-To', '<sip:c@d>']], 'body');
    assert.deepEqual(draft, {
      method: 'REFER',
      uri: 'sip:bob@127.0.0.1:5072',
      headers: [
        ['Max-Forwards', '70'],
        ['From', '<sip:alice@example.com>;tag=a1'],
        ['To', '<sip:bob@example.com>;tag=b1'],
        ['Call-ID', 'one@127.0.0.1'],
        ['CSeq', '8 REFER'],
        ['Refer-To', '<sip:c@d>'],
      ],
      body: 'body',
    });
    assert.equal(sequence, 8);
    assert.deepEqual(hop, { transport: 'udp', host: '127.0.0.1', port: 5072 });
  });

  test('takes the route set reversed', () => {
    const recordRoute: Headers = [
      ['Contact', '<sip:bob@127.0.0.1:5072>'],
      ['Record-Route', '<sip:p2.example.com;lr>, <sip:p1.example.com;lr>'],
      ['Record-Route', '<sip:127.0.0.5:5080;lr>'],
    ];
    const dialog = Dialog.asCaller(invite(), response(200, 'b1', recordRoute), 'udp');
    assert.deepEqual(request(dialog), {
      to: 'udp:127.0.0.5:5080',
      uri: 'sip:bob@127.0.0.1:5072',
      route: ['<sip:127.0.0.5:5080;lr>', '<sip:p1.example.com;lr>', '<sip:p2.example.com;lr>'],
      cseq: '8 BYE',
    });
  });

  test('a 2xx confirms an early one: route set and target anew, numbers kept (RFC 3261 13.2.2.4)', () => {
    const early: Headers = [['Contact', '<sip:early@127.0.0.1:1>'], ['Record-Route', '<sip:127.0.0.8;lr>']];
    const late: Headers = [['Contact', '<sip:late@127.0.0.1:2>'], ['Record-Route', '<sip:127.0.0.9;lr>']];
    const dialog = Dialog.asCaller(invite(), response(180, 'b1', early), 'udp');
    assert.equal(request(dialog).cseq, '8 BYE');
    assert.ok(dialog.acceptSequence(40));
    dialog.confirm(response(200, 'b1', late));
    assert.equal(dialog.state, 'confirmed');
    assert.deepEqual(request(dialog), {
      to: 'udp:127.0.0.9:5060', uri: 'sip:late@127.0.0.1:2', route: ['<sip:127.0.0.9;lr>'], cseq: '9 BYE',
    });
    assert.equal(dialog.acceptSequence(40), false, 'the remote number stays too');
  });

  test('without a Contact in the response it stays with the Request-URI', () => {
    assert.equal(Dialog.asCaller(invite(), response(200, 'b1', []), 'udp').remoteTarget, 'sip:bob@127.0.0.1:5072');
  });

  test('a response without a tag, as before RFC 3261: the tag is empty, and To is sent without one', () => {
    const dialog = Dialog.asCaller(invite(), response(200, ''), 'udp');
    assert.equal(dialog.remoteTag, '');
    assert.equal(field(dialog.createRequest('BYE', []).draft, 'To'), '<sip:bob@example.com>');
  });
});

describe('the dialog of the callee (RFC 3261 12.1.1)', () => {
  test('takes its parts from the INVITE', () => {
    const dialog = Dialog.asCallee(invite(), 'b1', 'udp');
    assert.equal(dialog.state, 'early');
    assert.equal(dialog.isCaller, false);
    assert.deepEqual([dialog.callId, dialog.localTag, dialog.remoteTag], ['one@127.0.0.1', 'b1', 'a1']);
    assert.equal(dialog.localUri, 'sip:bob@example.com');
    assert.equal(dialog.remoteUri, 'sip:alice@example.com');
    assert.equal(dialog.remoteTarget, 'sip:alice@127.0.0.1:5071');
    dialog.confirm();
    assert.equal(dialog.state, 'confirmed');
    const { draft } = dialog.createRequest('BYE', []);
    assert.equal(field(draft, 'From'), '<sip:bob@example.com>;tag=b1');
    assert.equal(field(draft, 'To'), '<sip:alice@example.com>;tag=a1');
    assert.equal(field(draft, 'CSeq'), '1 BYE', 'our own numbers begin anew');
  });

  test('takes the route set in order', () => {
    const headers: Headers = [
      ['Contact', '<sip:alice@127.0.0.1:5071>'],
      ['Record-Route', '<sip:127.0.0.5:5080;lr>, <sip:p1.example.com;lr>'],
    ];
    const dialog = Dialog.asCallee(invite(headers), 'b1', 'udp');
    assert.deepEqual(request(dialog).route, ['<sip:127.0.0.5:5080;lr>', '<sip:p1.example.com;lr>']);
    assert.equal(request(dialog).to, 'udp:127.0.0.5:5080');
  });

  test('without a Contact in the INVITE it answers to From', () => {
    assert.equal(Dialog.asCallee(invite([]), 'b1', 'udp').remoteTarget, 'sip:alice@example.com');
  });
});

describe('who finds the dialog', () => {
  test('the To tag of a request of the peer is ours', () => {
    const dialog = Dialog.asCallee(invite(), 'b1', 'udp');
    const bye = buildRequest({
      method: 'BYE',
      uri: 'sip:x@y',
      headers: [['From', '<sip:other@uri>;tag=a1'], ['To', '<sip:not@the.same>;tag=b1'], ['Call-ID', 'one@127.0.0.1']],
    });
    assert.equal(dialogKeyOf(bye), dialog.key, 'URIs do not count, tags and Call-ID do');
    assert.notEqual(dialogKey({ callId: dialog.callId, localTag: 'a1', remoteTag: 'b1' }), dialog.key);
  });

  test('each branch of a fork is a dialog of its own', () => {
    const dialogs = ['b1', 'b2'].map((tag) => Dialog.asCaller(invite(), response(180, tag), 'udp'));
    assert.equal(new Set(dialogs.map((dialog) => dialog.key)).size, 2);
    const [first, second] = dialogs;
    assert.equal(first && request(first).cseq, '8 BYE');
    assert.equal(second && request(second).cseq, '8 BYE', 'with its own numbers');
    first?.refreshTarget(response(200, 'b1', [['Contact', '<sip:new@127.0.0.1:9>']]).contact);
    assert.equal(second?.remoteTarget, 'sip:bob@127.0.0.1:5072', 'and its own target');
  });
});

describe('numbers (RFC 3261 12.2)', () => {
  test('one counter for all methods, contiguous; ACK takes the number of its INVITE and uses none up', () => {
    const dialog = Dialog.asCaller(invite(), response(200, 'b1'), 'udp');
    assert.equal(field(dialog.createAck(7, []).draft, 'CSeq'), '7 ACK');
    const numbers = ['INVITE', 'REFER', 'NOTIFY', 'BYE'].map((method) => request(dialog, method).cseq);
    assert.deepEqual(numbers, ['8 INVITE', '9 REFER', '10 NOTIFY', '11 BYE']);
    assert.equal(field(dialog.createAck(8, []).draft, 'CSeq'), '8 ACK');
    assert.equal(dialog.localSequence, 11);
  });

  test('of the peer: a first one of any size, then higher ones, gaps are fine; lower and equal ones are not', () => {
    const caller = Dialog.asCaller(invite(), response(200, 'b1'), 'udp');
    assert.equal(caller.acceptSequence(3), true, 'nothing is known of the callee\'s numbers');
    assert.equal(caller.acceptSequence(3), false);
    assert.equal(caller.acceptSequence(2), false);
    assert.equal(caller.acceptSequence(100), true);
    assert.equal(caller.acceptSequence(99), false);
    const callee = Dialog.asCallee(invite(), 'b1', 'udp');
    assert.equal(callee.acceptSequence(7), false, 'the INVITE had it');
    assert.equal(callee.acceptSequence(8), true);
  });
});

describe('routes (RFC 3261 12.2.1.1)', () => {
  const withRoutes = (recordRoute: string, contact = '<sip:bob@127.0.0.1:5072>'): Dialog =>
    Dialog.asCaller(invite(), response(200, 'b1', [['Contact', contact], ['Record-Route', recordRoute]]), 'udp');

  test('a strict router gets itself as Request-URI, and the target comes last in Route', () => {
    assert.deepEqual(request(withRoutes('<sip:127.0.0.6>, <sip:127.0.0.5:5080>')), {
      to: 'udp:127.0.0.5:5080',
      uri: 'sip:127.0.0.5:5080',
      route: ['<sip:127.0.0.6>', '<sip:bob@127.0.0.1:5072>'],
      cseq: '8 BYE',
    });
  });

  test('a loose router behind a strict one stays a Route', () => {
    const { uri, route } = request(withRoutes('<sip:127.0.0.6;lr>, <sip:127.0.0.5>'));
    assert.equal(uri, 'sip:127.0.0.5');
    assert.deepEqual(route, ['<sip:127.0.0.6;lr>', '<sip:bob@127.0.0.1:5072>']);
  });

  test('a strict router as Request-URI loses what has no place there: method and headers (RFC 3261 19.1.1)', () => {
    assert.equal(request(withRoutes('<sip:127.0.0.5;method=INVITE;user=phone?Subject=x>')).uri, 'sip:127.0.0.5;user=phone');
  });

  test('the ACK takes the same way', () => {
    const { draft, hop } = withRoutes('<sip:127.0.0.5:5080;lr>').createAck(7, []);
    assert.equal(draft.uri, 'sip:bob@127.0.0.1:5072');
    assert.equal(field(draft, 'Route'), '<sip:127.0.0.5:5080;lr>');
    assert.equal(formatHop(hop), 'udp:127.0.0.5:5080');
  });

  test('URIs with parameters come through as they were written', () => {
    const { uri, route } = request(withRoutes('<sip:127.0.0.5;lr;ftag=a1%3B>', '<sip:bob;x=y@127.0.0.1:5072;ob>'));
    assert.equal(uri, 'sip:bob;x=y@127.0.0.1:5072;ob');
    assert.deepEqual(route, ['<sip:127.0.0.5;lr;ftag=a1%3B>']);
  });

  const transports: readonly ['udp' | 'tcp', string, string][] = [
    ['udp', '<sip:bob@127.0.0.1:5072>', 'udp:127.0.0.1:5072'],
    ['tcp', '<sip:bob@127.0.0.1:5072>', 'tcp:127.0.0.1:5072'],
    ['udp', '<sip:bob@127.0.0.1:5072;transport=tcp>', 'tcp:127.0.0.1:5072'],
    ['tcp', '<sip:bob@127.0.0.1:5072;transport=udp>', 'udp:127.0.0.1:5072'],
    ['udp', '<sip:bob@127.0.0.1>', 'udp:127.0.0.1:5060'],
    ['udp', '<sip:bob@[::1]:5072>', 'udp:[::1]:5072'],
    ['udp', '<sip:bob@example.com;maddr=127.0.0.3>', 'udp:127.0.0.3:5060'],
  ];
  for (const [transport, contact, hop] of transports) {
    test(`a dialog over ${transport} sends to ${contact} by ${hop}`, () => {
      const dialog = Dialog.asCaller(invite(), response(200, 'b1', [['Contact', contact]]), transport);
      assert.equal(request(dialog).to, hop);
      assert.equal(dialog.transport, transport);
    });
  }

  test('a target that is no SIP URI cannot be sent to', () => {
    const dialog = Dialog.asCaller(invite(), response(200, 'b1', [['Contact', '<mailto:bob@example.com>']]), 'udp');
    assert.throws(() => dialog.createRequest('BYE', []), /mailto/u);
    assert.equal(dialog.localSequence, 7, 'and no number is used up');
  });
});

describe('target refresh (RFC 3261 12.2)', () => {
  test('a Contact replaces the target, none leaves it', () => {
    const dialog = Dialog.asCallee(invite(), 'b1', 'udp');
    dialog.refreshTarget(undefined);
    assert.equal(dialog.remoteTarget, 'sip:alice@127.0.0.1:5071');
    dialog.refreshTarget(invite([['Contact', '<sip:alice@127.0.0.1:6000>']]).contact);
    assert.equal(request(dialog).to, 'udp:127.0.0.1:6000');
  });

  test('the route set never changes after the dialog was made', () => {
    const headers: Headers = [['Contact', '<sip:alice@127.0.0.1:5071>'], ['Record-Route', '<sip:127.0.0.5;lr>']];
    const dialog = Dialog.asCallee(invite(headers), 'b1', 'udp');
    dialog.refreshTarget(invite([['Contact', '<sip:alice@127.0.0.1:6000>']]).contact);
    assert.deepEqual(request(dialog).route, ['<sip:127.0.0.5;lr>']);
  });
});
