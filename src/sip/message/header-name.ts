/** Compact header names and their long forms, as registered with IANA. */
const compactForms: Readonly<Record<string, string>> = {
  a: 'accept-contact',
  b: 'referred-by',
  c: 'content-type',
  d: 'request-disposition',
  e: 'content-encoding',
  f: 'from',
  i: 'call-id',
  j: 'reject-contact',
  k: 'supported',
  l: 'content-length',
  m: 'contact',
  n: 'identity-info',
  o: 'event',
  r: 'refer-to',
  s: 'subject',
  t: 'to',
  u: 'allow-events',
  v: 'via',
  x: 'session-expires',
  y: 'identity',
};

/** Headers whose value is a comma list, so that several fields and one field with commas mean the same. */
const listHeaders: ReadonlySet<string> = new Set([
  'accept', 'accept-contact', 'accept-encoding', 'accept-language', 'alert-info', 'allow', 'allow-events', 'call-info',
  'contact', 'content-encoding', 'content-language', 'diversion', 'error-info', 'history-info', 'in-reply-to', 'path',
  'p-asserted-identity', 'p-preferred-identity', 'proxy-require', 'reason', 'record-route', 'reject-contact', 'require',
  'route', 'service-route', 'supported', 'unsupported', 'via', 'warning',
]);

/** The usual spellings of further headers that are no lists. */
const plainHeaders = [
  'Authorization', 'CSeq', 'Call-ID', 'Content-Disposition', 'Content-Length', 'Content-Type', 'Date', 'Event', 'Expires',
  'From', 'Max-Forwards', 'MIME-Version', 'Min-Expires', 'Min-SE', 'Organization', 'Priority', 'Privacy',
  'Proxy-Authenticate', 'Proxy-Authorization', 'RAck', 'RSeq', 'Refer-Sub', 'Refer-To', 'Referred-By', 'Replaces',
  'Retry-After', 'Server', 'Session-Expires', 'Subject', 'Subscription-State', 'Target-Dialog', 'Timestamp', 'To',
  'User-Agent', 'WWW-Authenticate',
];

/** Spelling as met on the wire to canonical name, for all that is met often; the rest is folded to lower case first. */
const spellings: ReadonlyMap<string, string> = new Map([
  ...plainHeaders.flatMap(spellingsOf),
  ...[...listHeaders].flatMap((name) => spellingsOf(name.replace(/(^|-)[a-z]/g, (start) => start.toUpperCase()))),
  ...Object.entries(compactForms).flatMap(([compact, long]): [string, string][] => [
    [compact, long],
    [compact.toUpperCase(), long],
  ]),
]);

function spellingsOf(name: string): [string, string][] {
  const canonical = name.toLowerCase();
  return [name, canonical].map((spelling) => [spelling, canonical]);
}

/** The canonical name of a header written as people usually write it, or `undefined`: ask {@link canonicalName} then. */
export function usualName(name: string): string | undefined {
  return spellings.get(name);
}

/** The long name in lower case of any spelling, compact or long (RFC 3261 section 7.3.3). */
export function canonicalName(name: string): string {
  const known = spellings.get(name);
  if (known !== undefined) return known;
  const lower = name.toLowerCase();
  return spellings.get(lower) ?? lower;
}

/** Whether commas separate values in this header (canonical name). Unknown headers are never split. */
export function isListHeader(canonical: string): boolean {
  return listHeaders.has(canonical);
}
