import type { ByteRange } from '../../core';
import type { HeaderFields } from './build';
import { SipHeaderError } from './errors';
import type { SipMessage, SipRequest, SipResponse } from './message';
import type { NoteCode } from './note';
import { reasonPhrase } from './reason-phrase';
import { isSipUri } from './uri';

/** Why a request deserves no service, and the answer it gets. An ACK gets none, whatever is wrong with it. */
export interface Refusal {
  readonly status: number;
  readonly reason: string;
  /** The octets at fault. */
  readonly range: ByteRange;
  /** The rule that was broken, with its source. */
  readonly rule: string;
  /** What the response must carry besides: Unsupported, Allow, Accept. */
  readonly headers?: HeaderFields;
}

/** A response that must be dropped without a word. */
export interface Fault {
  readonly range: ByteRange;
  readonly rule: string;
}

/** What is wrong with the form of a message, in the words of a reason phrase too. */
interface FormFault extends Fault {
  readonly reason: string;
}

/** What a UAS can do. */
export interface UasPolicy {
  /** Methods served; a known one that is missing here gets 405, an unknown one 501. */
  readonly methods: readonly string[];
  /** Option tags understood. */
  readonly extensions: readonly string[];
  /** Media types understood in requests that offer or answer a session. */
  readonly sessionTypes: readonly string[];
  /** Whether sips: URIs are served; true unless given. */
  readonly sips?: boolean;
  /** Octets taken; unless given, {@link defaultSizes}. */
  readonly sizes?: MessageSizes;
}

/** How much of a request a UAS takes, in octets. */
export interface MessageSizes {
  readonly requestUri: number;
  /** From the start line to the blank line. */
  readonly headers: number;
  readonly body: number;
}

/** Far beyond what SIP needs, and little enough to be kept as long as a transaction lasts. */
export const defaultSizes: MessageSizes = { requestUri: 4_096, headers: 32_768, body: 65_536 };

/** How a message came: on a stream its length must be said (RFC 3261 section 20.14). */
export type Framing = 'datagram' | 'stream';

/** The methods registered with IANA. */
const registeredMethods = [
  'INVITE', 'ACK', 'CANCEL', 'BYE', 'OPTIONS', 'REGISTER', 'PRACK', 'UPDATE', 'SUBSCRIBE', 'NOTIFY', 'PUBLISH', 'REFER',
  'MESSAGE', 'INFO',
] as const;

export const defaultPolicy: UasPolicy = {
  methods: registeredMethods,
  extensions: ['100rel', 'timer', 'replaces', 'norefersub'],
  sessionTypes: ['application/sdp'],
};

/**
 * Tolerated by the parser so that the message can be shown, and answered; not tolerated by a UAS. With the rule, and the
 * reason phrase, which says what is wrong (RFC 3261 section 21.4.1).
 */
const fatalNotes: ReadonlyMap<NoteCode, readonly [rule: string, reason: string]> = new Map<NoteCode, readonly [string, string]>([
  ['start-line-blanks', ['single blanks separate the parts of a request line (RFC 3261 section 7.1)', 'Malformed Request Line']],
  ['no-colon', ['a header is a name, a colon and a value (RFC 3261 section 7.3.1)', 'Header Without Colon']],
  ['header-name', ['a header name is a token (RFC 3261 section 25.1)', 'Malformed Header Name']],
  ['no-blank-line', ['a blank line ends the headers (RFC 3261 section 7)', 'Headers Do Not End']],
  ['bad-content-length', ['Content-Length is a decimal number (RFC 3261 section 20.14)', 'Malformed Content-Length']],
  ['two-content-lengths', ['there is one Content-Length (RFC 4475 section 3.3.9)', 'Contradictory Content-Length']],
  ['body-too-short', ['the body is as long as Content-Length says (RFC 3261 section 18.3)', 'Body Shorter Than Content-Length']],
]);

