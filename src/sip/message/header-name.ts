/** What is known about a header. For a registered name there is one such object only: compare them with `===`. */
export interface HeaderName {
  /** The long name in lower case. */
  readonly canonical: string;
  /** Whether commas separate values, so that several fields and one field with commas mean the same. */
  readonly list: boolean;
  /** Whether it is one of those listed here. */
  readonly registered: boolean;
}

const compactForms = {
  a: 'Accept-Contact',
  b: 'Referred-By',
  c: 'Content-Type',
  d: 'Request-Disposition',
  e: 'Content-Encoding',
  f: 'From',
  i: 'Call-ID',
  j: 'Reject-Contact',
  k: 'Supported',
  l: 'Content-Length',
  m: 'Contact',
  n: 'Identity-Info',
  o: 'Event',
  r: 'Refer-To',
  s: 'Subject',
  t: 'To',
  u: 'Allow-Events',
  v: 'Via',
  x: 'Session-Expires',
  y: 'Identity',
} as const;

const listHeaders = [
  'Accept', 'Accept-Contact', 'Accept-Encoding', 'Accept-Language', 'Alert-Info', 'Allow', 'Allow-Events', 'Call-Info',
  'Contact', 'Content-Encoding', 'Content-Language', 'Diversion', 'Error-Info', 'History-Info', 'In-Reply-To', 'Path',
  'P-Asserted-Identity', 'P-Preferred-Identity', 'Proxy-Require', 'Reason', 'Record-Route', 'Reject-Contact', 'Require',
  'Route', 'Service-Route', 'Supported', 'Unsupported', 'Via', 'Warning',
] as const;

const plainHeaders = [
  'Authorization', 'Call-ID', 'Content-Disposition', 'Content-Length', 'Content-Type', 'CSeq', 'Date', 'Event', 'Expires',
  'From', 'Identity', 'Identity-Info', 'Max-Forwards', 'MIME-Version', 'Min-Expires', 'Min-SE', 'Organization', 'Priority',
  'Privacy', 'Proxy-Authenticate', 'Proxy-Authorization', 'RAck', 'Refer-Sub', 'Refer-To', 'Referred-By', 'Replaces',
  'Request-Disposition', 'Retry-After', 'RSeq', 'Server', 'Session-Expires', 'Subject', 'Subscription-State',
  'Target-Dialog', 'Timestamp', 'To', 'User-Agent', 'WWW-Authenticate',
] as const;

interface Spelling {
  readonly text: string;
  readonly name: HeaderName;
}

/**
 * Every spelling that is met often (as registered, in lower case, compact) by its length and first letter: few enough in one
 * place to compare them, which takes half the time of hashing a string just cut out of a message.
 */
const spellings: readonly (readonly Spelling[] | undefined)[] = collectSpellings();

function collectSpellings(): Spelling[][] {
  const found: Spelling[][] = [];
  const add = (text: string, name: HeaderName): void => void (found[bucketOf(text)] ??= []).push({ text, name });
  const compactOf = new Map(Object.entries(compactForms).map(([compact, registered]) => [registered as string, compact]));
  const addAll = (registered: readonly string[], list: boolean): void => {
    for (const text of registered) {
      const canonical = text.toLowerCase();
      const name: HeaderName = { canonical, list, registered: true };
      const compact = compactOf.get(text);
      add(text, name);
      add(canonical, name);
      if (compact !== undefined) {
        add(compact, name);
        add(compact.toUpperCase(), name);
      }
    }
  };
  addAll(listHeaders, true);
  addAll(plainHeaders, false);
  return Array.from(found, (bucket: Spelling[] | undefined) => bucket ?? []);
}

function bucketOf(text: string): number {
  return (text.length << 5) | (text.charCodeAt(0) & 0x1f);
}

/** The header of this name in one of its usual spellings; for others ask {@link headerName}. */
export function usualHeaderName(text: string): HeaderName | undefined {
  const bucket = spellings[bucketOf(text)];
  if (bucket === undefined) return undefined;
  for (const spelling of bucket) {
    if (spelling.text === text) return spelling.name;
  }
  return undefined;
}

/** The header of this name, compact or long, in any case (RFC 3261 section 7.3.3). An unknown one is never a list. */
export function headerName(text: string): HeaderName {
  const usual = usualHeaderName(text);
  if (usual !== undefined) return usual;
  const canonical = text.toLowerCase();
  return usualHeaderName(canonical) ?? { canonical, list: false, registered: false };
}

/** The long name in lower case of any spelling: `v` and `VIA` give `via`. */
export function canonicalName(text: string): string {
  return headerName(text).canonical;
}

/** The headers that messages decode themselves. */
export const names = {
  allow: headerName('allow'),
  callId: headerName('call-id'),
  contact: headerName('contact'),
  contentLength: headerName('content-length'),
  contentType: headerName('content-type'),
  cseq: headerName('cseq'),
  event: headerName('event'),
  expires: headerName('expires'),
  from: headerName('from'),
  maxForwards: headerName('max-forwards'),
  path: headerName('path'),
  proxyRequire: headerName('proxy-require'),
  recordRoute: headerName('record-route'),
  referTo: headerName('refer-to'),
  referredBy: headerName('referred-by'),
  replaces: headerName('replaces'),
  require: headerName('require'),
  retryAfter: headerName('retry-after'),
  route: headerName('route'),
  serviceRoute: headerName('service-route'),
  subscriptionState: headerName('subscription-state'),
  supported: headerName('supported'),
  timestamp: headerName('timestamp'),
  to: headerName('to'),
  unsupported: headerName('unsupported'),
  via: headerName('via'),
} as const;
