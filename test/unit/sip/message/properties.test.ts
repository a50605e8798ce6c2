import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import {
  buildRequest,
  buildResponse,
  canonicalName,
  escapeUriHeader,
  formatNameAddr,
  formatReplaces,
  formatUri,
  formatVia,
  parseMessage,
  parseReplaces,
  parseUri,
  respond,
  StreamFramer,
  uriEquals,
  type UriParts,
} from '../../../../src/sip/message';
import { checkMessage, checkStream } from '../../../support/sip-check';
import { sipSamples } from '../../../support/sip-samples';

fc.configureGlobal({ numRuns: 300 });

const tokenCharacters = Array.from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.!%*_+`'~");
const token = fc.string({ unit: fc.constantFrom(...tokenCharacters), minLength: 1, maxLength: 12 });
const host = fc.oneof(
  fc.domain(),
  fc.ipV4(),
  fc.ipV6().filter((address) => /^[0-9a-f:.]+$/i.test(address)),
);
const port = fc.option(fc.nat({ max: 65535 }), { nil: undefined });
const text = fc.string({ unit: 'grapheme', maxLength: 20 });

const uriParams = fc
  .array(fc.tuple(fc.stringMatching(/^[a-z0-9-]{1,8}$/), fc.option(fc.string({ minLength: 0, maxLength: 8 }), { nil: undefined })), { maxLength: 4 })
  .map((pairs) => new Map(pairs));

const uriParts: fc.Arbitrary<UriParts> = fc.record({
  scheme: fc.constantFrom('sip', 'sips'),
  user: fc.option(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }), { nil: undefined }),
  host,
  port,
  params: uriParams,
  headers: fc.array(fc.tuple(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }), text), { maxLength: 3 }),
});

/** Values that stand in one line without white space around them, as a reader gets them back. */
const value = fc.string({ unit: 'grapheme', maxLength: 40 }).map((raw) => raw.replace(/[\r\n]/g, '').replace(/^[ \t]+|[ \t]+$/g, ''));
const headers = fc.array(fc.tuple(token.filter((name) => canonicalName(name) !== 'content-length'), value), { maxLength: 8 });
const body = fc.uint8Array({ maxLength: 200 });

suite('what is built is read back', () => {
  test('requests', () => {
    fc.assert(
      fc.property(token, uriParts, headers, body, (method, uri, fields, octets) => {
        const built = buildRequest({ method, uri: formatUri(uri), headers: fields, body: octets });
        const read = parseMessage(built.bytes);
        assert.ok(read.kind === 'request');
        assert.deepEqual([read.method, read.requestUri], [method, formatUri(uri)]);
        assert.deepEqual(read.headers.map((header) => [header.name, header.value()]), [...fields, ['Content-Length', String(octets.length)]]);
        assert.deepEqual([...read.body], [...octets]);
        assert.deepEqual(read.notes, []);
        assert.deepEqual(built.headers.map(({ range, raw }) => [range, raw]), read.headers.map(({ range, raw }) => [range, raw]));
        assert.deepEqual([built.bodyRange, built.startLineRange], [read.bodyRange, read.startLineRange]);
      }),
    );
  });

  test('responses', () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 699 }), value, headers, (status, reason, fields) => {
        const built = buildResponse({ status, reason, headers: fields });
        const read = parseMessage(built.bytes);
        assert.ok(read.kind === 'response');
        assert.deepEqual([read.status, read.reason], [status, reason]);
        assert.deepEqual(read.headers.map((header) => [header.name, header.value()]), [...fields, ['Content-Length', '0']]);
      }),
    );
  });

  test('URIs', () => {
    fc.assert(
      fc.property(uriParts, (parts) => {
        const uri = parseUri(formatUri(parts));
        assert.deepEqual(
          { scheme: uri.scheme, user: uri.user, host: uri.host, port: uri.port, params: uri.params, headers: uri.headers },
          { ...parts, headers: parts.headers },
        );
        assert.ok(uriEquals(uri, parseUri(formatUri(uri))), 'a URI equals itself written anew');
      }),
    );
  });

  test('name-addr values, in a message', () => {
    fc.assert(
      fc.property(fc.option(value, { nil: undefined }), uriParts, token, text, (displayName, uri, tag, note) => {
        const oneLine = note.replace(/[\r\n]/g, '');
        const written = formatNameAddr({ displayName, uri: formatUri(uri), tag, params: new Map([['note', oneLine]]) });
        const { from } = parseMessage(buildRequest({ method: 'BYE', uri: 'sip:a@b', headers: [['From', written]] }).bytes);
        assert.deepEqual([from.displayName, from.uriText, from.tag, from.params.get('note')], [displayName, formatUri(uri), tag, oneLine]);
      }),
    );
  });

  test('Vias', () => {
    fc.assert(
      fc.property(host, port, token, (sentBy, number, branch) => {
        const written = formatVia({ transport: 'udp', host: sentBy, port: number, branch });
        const { topVia } = parseMessage(buildRequest({ method: 'BYE', uri: 'sip:a@b', headers: [['Via', written]] }).bytes);
        assert.deepEqual([topVia.host, topVia.port, topVia.branch, topVia.rport], [sentBy, number, branch, true]);
      }),
    );
  });

  test('Replaces, through a Refer-To', () => {
    fc.assert(
      fc.property(token, token, token, fc.boolean(), (callId, toTag, fromTag, earlyOnly) => {
        const replaces = { callId, toTag, fromTag, earlyOnly };
        const uri = parseUri(`sip:c@d?Replaces=${escapeUriHeader(formatReplaces(replaces))}`);
        assert.deepEqual(parseReplaces(uri.headers[0]?.[1] ?? ''), replaces);
      }),
    );
  });
});

suite('any octets', () => {
  test('are read or refused with a code and a range', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void checkMessage(bytes)));
  });

  const pieces = fc.constantFrom('sip:', 'a', '@', 'b', ';', '=', '"', '<', '>', ',', ' ', '\r\n ', '\\', '[', ']', ':', '1', '%', 'SIP/2.0/UDP ', 'tag', 'é', '\0', '*', '?', '&');

  test('that can be read as the To of a request can be read in its response, where a tag stands behind them', () => {
    const inParameters = fc.array(pieces, { maxLength: 8 }).map((parts) => `<sip:a@b>;${parts.join('')}`);
    fc.assert(
      fc.property(fc.oneof(inParameters, fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join(''))), (to) => {
        const request = parseMessage(Buffer.from(`OPTIONS sip:a@b SIP/2.0\r\nTo: ${to}\r\n\r\n`, 'latin1'));
        assert.ok(request.kind === 'request');
        let tag: string | undefined;
        try {
          tag = request.toTag ?? 'new';
        } catch {
          return;
        }
        assert.equal(respond(request, 200, { toTag: 'new' }).toTag, tag);
      }),
      { numRuns: 5000 },
    );
  });

  test('that can be read as the Via of a request can be read in its response, where what the socket saw is added', () => {
    const via = fc.array(pieces, { maxLength: 8 }).map((parts) => `SIP/2.0/UDP a;${parts.join('')}`);
    fc.assert(
      fc.property(via, fc.constantFrom('', ';rport', ';received=c'), (value, more) => {
        const request = parseMessage(Buffer.from(`OPTIONS sip:a@b SIP/2.0\r\nVia: ${value}${more}\r\n\r\n`, 'latin1'));
        assert.ok(request.kind === 'request');
        let count: number;
        try {
          count = request.vias.length;
        } catch {
          return;
        }
        const [top, ...others] = respond(request, 200, { source: { host: '127.0.0.1', port: 5060 } }).vias;
        assert.equal(top?.received, '127.0.0.1');
        assert.equal(others.length, count - 1);
      }),
      { numRuns: 5000 },
    );
  });

  test('as the value of each header', () => {
    const names = ['Via', 'From', 'To', 'Contact', 'Route', 'CSeq', 'Call-ID', 'Event', 'Subscription-State', 'Replaces', 'Refer-To', 'Content-Type', 'Expires', 'Allow'];
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.array(pieces, { maxLength: 24 }), (name, parts) => {
        checkMessage(Buffer.from(`OPTIONS sip:a@b SIP/2.0\r\n${name}: ${parts.join('')}\r\n\r\n`));
      }),
      { numRuns: 1000 },
    );
  });

  test('can be cut out of a stream that comes in any pieces', () => {
    const stream = Buffer.from(Object.values(sipSamples).join('\r\n\r\n'), 'latin1');
    fc.assert(
      fc.property(fc.array(fc.nat({ max: stream.length }), { maxLength: 20 }), fc.nat({ max: stream.length }), fc.uint8Array({ maxLength: 4 }), (cuts, at, noise) => {
        const noisy = Buffer.concat([stream.subarray(0, at), noise, stream.subarray(at)]);
        checkStream(noisy, [...cuts].sort((a, b) => a - b));
      }),
    );
  });
});

suite('good messages', () => {
  for (const [name, sample] of Object.entries(sipSamples)) {
    test(`${name} passes without a note`, () => {
      const bytes = Buffer.from(sample, 'latin1');
      const message = parseMessage(bytes);
      // A response on its way through a proxy has a Via too many for the phone behind it.
      const forUs = message.kind === 'request' || message.vias.length === 1;
      assert.equal(checkMessage(bytes), forUs ? 'served' : 'dropped');
      assert.deepEqual(message.notes, []);
    });
  }

  test('come out of a stream as they went in, however it is cut', () => {
    const { bytes } = respond(buildRequest({ method: 'OPTIONS', uri: 'sip:a@b', headers: [['To', '<sip:a@b>']] }), 200, { toTag: 't', body: 'abc' });
    for (let at = 0; at <= bytes.length; at += 1) {
      const framer = new StreamFramer();
      const items = [...framer.push(bytes.subarray(0, at)), ...framer.push(bytes.subarray(at))];
      assert.deepEqual(items.map((item) => item.kind === 'message' && Buffer.from(item.bytes)), [Buffer.from(bytes)]);
    }
  });
});
