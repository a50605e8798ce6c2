import { type DigestAlgorithm, findAlgorithm } from './algorithm';
import { parseAuthHeader } from './parameters';

/** The qualities of protection: `auth` covers method and URI, `auth-int` the body too (RFC 7616 section 3.4). */
export type QualityOfProtection = 'auth' | 'auth-int';

/** A digest challenge that this engine can answer. Quoted values are kept as they stood between their quotes. */
export interface Challenge {
  /** Where the answer goes: 401 is answered in Authorization, 407 in Proxy-Authorization. */
  readonly header: 'Authorization' | 'Proxy-Authorization';
  readonly realm: string;
  readonly nonce: string;
  readonly opaque: string | undefined;
  /** The nonce grew old, the password was right: try again at once (RFC 7616 section 3.3). */
  readonly stale: boolean;
  readonly algorithm: DigestAlgorithm;
  /** As the challenge wrote it; `undefined` when it named none. */
  readonly algorithmName: string | undefined;
  /** What the server offers and we know; empty when it offers none, as before RFC 2617. */
  readonly qop: readonly QualityOfProtection[];
}

/** Where headers are read from; a SipRequest or a SipResponse. */
export interface HeaderSource {
  headerValues(name: string): readonly string[];
}

/**
 * The challenges of a 401 or 407 that can be answered, in the server's order, which is its order of preference (RFC
 * 8760 section 2.4). Others are left out: another scheme (Basic is never answered, RFC 3261 section 22.1), an unknown
 * algorithm, no quality of protection that we know, or not the grammar.
 */
export function parseChallenges(response: HeaderSource): Challenge[] {
  const www = response.headerValues('www-authenticate').map((value) => parseChallenge(value, 'Authorization'));
  const proxy = response
    .headerValues('proxy-authenticate')
    .map((value) => parseChallenge(value, 'Proxy-Authorization'));
  return [...www, ...proxy].filter((challenge) => challenge !== undefined);
}

function parseChallenge(value: string, header: Challenge['header']): Challenge | undefined {
  const parsed = parseAuthHeader(value);
  if (parsed?.scheme !== 'digest') return undefined;
  const read = (name: string): string | undefined => parsed.parameters.get(name);
  const realm = read('realm');
  const nonce = read('nonce');
  const algorithm = findAlgorithm(read('algorithm'));
  if (realm === undefined || nonce === undefined || algorithm === undefined) return undefined;
  const offered = (read('qop') ?? '')
    .toLowerCase()
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
  const qop = offered.filter((each) => each === 'auth' || each === 'auth-int');
  if (offered.length > 0 && qop.length === 0) return undefined;
  return {
    header,
    realm,
    nonce,
    opaque: read('opaque'),
    stale: read('stale')?.toLowerCase() === 'true',
    algorithm,
    algorithmName: read('algorithm'),
    qop,
  };
}
