import { createHash } from 'node:crypto';

/** The digest algorithms of RFC 8760 section 2.1, as they are written. */
export type DigestAlgorithm = 'MD5' | 'MD5-sess' | 'SHA-256' | 'SHA-256-sess' | 'SHA-512-256' | 'SHA-512-256-sess';

/** Their hash functions, by the names of node:crypto. */
const hashNames: Readonly<Record<DigestAlgorithm, string>> = {
  MD5: 'md5',
  'MD5-sess': 'md5',
  'SHA-256': 'sha256',
  'SHA-256-sess': 'sha256',
  'SHA-512-256': 'sha512-256',
  'SHA-512-256-sess': 'sha512-256',
};

const byLowerCase: ReadonlyMap<string, DigestAlgorithm> = new Map(
  (Object.keys(hashNames) as DigestAlgorithm[]).map((algorithm) => [algorithm.toLowerCase(), algorithm]),
);

/** The algorithm of that name, compared without case. None named means MD5 (RFC 7616 section 3.3). */
export function findAlgorithm(name: string | undefined): DigestAlgorithm | undefined {
  return name === undefined ? 'MD5' : byLowerCase.get(name.toLowerCase());
}

/** Lower-case hexadecimal digits (RFC 7616 section 3.1.3). Text is hashed as UTF-8. */
export function hash(algorithm: DigestAlgorithm, data: string | Uint8Array): string {
  return createHash(hashNames[algorithm]).update(data).digest('hex');
}
