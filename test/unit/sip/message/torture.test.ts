import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import {
  type FramedItem,
  parseMessage,
  SipParseError,
  type SipRequest,
  type SipResponse,
  StreamFramer,
  validateRequest,
  validateResponse,
} from '../../../../src/sip/message';

/*
 * RFC 4475: what the parser and a UAS without state make of each message; INDEX.md beside the files says why. Where the RFC
 * leaves a choice, the row says what we chose.
 */

const folder = join(__dirname, '../../../fixtures/rfc4475');

type Expected =
  /** Nothing to say against it. */
  | 'served'
  /** Refused with this status; the text is what the range must point at. */
  | { readonly refuse: number; readonly at: string; readonly headers?: Readonly<Record<string, string>> }
  /** A response that is dropped; the range must point at this text. */
  | { readonly drop: string }
  /** No SIP message: the code and the text its range points at. */
  | { readonly reject: string; readonly at: string };

const allow = 'INVITE, ACK, CANCEL, BYE, OPTIONS, REGISTER, PRACK, UPDATE, SUBSCRIBE, NOTIFY, PUBLISH, REFER, MESSAGE, INFO';

const table: Readonly<Record<string, Expected>> = {
  'badaspec.dat': { refuse: 400, at: ' ' },
  // The cookie alone counts as no cookie: the transaction is matched the RFC 2543 way.
  'badbranch.dat': 'served',
  // The Date is ignored.
  'baddate.dat': 'served',
  'baddn-terminated.dat': { refuse: 400, at: ',' },
  'baddn.dat': { refuse: 400, at: '' },
  'badinv01.dat': { refuse: 400, at: ';' },
  'badvers.dat': { refuse: 505, at: 'SIP/7.0' },
  'bcast.dat': { drop: 'SIP/2.0/UDP 255.255.255.255;branch=z9hG4bK1saber23' },
  'bext01.dat': {
    refuse: 420,
    at: 'Require: nothingSupportsThis, nothingSupportsThisEither',
    headers: { Unsupported: 'nothingSupportsThis, nothingSupportsThisEither' },
  },
  'bigcode.dat': { reject: 'status-code', at: '4294967301' },
  'clerr.dat': { refuse: 400, at: '9999' },
  'cparam01.dat': 'served',
  'cparam02.dat': 'served',
  'dblreq.dat': 'served',
  'esc01.dat': 'served',
  'esc02.dat': { refuse: 501, at: 'RE%47IST%45R', headers: { Allow: allow } },
  'escnull.dat': 'served',
  'escruri.dat': { refuse: 400, at: 'sip:user@example.com?Route=%3Csip:example.com%3E' },
  'insuf.dat': { refuse: 400, at: 'INVITE sip:user@example.com SIP/2.0' },
  'intmeth.dat': { refuse: 501, at: "!interesting-Method0123456789_*+`.%indeed'~", headers: { Allow: allow } },
  'inv2543.dat': 'served',
  'invut.dat': { refuse: 415, at: 'Content-Type: application/unknownformat', headers: { Accept: 'application/sdp' } },
  'longreq.dat': 'served',
  'ltgtruri.dat': { refuse: 400, at: '<' },
  'lwsdisp.dat': 'served',
  'lwsruri.dat': { refuse: 400, at: ' ' },
  'lwsstart.dat': { refuse: 400, at: 'INVITE  sip:user@example.com  SIP/2.0' },
  'mcl01.dat': { refuse: 400, at: '5' },
  'mismatch01.dat': { refuse: 400, at: 'CSeq: 8 INVITE' },
  'mismatch02.dat': { refuse: 501, at: 'NEWMETHOD', headers: { Allow: allow } },
  'mpart01.dat': 'served',
  'multi01.dat': { refuse: 400, at: 'To: sip:other@example.net' },
  'ncl.dat': { refuse: 400, at: '-999' },
  'noreason.dat': 'served',
  'novelsc.dat': { refuse: 416, at: 'soap.beep://192.0.2.103:3002' },
  'quotbal.dat': { refuse: 400, at: '"Mr. J. User <sip:j.user@example.com>' },
  // Whether REGISTER is served, and credentials asked for, is for others to say.
  'regaut01.dat': 'served',
  'regbadct.dat': { refuse: 400, at: '?Route=%3Csip:sip.example.com%3E' },
  'regescrt.dat': 'served',
  'scalar02.dat': { refuse: 400, at: '36893488147419103232 REGISTER' },
  'scalarlg.dat': { drop: '9292394834772304023312 OPTIONS' },
  'sdp01.dat': { refuse: 406, at: 'Accept: text/nobodyKnowsThis', headers: { Warning: '399 call-lab "Accept leaves out every session description"' } },
  'semiuri.dat': 'served',
  'test.dat': { reject: 'start-line', at: 'INVITE sip:alan@jasomi.com' },
  'transports.dat': 'served',
  // Blanks at the end of the request line are ignored, with a note.
  'trws.dat': 'served',
  'unkscm.dat': { refuse: 416, at: 'nobodyKnowsThisScheme:totallyopaquecontent' },
  'unksm2.dat': { refuse: 400, at: 'isbn:2983792873' },
  'unreason.dat': 'served',
  'wsinv.dat': 'served',
  'zeromf.dat': 'served',
};