/** Headers that must not be repeated (RFC 3261 section 7.3.1, RFC 3515 section 2.1, RFC 3891 section 3). */
const single = ['to', 'from', 'cseq', 'call-id', 'max-forwards', 'refer-to', 'replaces'] as const;

/** Decodes everything that has a typed getter, the mandatory ones first, so that none of them throws later. */
const getters = [
  'vias', 'topVia', 'from', 'to', 'callId', 'cseq', 'contacts', 'routes', 'recordRoutes', 'maxForwards', 'contentLength',
  'contentType', 'event', 'subscriptionState', 'referTo', 'referredBy', 'replaces', 'expires', 'retryAfter', 'supported',
  'require', 'proxyRequire', 'allow', 'unsupported',
] as const satisfies readonly (keyof SipRequest)[];

/**
 * What a UAS owes a request before it looks at its own state, in this order: version, size, framing, headers, CSeq method,
 * scheme, extensions, method, content (RFC 3261 sections 8.2.1 to 8.2.3 and 16.3). `undefined` when nothing is wrong; then no
 * typed getter of the request throws.
 */
export function validateRequest(request: SipRequest, policy: UasPolicy = defaultPolicy, framing: Framing = 'datagram'): Refusal | undefined {
  if (request.version.toUpperCase() !== 'SIP/2.0') {
    const { end } = request.startLineRange;
    const range = { start: end - request.version.length, end };
    return refuse(505, range, 'the version is SIP/2.0 (RFC 3261 section 21.5.6)');
  }
  const tooMuch = refuseSize(request, policy.sizes ?? defaultSizes);
  if (tooMuch !== undefined) return tooMuch;
  const fault = formFault(request, framing);
  if (fault !== undefined) return { status: 400, ...fault };
  return (
    refuseMethodMismatch(request, policy) ??
    refuseUri(request, policy) ??
    refuseReferral(request) ??
    refuseExtensions(request, policy) ??
    refuseMethod(request, policy) ??
    refuseContent(request, policy)
  );
}

/**
 * What makes a UAC drop a response without a word: bad form as for requests, or more than one Via, which means that it was
 * meant for somebody else (RFC 3261 section 8.1.3.3).
 */
export function validateResponse(response: SipResponse, framing: Framing = 'datagram'): Fault | undefined {
  if (response.version.toUpperCase() !== 'SIP/2.0') {
    return { range: response.startLineRange, rule: 'the version is SIP/2.0 (RFC 3261 section 7.2)' };
  }
  const fault = formFault(response, framing);
  if (fault !== undefined) return { range: fault.range, rule: fault.rule };
  const second = response.vias[1];
  return second && { range: second.range, rule: 'a response that has arrived has one Via (RFC 3261 section 8.1.3.3)' };
}

/** RFC 3261 sections 21.4.11 (413), 21.4.12 (414) and 21.5.7 (513). */
function refuseSize(request: SipRequest, sizes: MessageSizes): Refusal | undefined {
  const { requestUriRange, bodyRange } = request;
  if (requestUriRange.end - requestUriRange.start > sizes.requestUri) {
    return refuse(414, requestUriRange, `a Request-URI has ${String(sizes.requestUri)} octets at the most (RFC 3261 section 21.4.12)`);
  }
  if (bodyRange.start > sizes.headers) {
    const range = { start: 0, end: bodyRange.start };
    return refuse(513, range, `the headers have ${String(sizes.headers)} octets at the most (RFC 3261 section 21.5.7)`);
  }
  // What is promised counts as well: on a stream nobody waits for the rest of a body that will not be taken.
  const promised = promisedLength(request);
  if (Math.max(promised, bodyRange.end - bodyRange.start) <= sizes.body) return undefined;
  const range = promised > sizes.body ? (request.headerRange('content-length') ?? bodyRange) : bodyRange;
  return refuse(413, range, `a body has ${String(sizes.body)} octets at the most (RFC 3261 section 21.4.11)`);
}

