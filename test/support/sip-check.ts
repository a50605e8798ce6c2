import assert from 'node:assert/strict';
import {
  parseMessage,
  respond,
  SipHeaderError,
  type SipMessage,
  SipParseError,
  type SipRequest,
  StreamFramer,
  SipSyntaxError,
  validateRequest,
  validateResponse,
} from '../../src/sip/message';

/** Every getter that decodes. */
const getters = [
  'body', 'callId', 'cseq', 'from', 'to', 'fromTag', 'toTag', 'vias', 'topVia', 'contacts', 'contact', 'routes', 'recordRoutes', 'maxForwards',
  'contentLength', 'contentType', 'event', 'subscriptionState', 'referTo', 'referredBy', 'replaces', 'expires', 'retryAfter', 'supported',
  'require', 'proxyRequire', 'allow', 'unsupported',
] as const satisfies readonly (keyof SipMessage)[];

interface Range {
  readonly start: number;
  readonly end: number;
}

/**
 * Reads octets in every way there is and asserts what must hold for any octets at all: nothing is thrown but errors with a
 * code and a range within the message, no octet is changed, what passes validation can be decoded, and a request can be
 * answered with something that can be read. Returns a word for what became of the message.
 */
export function checkMessage(bytes: Uint8Array): string {
  const before = Buffer.from(bytes);
  const outcome = check(bytes);
  assert.ok(before.equals(bytes), 'the octets were changed');
  return outcome;
}

function check(bytes: Uint8Array): string {
  const inside = ({ start, end }: Range): void => {
    assert.ok(start >= 0 && start <= end && end <= bytes.length, `the range ${start}-${end} is not within ${bytes.length} octets`);
  };
  let message: SipMessage;
  try {
    message = parseMessage(bytes);
  } catch (error) {
    assert.ok(error instanceof SipParseError, String(error));
    assert.notEqual(error.code, '');
    inside(error.range);
    return `rejected: ${error.code}`;
  }
  assert.equal(message.bytes, bytes);
  for (const { range } of message.notes) inside(range);
  for (const range of [message.startLineRange, message.bodyRange, message.trailing ?? message.bodyRange]) inside(range);
  checkHeaders(message, inside);
  const faults = faultsOf(message, inside);
  checkNested(message, inside);
  if (message.kind === 'request') checkAnswer(message);
  const refusal = message.kind === 'request' ? validateRequest(message) : undefined;
  const fault = message.kind === 'request' ? refusal : validateResponse(message);
  if (fault !== undefined) inside(fault.range);
  else assert.equal(faults.join(), '', 'it passed validation, and yet a getter throws');
  if (fault === undefined) return 'served';
  return refusal === undefined ? 'dropped' : `refused: ${refusal.status}`;
}

/** The headers lie one behind the other, and each says what its octets say. */
function checkHeaders(message: SipMessage, inside: (range: Range) => void): void {
  let last = message.startLineRange.end;
  for (const header of message.headers) {
    const { range, nameRange, valueRange } = header;
    for (const each of [range, nameRange, valueRange]) inside(each);
    assert.ok(range.start >= last && nameRange.start === range.start && valueRange.end <= range.end, 'the headers overlap');
    last = range.end;
    assert.equal(Buffer.from(message.bytes.buffer, message.bytes.byteOffset + valueRange.start, header.raw.length).toString('latin1'), header.raw);
    assert.doesNotMatch(header.value(), /\n/, 'a value has more than one line');
  }
  assert.ok(message.bodyRange.start >= last);
  for (const name of new Set(message.headers.map(({ canonical }) => canonical))) {
    assert.notEqual(message.header(name), undefined);
    assert.ok(message.headerValues(name).length > 0);
  }
}

/** Calls every getter and returns the names of those that throw as they may. */
function faultsOf(message: SipMessage, inside: (range: Range) => void): string[] {
  const faults: string[] = [];
  const attempt = (name: string, decode: () => unknown): void => {
    try {
      decode();
    } catch (error) {
      assert.ok(error instanceof SipHeaderError, `${name}: ${String(error)}`);
      assert.notEqual(error.code, '');
      inside(error.range);
      faults.push(name);
    }
  };
  for (const getter of getters) attempt(getter, () => message[getter]);
  if (message.kind === 'request') attempt('uri', () => message.uri.toString());
  return faults;
}

/** What hides behind decoded values: ranges and maps of parameters. */
function checkNested(message: SipMessage, inside: (range: Range) => void): void {
  const lists = [() => message.vias, () => message.contacts, () => message.routes, () => message.recordRoutes, () => [message.from, message.to]];
  for (const list of lists) {
    try {
      for (const value of list()) {
        if (value === '*') continue;
        inside(value.range);
        assert.ok(value.params.size >= 0);
      }
    } catch (error) {
      if (!(error instanceof SipSyntaxError)) throw error;
    }
  }
}

/** A request can be answered, whatever is wrong with it, and the answer has no oddities of its own. */
function checkAnswer(request: SipRequest): void {
  const response = respond(request, 400, { toTag: 'check', source: { host: '192.0.2.99', port: 4999 } });
  const read = parseMessage(response.bytes);
  assert.equal(read.notes.length, 0);
  assert.equal(fieldsOf(read), fieldsOf(response));
}

function fieldsOf(message: SipMessage): string {
  return message.headers.map(({ name, raw }) => `${name}: ${raw}`).join('\n');
}

/** Cuts octets out of a stream that comes in pieces, which must not matter. */
export function checkStream(bytes: Uint8Array, cuts: readonly number[]): void {
  const whole = new StreamFramer();
  const pieces = new StreamFramer();
  const expected = whole.push(bytes);
  const found = [];
  let from = 0;
  for (const cut of [...cuts, bytes.length]) {
    found.push(...pieces.push(bytes.subarray(from, cut)));
    from = cut;
  }
  // How much of headers that never end is in the error depends on the pieces.
  const endless = expected.some((item) => item.kind === 'error' && item.code === 'headers-too-long');
  if (!endless) assert.deepEqual(found, expected);
  for (const item of found) {
    if (item.kind === 'message') checkMessage(item.bytes);
    if (item.kind === 'error') assert.ok(item.range.start >= 0 && item.range.start <= item.range.end && item.range.end <= item.bytes.length);
  }
}