/** The rows of INDEX.md: file, class, what an engine must do. */
function index(): (readonly [file: string, kind: string, must: string])[] {
  const lines = readFileSync(join(folder, 'INDEX.md'), 'utf8').split('\n');
  return lines.flatMap((line) => {
    const [, file = '', , , kind = '', , must = ''] = line.split(' | ').length < 6 ? [] : ['', ...line.replace(/^\| /u, '').split(' | ')];
    return file.endsWith('.dat') ? [[file, kind, must] as const] : [];
  });
}

function read(file: string): Buffer {
  return readFileSync(join(folder, file));
}

function request(file: string): SipRequest {
  const message = parseMessage(read(file));
  assert.ok(message.kind === 'request');
  return message;
}

function response(file: string): SipResponse {
  const message = parseMessage(read(file));
  assert.ok(message.kind === 'response');
  return message;
}

function outcome(file: string): Expected {
  const bytes = read(file);
  const at = ({ start, end }: { start: number; end: number }): string => bytes.toString('utf8', start, end);
  try {
    const message = parseMessage(bytes);
    assert.equal(message.bytes, bytes);
    if (message.kind === 'response') {
      const fault = validateResponse(message);
      return fault === undefined ? 'served' : { drop: at(fault.range) };
    }
    const refusal = validateRequest(message);
    if (refusal === undefined) return 'served';
    const { status, range, headers } = refusal;
    return { refuse: status, at: at(range), ...(headers !== undefined && { headers: Object.fromEntries(headers) }) };
  } catch (error) {
    assert.ok(error instanceof SipParseError, String(error));
    return { reject: error.code, at: at(error.range) };
  }
}

suite('RFC 4475', () => {
  test('the table has every message', () => {
    const files = readdirSync(folder).filter((file) => file.endsWith('.dat'));
    assert.deepEqual(Object.keys(table).sort(), files.sort());
    assert.deepEqual(index().map(([file]) => file).sort(), files.sort());
  });

  // The index says in prose what each must get. Held against it here: the class, and the statuses it names.
  for (const [file, kind, must] of index()) {
    test(`${file} gets what the index says (${kind})`, () => {
      const verdict = table[file];
      const allowed = [...must.matchAll(/(?<![\w.-])(?:4\d\d|5\d\d)(?!\w|[.-]\w)/gu)].map(([status]) => Number(status));
      if (typeof verdict !== 'object') {
        const mayPass = /accept|parses|ignor|treat as if|tolerated|well.?formed|answers normally|response 200|response 100|binding|process the|no such|stays/iu.test(must);
        assert.ok(verdict === 'served' && (kind !== 'invalid' || mayPass) && (mayPass || allowed.length === 0), `served, but: ${must}`);
        return;
      }
      if ('refuse' in verdict) assert.ok(allowed.includes(verdict.refuse), `${String(verdict.refuse)}, but: ${must}`);
      else assert.match(must, /discard|drop|merely not crash/iu);
    });
  }

  for (const [file, expected] of Object.entries(table)) {
    test(file, () => {
      assert.deepEqual(outcome(file), expected);
    });
  }
});

