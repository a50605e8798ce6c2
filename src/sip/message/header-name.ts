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

/** By every spelling that is met often: as registered, in lower case, and compact. */
const spellings: ReadonlyMap<string, HeaderName> = collectSpellings();

function collectSpellings(): Map<string, HeaderName> {
  const names = new Map<string, HeaderName>();
  const add = (registered: string, list: boolean): void => {
    const name: HeaderName = { canonical: registered.toLowerCase(), list, registered: true };
    names.set(registered, name).set(name.canonical, name);
  };
  for (const registered of listHeaders) add(registered, true);
  for (const registered of plainHeaders) add(registered, false);
  for (const [compact, registered] of Object.entries(compactForms)) {
    const name = names.get(registered);
    if (name !== undefined) names.set(compact, name).set(compact.toUpperCase(), name);
  }
  return names;
}

/** The header of this name in one of its usual spellings; for others ask {@link headerName}. */
export function usualHeaderName(name: string): HeaderName | undefined {
  return spellings.get(name);
}

/** The header of this name, compact or long, in any case (RFC 3261 section 7.3.3). An unknown one is never a list. */
export function headerName(name: string): HeaderName {
  const usual = spellings.get(name);
  if (usual !== undefined) return usual;
  const canonical = name.toLowerCase();
  return spellings.get(canonical) ?? { canonical, list: false, registered: false };
}

/** The long name in lower case of any spelling: `v` and `VIA` give `via`. */
export function canonicalName(name: string): string {
  return headerName(name).canonical;
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
  proxyRequire: headerName('proxy-require'),
  recordRoute: headerName('record-route'),
  referTo: headerName('refer-to'),
  referredBy: headerName('referred-by'),
  replaces: headerName('replaces'),
  require: headerName('require'),
  retryAfter: headerName('retry-after'),
  route: headerName('route'),
  subscriptionState: headerName('subscription-state'),
  supported: headerName('supported'),
  timestamp: headerName('timestamp'),
  to: headerName('to'),
  unsupported: headerName('unsupported'),
  via: headerName('via'),
} as const;
