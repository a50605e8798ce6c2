import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parse as oracleParse, write as oracleWrite } from 'sdp-transform';
import { formatSdp, parseSdp, type SessionDescription } from '../../../../src/sip/sdp';
import { asterisk, everyLine, pjsua } from './samples';

const word = fc.stringMatching(/^[A-Za-z0-9.:_-]{1,12}$/);
const number = fc.nat(65_535).map(String);
const text = fc.stringMatching(/^[A-Za-zäß€0-9 :;=/-]{1,20}$/u);
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined });
const connection = fc.record({
  networkType: fc.constant('IN'),
  addressType: fc.constantFrom('IP4', 'IP6'),
  address: word,
});
const bandwidth = fc.record({ type: fc.constantFrom('AS', 'CT', 'TIAS'), value: number });
const attribute = fc.record({ name: fc.stringMatching(/^[a-z][a-z-]{0,8}$/), value: maybe(text) });

const media = fc.record({
  media: fc.constantFrom('audio', 'video', 'message'),
  port: fc.nat(65_535),
  portCount: maybe(fc.integer({ min: 1, max: 9 })),
  protocol: fc.constantFrom('RTP/AVP', 'RTP/SAVPF', 'TCP/MSRP'),
  formats: fc.array(word, { minLength: 1, maxLength: 4 }),
  information: maybe(text),
  connections: fc.array(connection, { maxLength: 2 }),
  bandwidths: fc.array(bandwidth, { maxLength: 2 }),
  key: maybe(word),
  attributes: fc.array(attribute, { maxLength: 5 }),
});

const session: fc.Arbitrary<SessionDescription> = fc.record({
  origin: connection.chain((where) =>
    fc.record({ username: word, sessionId: number, sessionVersion: number }).map((who) => ({ ...who, ...where })),
  ),
  name: text,
  information: maybe(text),
  uri: maybe(word),
  emails: fc.array(text, { maxLength: 2 }),
  phones: fc.array(text, { maxLength: 2 }),
  connection: maybe(connection),
  bandwidths: fc.array(bandwidth, { maxLength: 2 }),
  timings: fc.array(fc.record({ start: number, stop: number, repeats: fc.array(word, { maxLength: 2 }) }), {
    minLength: 1,
    maxLength: 2,
  }),
  zones: maybe(text),
  key: maybe(word),
  attributes: fc.array(attribute, { maxLength: 3 }),
  media: fc.array(media, { maxLength: 3 }),
});

/** What was read, without where and how. */
function withoutPlaces(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (key, each: unknown) =>
      /^(range|portRange|protocolRange|notes)$/.test(key) ? undefined : each,
    ),
  );
}

describe('formatSdp', () => {
  for (const [name, body] of Object.entries({ everyLine, asterisk, pjsua })) {
    test(`writes ${name} back octet for octet`, () => {
      assert.equal(formatSdp(parseSdp(body)), body);
    });
  }

  test('is undone by parseSdp, which finds nothing odd in it', () => {
    fc.assert(
      fc.property(session, (description) => {
        const parsed = parseSdp(formatSdp(description));
        assert.deepEqual(parsed.notes, []);
        assert.deepEqual(withoutPlaces(parsed), withoutPlaces(description));
      }),
    );
  });

  test('writes what an independent parser and writer reads as the same', () => {
    for (const body of [asterisk, pjsua]) {
      assert.deepEqual(oracleParse(formatSdp(parseSdp(body))), oracleParse(body));
      // The other way round: what the independent writer makes of it, we read alike, though its order differs.
      const rewritten = parseSdp(oracleWrite(oracleParse(body)));
      const sorted = (each: string): string[] => each.split('\r\n').sort();
      assert.deepEqual(sorted(formatSdp(rewritten)), sorted(body));
    }
  });
});
