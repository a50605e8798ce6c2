/**
 * Whether a certificate is for `host` as SIP reads it (RFC 5922 sections 7.1 and 7.2): a SIP URI in subjectAltName decides
 * when there is one, else the DNS names and addresses there; only a certificate without any of these goes by its common
 * name. There are no wildcards in SIP.
 *
 * @param alternatives As Node writes them: `DNS:example.org, URI:sip:example.org, IP Address:127.0.0.1`.
 */
export function namesHost(host: string, alternatives: string, commonName: string | string[] | undefined): boolean {
  const names = readAlternatives(alternatives);
  const wanted = comparable(host);
  const uris = names.filter(({ kind, value }) => kind === 'URI' && /^sip:/i.test(value));
  // RFC 5922 7.1: a URI with a user part names a person, not a domain.
  if (uris.length > 0) return uris.some(({ value }) => !value.includes('@') && comparable(value.slice(4)) === wanted);
  const others = names.filter(({ kind }) => kind === 'DNS' || kind === 'IP Address');
  if (others.length > 0) return others.some(({ value }) => comparable(value) === wanted);
  return [commonName ?? []].flat().some((name) => comparable(name) === wanted);
}

function readAlternatives(text: string): { readonly kind: string; readonly value: string }[] {
  // A value that holds a comma or a quote is written as a JSON string (Node's answer to CVE-2021-44532).
  const pattern = /\s*(?<kind>[^:,]+):(?:(?<quoted>"(?:[^"\\]|\\.)*")|(?<plain>[^,]*))(?:,|$)/gy;
  return [...text.matchAll(pattern)].map(({ groups }) => ({
    kind: groups?.['kind'] ?? '',
    value: groups?.['quoted'] === undefined ? (groups?.['plain'] ?? '') : String(JSON.parse(groups['quoted'])),
  }));
}

/** Names are compared without case; IPv6 as the URL parser writes it. */
function comparable(name: string): string {
  const bare = name.trim().replace(/^\[|\]$/g, '');
  if (!bare.includes(':') || !URL.canParse(`http://[${bare}]`)) return bare.toLowerCase();
  return new URL(`http://[${bare}]`).hostname.slice(1, -1);
}
