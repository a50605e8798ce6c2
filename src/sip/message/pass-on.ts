import { compose, composeResponse, type HeaderFields } from './build';
import { type HeaderName, headerName, names } from './header-name';
import { separatingCommas } from './list';
import { SipRequest, type SipResponse } from './message';
import { copyVias } from './respond';
import { toOctets, trimmed, unfold } from './text';

/** What a proxy changes in a request; all else goes on as it came, octet for octet (RFC 3261 section 16.6). */
export interface Passage {
  readonly uri: string;
  /** Our own Via, on top of the others. */
  readonly via: string;
  /** Where the request came from: completes the Via of its sender (RFC 3261 section 18.2.1, RFC 3581 section 4). */
  readonly source: { readonly host: string; readonly port: number };
  readonly maxForwards: number;
  /** In the place of all Route values. */
  readonly routes: readonly string[];
  /** Put above those there are. */
  readonly recordRoutes: readonly string[];
  /** Put above those there are (RFC 3327 section 5.2). */
  readonly paths: readonly string[];
  /** In the place of all fields of these names. */
  readonly replaced: HeaderFields;
}

/** The request as it leaves a proxy. Throws {@link SipSyntaxError} for a URI that cannot be written into a request. */
export function passOn(request: SipRequest, passage: Passage): SipRequest {
  const vias: [string, string][] = [];
  copyVias(request, passage.source, vias);
  const own = (name: string, values: readonly string[]): HeaderFields => values.map((value) => [name, toOctets(value)]);
  const left: ReadonlySet<HeaderName> = new Set([
    names.via, names.route, names.maxForwards, ...passage.replaced.map(([name]) => headerName(name)),
  ]);
  const rest: [string, string][] = [];
  for (const header of request.headers) {
    const isLeft = [...left].some((name) => header.is(name));
    if (!isLeft) rest.push([header.name, unfold(header.raw)]);
  }
  const fields: HeaderFields = [
    ['Via', passage.via],
    ...vias,
    ['Max-Forwards', String(passage.maxForwards)],
    ...own('Route', passage.routes),
    ...own('Record-Route', passage.recordRoutes),
    ...own('Path', passage.paths),
    ...rest,
    ...passage.replaced.map(([name, value]) => [name, toOctets(value)] as const),
  ];
  const uri = toOctets(passage.uri);
  const { method } = request;
  return new SipRequest(method, uri, method.length + 1, compose(`${method} ${uri} SIP/2.0`, fields, request.body));
}

/** The response as it leaves a proxy: without the top Via (RFC 3261 section 16.7 step 3), and with `added` at the end. */
export function passBack(response: SipResponse, added: HeaderFields = []): SipResponse {
  const fields: [string, string][] = [];
  let isTop = true;
  for (const header of response.headers) {
    if (!isTop || !header.is(names.via)) {
      fields.push([header.name, unfold(header.raw)]);
      continue;
    }
    isTop = false;
    const value = unfold(header.raw);
    const [comma] = separatingCommas(value);
    if (comma !== undefined) fields.push([header.name, trimmed(value, comma + 1, value.length)]);
  }
  for (const [name, value] of added) fields.push([name, toOctets(value)]);
  return composeResponse(response.status, response.reason, fields, response.body);
}
