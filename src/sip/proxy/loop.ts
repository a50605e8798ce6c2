import { createHash } from 'node:crypto';
import type { SipRequest } from '../message';
import type { ProxyNames } from './names';

/**
 * What the way of a request through this proxy depends on, as the end of our branch: a request that comes again with the
 * same is in a loop; one that comes again with another Request-URI or Route only spirals (RFC 5393 section 4.2.1).
 */
export function loopMark(request: SipRequest): string {
  const { requestUri, callId, cseq } = request;
  const parts = [
    requestUri,
    ...request.headerValues('Route'),
    '',
    ...request.headerValues('Proxy-Require'),
    '',
    request.toTag ?? '',
    request.fromTag ?? '',
    callId,
    String(cseq.sequence),
  ];
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 16);
}

/** Whether this proxy has passed the request on before and would do the same again (RFC 3261 section 16.3 step 4). */
export function isLooped(request: SipRequest, mark: string, names: ProxyNames): boolean {
  return request.vias.some((via) => names.isOurAddress(via.host, via.port) && via.branch?.endsWith(`.${mark}`) === true);
}

/** The branch of what is passed on without a transaction: the same for each repeat of the request (RFC 3261 section 16.11). */
export function statelessBranch(request: SipRequest, names: ProxyNames): string {
  const { branch = '', host, port = 5060 } = request.topVia;
  const parts = [branch, host, String(port), request.method, String(request.cseq.sequence), request.callId, names.route('udp')];
  return `z9hG4bK${createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 32)}`;
}
