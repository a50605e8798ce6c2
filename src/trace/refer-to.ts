import { parseReplaces, parseUri, type Replaces, type SipMessage, type SipUri, uriAddress } from '../sip';
import type { SocketAddress } from '../net';
import { attempt } from './message';
import type { PartyUri } from './party';

/** Where a REFER or a redirection sends somebody. */
export interface Destination {
  readonly uri: SipUri;
  readonly party: PartyUri;
  /** Undefined when the host is a name: nobody looks names up. */
  readonly address: SocketAddress | undefined;
  readonly replaces: Replaces | undefined;
}

/** The Refer-To of a REFER, also when it lacks the brackets that its parameters demand (seen in the field). */
export function readReferTo(sip: SipMessage): Destination | undefined {
  const uri = attempt(() => sip.referTo?.uri) ?? attempt(() => parseUri(bareUri(sip.header('Refer-To') ?? '')));
  return uri === undefined ? undefined : destinationOf(uri);
}

export function destinationOf(uri: SipUri): Destination {
  const { host, port } = uriAddress(uri);
  const replaces = uri.headers.find(([name]) => name.toLowerCase() === 'replaces')?.[1];
  const withoutHeaders = uri.toString().split('?', 1)[0] ?? '';
  return {
    uri,
    party: { text: withoutHeaders, user: uri.user, host: uri.host },
    address: isAddress(host) ? { host, port } : undefined,
    replaces: replaces === undefined ? undefined : attempt(() => parseReplaces(replaces)),
  };
}

/**
 * Whether both URIs mean the same callee: a triggered INVITE may drop parameters, and write the port or leave it out.
 */
export function sameTarget(a: SipUri, b: SipUri): boolean {
  if (a.opaque !== undefined || b.opaque !== undefined) return a.opaque === b.opaque;
  const [left, right] = [uriAddress(a), uriAddress(b)];
  return a.user === b.user && left.host.toLowerCase() === right.host.toLowerCase() && left.port === right.port;
}

function bareUri(header: string): string {
  return /<([^>]*)>/.exec(header)?.[1] ?? header.trim();
}

function isAddress(host: string): boolean {
  return /^\d+\.\d+\.\d+\.\d+$/.test(host) || host.includes(':');
}