suite('RFC 4475 on a stream', () => {
  /** What a stream of each message gives; the others give the message itself. */
  const cut: Readonly<Record<string, readonly string[]>> = {
    'baddn.dat': [],
    'clerr.dat': [],
    // The second message is longer than its Content-Length by "C" and two line ends, which begin no message.
    'dblreq.dat': ['message of 300', 'message of 443', 'no-content-length'],
    'inv2543.dat': ['no-content-length'],
    'mcl01.dat': ['two-content-lengths'],
    'ncl.dat': ['bad-content-length'],
  };

  const found = (items: readonly FramedItem[]): string[] =>
    items.map((item) => {
      if (item.kind === 'message') return `message of ${item.bytes.length}`;
      return item.kind === 'error' ? item.code : item.kind;
    });

  for (const file of Object.keys(table)) {
    test(`${file}, split at every offset`, () => {
      const bytes = read(file);
      const expected = cut[file] ?? [`message of ${bytes.length}`];
      for (let at = 0; at <= bytes.length; at += 1) {
        const framer = new StreamFramer();
        assert.deepEqual(found([...framer.push(bytes.subarray(0, at)), ...framer.push(bytes.subarray(at))]), expected, `split at ${at}`);
      }
    });
  }

  test('all that frame themselves, back to back', () => {
    const whole = Object.keys(table).filter((file) => cut[file] === undefined).map(read);
    const items = new StreamFramer().push(Buffer.concat(whole));
    assert.deepEqual(items.map((item) => item.kind === 'message' && Buffer.from(item.bytes)), whole);
  });
});