function promisedLength(request: SipRequest): number {
  try {
    return request.contentLength ?? 0;
  } catch (error) {
    if (error instanceof SipHeaderError) return 0;
    throw error;
  }
}

/** Framing, presence, number and grammar of the headers. */
function formFault(message: SipMessage, framing: Framing): FormFault | undefined {
  for (const { code, range } of message.notes) {
    const words = fatalNotes.get(code);
    if (words !== undefined) return { range, rule: words[0], reason: words[1] };
    if (code === 'no-content-length' && framing === 'stream') {
      const rule = 'a message on a stream says its Content-Length (RFC 3261 section 20.14)';
      return { range: message.startLineRange, rule, reason: 'Missing Content-Length' };
    }
  }
  for (const name of single) {
    const range = message.headerRange(name, 1);
    if (range === undefined) continue;
    return { range, rule: `there is one ${name} header (RFC 3261 section 7.3.1)`, reason: `More Than One ${headerTitle(name)}` };
  }
  try {
    for (const getter of getters) Reflect.get(message, getter);
  } catch (error) {
    if (!(error instanceof SipHeaderError)) throw error;
    const reason = `${error.code === 'missing' ? 'Missing' : 'Malformed'} ${headerTitle(error.header)}`;
    return { range: error.range, rule: `${error.header}: ${error.message} (RFC 3261 section 20)`, reason };
  }
  return undefined;
}

/** A header's name as people write it: `Call-ID`, `Max-Forwards`. */
function headerTitle(canonical: string): string {
  if (canonical === 'call-id') return 'Call-ID';
  if (canonical === 'cseq') return 'CSeq';
  return canonical.replace(/\b[a-z]/gu, (letter) => letter.toUpperCase());
}

/** For a method nobody knows 501 says more than 400 (RFC 4475 section 3.1.2.18). */
function refuseMethodMismatch(request: SipRequest, policy: UasPolicy): Refusal | undefined {
  if (request.cseq.method === request.method) return undefined;
  if (!isKnown(request.method, policy)) return refuseMethod(request, policy);
  const range = request.headerRange('cseq') ?? request.startLineRange;
  return refuse(400, range, 'CSeq names the method of the request (RFC 3261 section 8.1.1.5)');
}

function refuseUri(request: SipRequest, policy: UasPolicy): Refusal | undefined {
  const range = request.requestUriRange;
  try {
    if (!isSipUri(request.uri)) return refuse(416, range, 'the Request-URI has a scheme this UAS serves (RFC 3261 section 8.2.2.1)');
    if (request.uri.scheme === 'sips' && policy.sips === false) {
      return refuse(480, range, 'a sips: URI is served where every hop is secured (RFC 5630 section 3.1.3)', [
        ['Warning', '380 call-lab "SIPS Not Allowed"'],
      ]);
    }
    if (request.uri.headers.length > 0) return refuse(400, range, 'a Request-URI has no header part (RFC 3261 section 19.1.1)');
  } catch (error) {
    if (!(error instanceof SipHeaderError)) throw error;
    return refuse(400, error.range, `Request-URI: ${error.message} (RFC 3261 section 19.1.1)`);
  }
  if (request.method === 'REGISTER' && !isSipUri(request.to.uri)) {
    return refuse(400, request.to.range, 'the To of a REGISTER is a SIP or SIPS URI (RFC 3261 section 10.2)');
  }
  return undefined;
}

/** A REFER says where to in one Refer-To (RFC 3515 section 2.4.2); only an INVITE replaces, and then it does not join. */
function refuseReferral(request: SipRequest): Refusal | undefined {
  if (request.method === 'REFER' && request.referTo === undefined) {
    return refuse(400, request.startLineRange, 'a REFER has one Refer-To (RFC 3515 section 2.4.2)');
  }
  const replaces = request.headerRange('replaces');
  if (replaces === undefined) return undefined;
  if (request.method !== 'INVITE') return refuse(400, replaces, 'Replaces stands in an INVITE only (RFC 3891 section 3)');
  const join = request.headerRange('join');
  return join && refuse(400, join, 'Replaces and Join exclude each other (RFC 3891 section 3)');
}

