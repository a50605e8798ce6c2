import { isSipUri, type NoteCode, reasonPhrase, type Refusal, SipHeaderError, type SipRequest } from '../message';

/** Framing that leaves open where the message ends: passed on, it would mean something else to the next hop. */
const unsafe: ReadonlySet<NoteCode> = new Set<NoteCode>(['bad-content-length', 'two-content-lengths', 'body-too-short', 'start-line-blanks']);

/** All that a proxy reads; the rest of a request is no business of its (RFC 3261 section 16.3). */
const read = ['vias', 'topVia', 'from', 'to', 'callId', 'cseq', 'routes', 'maxForwards', 'proxyRequire'] as const satisfies readonly (keyof SipRequest)[];

/**
 * What a proxy owes a request before it passes it on, in this order: version, form, scheme, Proxy-Require. Undefined when
 * nothing is wrong; then none of what a proxy reads throws. RFC 3261 section 16.3 steps 1, 2 and 5.
 */
export function checkProxied(request: SipRequest): Refusal | undefined {
  if (request.version.toUpperCase() !== 'SIP/2.0') return refuse(505, request.startLineRange, 'the version is SIP/2.0 (RFC 3261 section 21.5.6)');
  const note = request.notes.find(({ code }) => unsafe.has(code));
  if (note !== undefined) return refuse(400, note.range, 'where the message ends must be plain (RFC 3261 section 18.3)');
  try {
    for (const getter of read) Reflect.get(request, getter);
  } catch (error) {
    if (!(error instanceof SipHeaderError)) throw error;
    return refuse(400, error.range, `${error.header}: ${error.message} (RFC 3261 section 16.3 step 1)`);
  }
  if (request.cseq.method !== request.method) {
    return refuse(400, request.headerRange('cseq') ?? request.startLineRange, 'CSeq names the method of the request (RFC 3261 section 8.1.1.5)');
  }
  return checkUri(request) ?? checkExtensions(request);
}

function checkUri(request: SipRequest): Refusal | undefined {
  const range = request.requestUriRange;
  try {
    return isSipUri(request.uri) ? undefined : refuse(416, range, 'the Request-URI has a scheme this proxy can route (RFC 3261 section 16.3 step 2)');
  } catch (error) {
    if (!(error instanceof SipHeaderError)) throw error;
    return refuse(400, range, `the Request-URI: ${error.message} (RFC 3261 section 16.3 step 1)`);
  }
}

function checkExtensions(request: SipRequest): Refusal | undefined {
  // RFC 3261 9.1, 17.1.1.3: ACK and CANCEL demand nothing; they go the way of their INVITE.
  if (request.proxyRequire.length === 0 || request.method === 'ACK' || request.method === 'CANCEL') return undefined;
  const range = request.headerRange('proxy-require') ?? request.startLineRange;
  const headers = [['Unsupported', request.proxyRequire.join(', ')]] as const;
  return { ...refuse(420, range, 'this proxy supports no extension that a proxy must (RFC 3261 section 16.3 step 5)'), headers };
}

function refuse(status: number, range: Refusal['range'], rule: string): Refusal {
  return { status, reason: reasonPhrase(status), range, rule };
}
