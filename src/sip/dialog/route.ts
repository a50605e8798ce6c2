import { CallLabError } from '../../core';
import { isSipUri, type NameAddr, parseUri, type SipUri, uriAddress } from '../message';
import type { Hop } from '../transaction';
import { asRequestUri } from './request-uri';

/** How a request leaves: what stands in its Request-URI and its Route headers, and where it is sent. */
export interface Routed {
  readonly uri: string;
  /** Values of Route, in order. */
  readonly routes: readonly string[];
  readonly hop: Hop;
}

/**
 * Routes a request to `target` through `routeSet` (`<sip:proxy;lr>`, ...): loose routing keeps the target in the
 * Request-URI, a strict router wants to find itself there and the target last in Route (RFC 3261 sections 8.1.2 and
 * 12.2.1.1). Outside a dialog the route set is preloaded: an outbound proxy, and the Service-Route of a registration (RFC
 * 3608 section 5). Throws CL2002 when the way leads to something that is no SIP address.
 */
export function routeRequest(target: SipUri, routeSet: readonly string[]): Routed {
  const [first, ...rest] = routeSet;
  if (first === undefined) return { uri: asRequestUri(target).toString(), routes: [], hop: hopTo(target) };
  const firstUri = parseUri(withoutBrackets(first));
  const hop = hopTo(firstUri);
  if (firstUri.params.has('lr')) return { uri: asRequestUri(target).toString(), routes: routeSet, hop };
  return { uri: asRequestUri(firstUri).toString(), routes: [...rest, `<${asRequestUri(target).toString()}>`], hop };
}

function hopTo(uri: SipUri): Hop {
  if (!isSipUri(uri)) throw new CallLabError('CL2002', `Nothing can be sent to ${uri.toString()}`);
  return uriAddress(uri);
}

/** The values of a header such as Path or Service-Route, as a Route header takes them. */
export function asRoutes(values: readonly NameAddr[]): readonly string[] {
  return values.map((value) => `<${value.uriText}>`);
}

function withoutBrackets(route: string): string {
  return /<(?<uri>[^>]*)>/u.exec(route)?.groups?.['uri'] ?? route;
}