/** RFC 3261 section 8.2.2.3; Require means nothing in ACK and CANCEL. */
function refuseExtensions(request: SipRequest, policy: UasPolicy): Refusal | undefined {
  if (request.method === 'ACK' || request.method === 'CANCEL') return undefined;
  const unknown = request.require.filter((tag) => !policy.extensions.includes(tag.toLowerCase()));
  if (unknown.length === 0) return undefined;
  const range = request.headerRange('require') ?? request.startLineRange;
  return refuse(420, range, 'the required extensions are understood (RFC 3261 section 8.2.2.3)', [['Unsupported', unknown.join(', ')]]);
}

/** RFC 3261 sections 8.2.1, 21.4.6 and 21.5.2. */
function refuseMethod(request: SipRequest, policy: UasPolicy): Refusal | undefined {
  if (policy.methods.includes(request.method)) return undefined;
  const { start } = request.startLineRange;
  const range = { start, end: start + request.method.length };
  const allow: HeaderFields = [['Allow', policy.methods.join(', ')]];
  if (isKnown(request.method, policy)) return refuse(405, range, 'the method is served here (RFC 3261 section 8.2.1)', allow);
  return refuse(501, range, 'the method is known (RFC 3261 section 21.5.2)', allow);
}

function isKnown(method: string, policy: UasPolicy): boolean {
  return policy.methods.includes(method) || registeredMethods.some((known) => known === method);
}

/** RFC 3261 sections 8.2.3, 20.1 and 21.4.13. */
function refuseContent(request: SipRequest, policy: UasPolicy): Refusal | undefined {
  if (request.method !== 'INVITE' && request.method !== 'UPDATE' && request.method !== 'PRACK') return undefined;
  const accept: HeaderFields = [['Accept', policy.sessionTypes.join(', ')]];
  const optional = /;\s*handling\s*=\s*optional/i.test(request.header('content-disposition') ?? '');
  if (request.body.length > 0 && !optional) {
    const encoding = request.header('content-encoding');
    if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
      const range = request.headerRange('content-encoding') ?? request.bodyRange;
      return refuse(415, range, 'the content is not encoded (RFC 3261 section 8.2.3)', [['Accept-Encoding', 'identity']]);
    }
    if (!policy.sessionTypes.includes(request.contentType ?? '')) {
      const range = request.headerRange('content-type') ?? request.bodyRange;
      return refuse(415, range, 'the content has a type this UAS understands (RFC 3261 section 8.2.3)', accept);
    }
  }
  if (request.method !== 'INVITE' || acceptsAny(request, policy.sessionTypes)) return undefined;
  const range = request.headerRange('accept') ?? request.startLineRange;
  return refuse(406, range, 'the answer has a type the caller accepts (RFC 4475 section 3.3.15)', [
    ['Warning', '399 call-lab "Accept leaves out every session description"'],
  ]);
}

/** Without Accept a session description is acceptable (RFC 3261 section 20.1). */
function acceptsAny(request: SipRequest, types: readonly string[]): boolean {
  if (request.header('accept') === undefined) return true;
  return request.headerValues('accept').some((value) => {
    const range = (value.split(';')[0] ?? '').replace(/\s/g, '').toLowerCase();
    return types.some((type) => range === '*/*' || range === type || range === `${type.split('/')[0]}/*`);
  });
}

function refuse(status: number, range: ByteRange, rule: string, headers?: HeaderFields): Refusal {
  return { status, reason: reasonPhrase(status), range, rule, ...(headers !== undefined && { headers }) };
}
