import type { SipUri } from './uri';

/** Parameters that must be equal when either URI has them (RFC 3261 section 19.1.4). */
const mustMatch = ['user', 'ttl', 'method', 'maddr', 'transport'] as const;
const ESCAPE = /%([0-9A-Fa-f]{2})/g;
const RESERVED = ';/?:@&=+$,';

/**
 * Whether two URIs are the same by RFC 3261 section 19.1.4: an explicit 5060 differs from no port, user and password keep
 * their case, a parameter in one only does not matter unless it is one of five, header parts must match entirely. URIs of
 * other schemes are compared as text.
 */
export function uriEquals(a: SipUri, b: SipUri): boolean {
  if (a.scheme !== b.scheme || a.opaque !== b.opaque) return false;
  if (a.opaque !== undefined) return true;
  if (a.host.toLowerCase() !== b.host.toLowerCase() || a.port !== b.port) return false;
  return comparableUser(a) === comparableUser(b) && paramsEqual(a, b) && headersEqual(a, b);
}

/** User and password with every escape resolved that does not change the meaning: those of reserved characters stay. */
function comparableUser(uri: SipUri): string | undefined {
  if (uri.user === undefined) return undefined;
  const text = uri.toString();
  return text.slice(text.indexOf(':') + 1, text.indexOf('@')).replace(ESCAPE, (escape, digits: string) => {
    const letter = String.fromCharCode(parseInt(digits, 16));
    return RESERVED.includes(letter) ? escape.toUpperCase() : letter;
  });
}

function paramsEqual(a: SipUri, b: SipUri): boolean {
  for (const name of mustMatch) {
    if (a.params.has(name) !== b.params.has(name)) return false;
  }
  for (const [name, value] of a.params) {
    if (b.params.has(name) && b.params.get(name)?.toLowerCase() !== value?.toLowerCase()) return false;
  }
  return true;
}

function headersEqual(a: SipUri, b: SipUri): boolean {
  if (a.headers.length !== b.headers.length) return false;
  const rest = b.headers.map(([name, value]) => `${name.toLowerCase()}=${value}`).sort();
  return a.headers.map(([name, value]) => `${name.toLowerCase()}=${value}`).sort().every((field, index) => field === rest[index]);
}
