import { parseUri, type SipUri } from '../message';

/**
 * `uri` as it may stand in a Request-URI: without the header part and the method parameter, all else as it was written
 * (RFC 3261 sections 19.1.1, table 1, and 19.1.5).
 */
export function asRequestUri(uri: SipUri): SipUri {
  if (uri.headers.length === 0 && !uri.params.has('method')) return uri;
  const text = uri.toString();
  // User information may hold `;` and `?`; the first `@` ends it.
  const hostStart = text.indexOf('@') + 1;
  const [hostAndParameters = ''] = text.slice(hostStart).split('?', 1);
  const parts = hostAndParameters.split(';').filter((part, index) => index === 0 || !/^method(?:=|$)/iu.test(part));
  return parseUri(text.slice(0, hostStart) + parts.join(';'));
}
