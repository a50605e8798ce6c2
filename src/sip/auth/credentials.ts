import { type DigestAlgorithm, findAlgorithm } from './algorithm';
import { parseAuthHeader } from './parameters';

/** The contents of an Authorization or Proxy-Authorization header; quoted values as between their quotes. */
export interface Credentials {
  readonly username: string;
  readonly realm: string;
  readonly nonce: string;
  readonly uri: string;
  readonly response: string;
  /** `undefined` for one that we do not know. */
  readonly algorithm: DigestAlgorithm | undefined;
  /** In lower case; `undefined` for the form of RFC 2069. */
  readonly qop: string | undefined;
  readonly cnonce: string | undefined;
  readonly nonceCount: string | undefined;
}

/**
 * Reads digest credentials (RFC 3261 section 25.1). `undefined` for another scheme or what does not follow the grammar.
 */
export function parseCredentials(value: string): Credentials | undefined {
  const parsed = parseAuthHeader(value);
  if (parsed?.scheme !== 'digest') return undefined;
  const { parameters } = parsed;
  const [username, realm, nonce] = [parameters.get('username'), parameters.get('realm'), parameters.get('nonce')];
  const [uri, response] = [parameters.get('uri'), parameters.get('response')];
  if (username === undefined || realm === undefined || nonce === undefined) return undefined;
  if (uri === undefined || response === undefined) return undefined;
  return {
    username,
    realm,
    nonce,
    uri,
    response: response.toLowerCase(),
    algorithm: findAlgorithm(parameters.get('algorithm')),
    qop: parameters.get('qop')?.toLowerCase(),
    cnonce: parameters.get('cnonce'),
    nonceCount: parameters.get('nc'),
  };
}
