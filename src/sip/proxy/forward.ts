import { routeRequest } from '../dialog';
import { passOn, type SipRequest } from '../message';
import type { Hop } from '../transaction';
import type { ProxyServices } from './services';
import type { Target } from './targets';

/** What a request is passed on with. */
export interface Forwarding {
  readonly hop: Hop;
  /** The request with our Via on top: RFC 3261 section 16.6 steps 1 to 9. */
  readonly compose: (via: string) => SipRequest;
}

/** How many hops a request may still make that does not say so (RFC 3261 section 16.6 step 3). */
const usualMaxForwards = 70;

/** Requests outside a dialog that make one (RFC 3261 section 12.1, RFC 6665, RFC 3515). */
const dialogForming: ReadonlySet<string> = new Set(['INVITE', 'SUBSCRIBE', 'REFER']);

export interface ForwardingOptions {
  readonly request: SipRequest;
  readonly source: Hop;
  readonly target: Target;
  /** For RFC 5393 section 5.3; undefined where the request is not forked by us and says nothing of it. */
  readonly maxBreadth: number | undefined;
}

/** Prepares a copy of a request for one target. Throws CL2002 when the target is nothing that can be sent to. */
export function forwardTo(services: ProxyServices, { request, source, target, maxBreadth }: ForwardingOptions): Forwarding {
  const routed = routeRequest(target.uri, target.routes);
  const hop = target.flow ?? routed.hop;
  return {
    hop,
    compose: (via) =>
      passOn(request, {
        uri: routed.uri,
        via,
        source,
        maxForwards: (request.maxForwards ?? usualMaxForwards + 1) - 1,
        routes: routed.routes,
        recordRoutes: recordRoutes(services, request, source, hop),
        paths: paths(services, request, source),
        replaced: maxBreadth === undefined ? [] : [['Max-Breadth', String(maxBreadth)]],
      }),
  };
}

/** RFC 3261 section 16.6 step 4. Where the transport changes, one for each side, so that neither has to guess the other's. */
function recordRoutes({ names, recordRoute }: ProxyServices, request: SipRequest, source: Hop, hop: Hop): readonly string[] {
  if (!recordRoute || !makesDialog(request)) return [];
  const inbound = names.route(source.transport);
  return hop.transport === source.transport ? [inbound] : [names.route(hop.transport), inbound];
}

/**
 * A NOTIFY carries the tag of a SUBSCRIBE and yet makes the subscriber's dialog, route set and all: RFC 6665 section 4.3
 * wants every one recorded.
 */
function makesDialog({ method, toTag }: SipRequest): boolean {
  return method === 'NOTIFY' || (toTag === undefined && dialogForming.has(method));
}

/** RFC 3327 section 5.2: who registers elsewhere through us is reached through us. */
function paths({ names }: ProxyServices, request: SipRequest, source: Hop): readonly string[] {
  if (request.method !== 'REGISTER') return [];
  const knowsPath = request.headerValues('Supported').some((tag) => tag.toLowerCase() === 'path');
  return knowsPath ? [names.route(source.transport)] : [];
}