suite('RFC 4475, what the messages say', () => {
  test('wsinv: folded lines, blanks before colons, compact names', () => {
    const message = request('wsinv.dat');
    assert.equal(message.uri.params.has('unknownparam'), true);
    assert.equal(message.toTag, '1918181833n');
    assert.equal(message.from.displayName, 'J Rosenberg \\"');
    assert.equal(message.fromTag, '98asjd8');
    assert.equal(message.maxForwards, 68);
    assert.deepEqual(message.cseq, { sequence: 9, method: 'INVITE' });
    assert.deepEqual(
      message.vias.map(({ protocol, host, branch }) => [protocol, host, branch]),
      [
        ['SIP/2.0/UDP', '192.0.2.2', '390skdjuw'],
        ['SIP/2.0/TCP', 'spindle.example.com', 'z9hG4bK9ikj8'],
        ['SIP/2.0/UDP', '192.168.255.111', 'z9hG4bK30239'],
      ],
    );
    assert.equal(message.header('Subject'), '');
    assert.equal(message.header('newfangledheader'), 'newfangled value continued newfangled value');
    assert.deepEqual(message.headerValues('UnknownHeaderWithUnusualValue'), [';;,,;;,;']);
    assert.deepEqual([...message.routes[0]!.uri.params], [['lr', undefined], ['unknownwith', 'value'], ['unknown-no-value', undefined]]);
    assert.equal(message.contact?.displayName, 'Quoted string ""');
    assert.deepEqual([...message.contact.params], [['newparam', 'newvalue'], ['secondparam', undefined], ['q', '0.33']]);
    assert.equal(message.body.length, 150);
    assert.deepEqual(new Set(message.notes.map(({ code }) => code)), new Set(['folded-header']));
  });

  test('intmeth: NUL in a quoted pair, UTF-8 in a parameter and in a header', () => {
    const message = request('intmeth.dat');
    assert.equal(message.method, "!interesting-Method0123456789_*+`.%indeed'~");
    assert.equal(message.uri.user, "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*");
    assert.equal(message.uri.password, "&it+has=1,weird!*pas$wo~d_too.(doesn't-it)");
    assert.equal(message.to.displayName, 'BEL:\x07 NUL:\0 DEL:\x7f');
    assert.equal(message.from.displayName, "token1~` token2'+_ token3*%!.-");
    assert.equal(message.fromTag, "_token~1'+`*%!-.");
    assert.equal(message.from.params.get("fromparam''~+*_!.-%"), 'работающий');
    assert.equal(message.header("extensionHeader-!.%*+_`'~"), '\ufeff大停電');
    assert.equal(message.topVia.branch, "z9hG4bK-.!%66*_+`'~");
    assert.equal(message.callId, 'intmeth.word%ZK-!.*_+\'@word`~)(><:\\/"][?}{');
  });

  test('esc01: escapes are resolved once', () => {
    const message = request('esc01.dat');
    assert.equal(message.uri.scheme, 'sip');
    assert.equal(message.uri.user, 'sips:user@example.com');
    assert.equal(message.uri.host, 'example.net');
    assert.equal(message.to.uri.user, 'user');
    assert.equal(message.from.uri.user, 'I have spaces');
    assert.deepEqual([...message.contact!.uri.params], [['lr', undefined], ['name', 'value%41']]);
  });

  test('esc02: a percent sign outside of URIs means nothing', () => {
    const message = request('esc02.dat');
    assert.equal(message.method, 'RE%47IST%45R');
    assert.equal(message.contacts.length, 2);
    assert.equal(message.to.displayName, '%Z%45');
    assert.equal(message.topVia.branch, 'z9hG4bK209%fzsnel234');
  });

  test('escnull: NULs differ by their number', () => {
    const users = request('escnull.dat').contacts.map((contact) => contact !== '*' && contact.uri.user);
    assert.deepEqual(users, ['\0', '\0\0']);
  });

  test('lwsdisp: no blank before the bracket', () => {
    assert.equal(request('lwsdisp.dat').from.displayName, 'caller');
  });

  test('longreq: nothing is cut', () => {
    const message = request('longreq.dat');
    assert.equal(message.vias.length, 34);
    assert.equal(message.to.displayName?.length, 103);
    assert.equal(message.callId.length, 141);
  });

  test('dblreq: the octets behind the message are marked and not read', () => {
    const message = request('dblreq.dat');
    assert.equal(message.method, 'REGISTER');
    assert.deepEqual(message.trailing, { start: 300, end: 750 });
    assert.equal(message.body.length, 0);
  });

  test('semiuri: semicolons before the @ belong to the user', () => {
    const { uri } = request('semiuri.dat');
    assert.equal(uri.user, 'user;par=u@example.net');
    assert.equal(uri.params.size, 0);
  });

  test('transports: every transport is read', () => {
    assert.deepEqual(request('transports.dat').vias.map(({ transport }) => transport), ['udp', 'sctp', 'tls', 'unknown', 'tcp']);
  });

  test('mpart01: the body is octets', () => {
    const { body } = request('mpart01.dat');
    assert.equal(body.length, 553);
    assert.ok(body.includes(0));
  });

  test('unreason and noreason: any phrase, or none', () => {
    assert.equal(response('unreason.dat').reason, '= 2**3 * 5**2 но сто девяносто девять - простое');
    assert.equal(response('noreason.dat').reason, '');
  });

  test('cparam01 and cparam02: brackets decide whose the parameter is', () => {
    const outside = request('cparam01.dat').contact!;
    assert.equal(outside.uriText, 'sip:+19725552222@gw1.example.net');
    assert.equal(outside.params.has('unknownparam'), true);
    const inside = request('cparam02.dat').contact!;
    assert.equal(inside.uri.params.has('unknownparam'), true);
    assert.equal(inside.params.size, 0);
  });

  test('regescrt: the header part stays with the binding', () => {
    assert.deepEqual(request('regescrt.dat').contact!.uri.headers, [['Route', '<sip:sip.example.com>']]);
  });

  test('inv2543: no branch, no From tag, no Content-Length', () => {
    const message = request('inv2543.dat');
    assert.equal(message.topVia.branch, undefined);
    assert.equal(message.fromTag, undefined);
    assert.equal(message.maxForwards, undefined);
    assert.equal(message.recordRoutes[0]!.uri.params.get('maddr'), 'ss1.example.com');
    assert.deepEqual(message.notes.map(({ code }) => code), ['no-content-length']);
  });

  test('trws: the blanks are noted', () => {
    const message = request('trws.dat');
    assert.equal(message.requestUri, 'sip:remote-target@example.com');
    assert.deepEqual(message.notes.map(({ code }) => code), ['start-line-trailing-blanks']);
  });
});
