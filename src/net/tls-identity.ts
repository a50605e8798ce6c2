import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { ConnectionOptions, PeerCertificate, TlsOptions } from 'node:tls';
import { generate } from 'selfsigned';
import { namesHost } from './certificate-names';

/** Whose TLS certificates are accepted besides the lab's own. */
export type TlsTrust =
  /** Anybody's: for peers whose certificates nobody can check. */
  | 'anyone'
  /** Those of these authorities, or these very certificates, in PEM; and only for the name that was dialled. */
  | { readonly certificates: readonly string[] };

interface KeyPair {
  readonly key: string;
  readonly certificate: string;
}

/** As long as a lab may run. */
const validity = 30 * 24 * 3_600_000;

/** Loopback addresses that phones of a lab commonly have; the certificate names them, so that strangers can check it. */
const loopbackAddresses = [...Array.from({ length: 32 }, (_, index) => `127.0.0.${index + 1}`), '::1'];

/**
 * Who this process is towards its TLS peers: a key and a certificate of its own, made when first needed and kept in memory
 * only; and whom it believes.
 */
export class TlsIdentity {
  readonly #trust: TlsTrust | undefined;
  #own: Promise<KeyPair> | undefined;

  constructor(trust?: TlsTrust) {
    this.#trust = trust;
  }

  /** What a server needs. It asks no client for a certificate (RFC 3261 section 26.3.1: clients of phones have none). */
  async serverOptions(): Promise<TlsOptions> {
    const { key, certificate } = await this.#pair();
    return { key, cert: certificate, minVersion: 'TLSv1.2' };
  }

  /** What a client needs to reach `serverName`: the handshake fails when the certificate is not to be believed. */
  async clientOptions(serverName: string): Promise<ConnectionOptions> {
    const { certificate } = await this.#pair();
    const own = new X509Certificate(certificate).fingerprint256;
    const trusted = this.#trust !== undefined && this.#trust !== 'anyone' ? this.#trust.certificates : [];
    return {
      minVersion: 'TLSv1.2',
      ca: [certificate, ...trusted],
      rejectUnauthorized: this.#trust !== 'anyone',
      ...(isIP(serverName) === 0 && { servername: serverName }),
      // Our own certificate is good for every phone of this lab, wherever it listens.
      checkServerIdentity: (_, peer) => (peer.fingerprint256 === own ? undefined : refuseName(serverName, peer)),
    };
  }

  #pair(): Promise<KeyPair> {
    this.#own ??= makeKeyPair();
    return this.#own;
  }
}

function refuseName(host: string, { subjectaltname, subject }: PeerCertificate): Error | undefined {
  if (namesHost(host, subjectaltname ?? '', subject.CN)) return undefined;
  return new Error(`its certificate is for ${subjectaltname ?? String(subject.CN)}, not for ${host}`);
}

async function makeKeyPair(): Promise<KeyPair> {
  const now = Date.now();
  const made = await generate([{ name: 'commonName', value: 'Call Lab' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    // A peer whose clock is a little slow should not find it too young.
    notBeforeDate: new Date(now - 3_600_000),
    notAfterDate: new Date(now + validity),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
      {
        name: 'subjectAltName',
        altNames: [{ type: 2, value: 'localhost' }, ...loopbackAddresses.map((ip) => ({ type: 7 as const, ip }))],
      },
    ],
  });
  return { key: made.private, certificate: made.cert };
}
