import { escapeUriHeader, type SipResponse } from '../message';

/**
 * The History-Info entries of a call with the reason why the last one did not end it: in the header part of its URI (RFC
 * 7044 section 10.2).
 */
export function retargeted(entries: readonly string[], { status, reason }: SipResponse): readonly string[] {
  const last = entries.at(-1);
  const uri = /^<(?<uri>[^<>?]+)>(?<params>.*)$/u.exec(last ?? '')?.groups;
  if (uri === undefined) return entries; // it has its reason already, or cannot be read: kept as it is
  const why = escapeUriHeader(`SIP;cause=${String(status)};text="${reason.replace(/["\\]/gu, '')}"`);
  return [...entries.slice(0, -1), `<${uri['uri'] ?? ''}?Reason=${why}>${uri['params'] ?? ''}`];
}
