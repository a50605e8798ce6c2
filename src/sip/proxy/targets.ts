import { asRequestUri } from '../dialog';
import type { SipRequest, SipUri } from '../message';
import { type Binding, type LocationService, recordKey } from '../registrar';
import type { Hop } from '../transaction';
import type { ProxyNames } from './names';

/** Where a request is to go, before anybody is looked up. */
export interface Destination {
  readonly uri: SipUri;
  /** Values of Route that are left, ours taken off. */
  readonly routes: readonly string[];
}

/** One place to pass a request on to. */
export interface Target extends Destination {
  /** 0 to 1, the higher the sooner. */
  readonly q: number;
  /** The flow it came in on, where nothing else leads to it (RFC 5626 section 5.3). */
  readonly flow: Hop | undefined;
}

/** How several targets are tried. */
export type Forking = 'parallel' | 'serial';

/** Takes our own part off the way of a request: RFC 3261 section 16.4. */
export function preprocess(request: SipRequest, names: ProxyNames): Destination {
  const values = request.headerValues('Route');
  const uris = request.routes.map((route) => route.uri);
  let { uri } = request;
  const last = uris.at(-1);
  // A strict router before us put what we had recorded into the Request-URI, and the target last.
  if (last !== undefined && uri.user === undefined && uri.params.has('lr') && names.isOurs(uri)) {
    uri = asRequestUri(last);
    uris.pop();
  }
  // Where the transport changes here, we stand in the route twice.
  const others = uris.findIndex((route) => !names.isOurs(route));
  const routes = others < 0 ? [] : values.slice(others, uris.length);
  return { uri, routes };
}

/**
 * The places a request may go to, in groups that are tried one after the other (RFC 3261 sections 16.5 and 16.6): who
 * registered under an address of record of ours, the preferred ones first; else simply where the request wants to go.
 */
export function findTargets(destination: Destination, names: ProxyNames, location: LocationService, forking: Forking): readonly (readonly Target[])[] {
  const { uri, routes } = destination;
  if (routes.length > 0 || !names.isOurs(uri) || uri.user === undefined) return [[{ ...destination, q: 1, flow: undefined }]];
  const targets = location.find(recordKey(uri.user, names.domain)).map((binding) => targetOf(binding));
  if (forking === 'serial') return targets.map((target) => [target]);
  const levels = [...new Set(targets.map(({ q }) => q))];
  return levels.map((level) => targets.filter(({ q }) => q === level));
}

function targetOf(binding: Binding): Target {
  const { contact, path, source, regId, q } = binding;
  // RFC 7118 5.2 and RFC 5626 5.3: nobody can connect to such a phone, so its own connection is used.
  const isFlowOnly = contact.host.toLowerCase().endsWith('.invalid') || (regId !== undefined && source.transport !== 'udp');
  return { uri: asRequestUri(contact), routes: path, q, flow: isFlowOnly && path.length === 0 ? source : undefined };
}
