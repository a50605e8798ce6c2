import { parseMessage, type SipMessage } from '../../src/sip/message';
import { compareRates, type BenchResult } from '../support/measure';
import { touchWithJsSip, touchWithSip, touchWithSipJs } from '../support/sip-peers';
import { sipSamples } from '../support/sip-samples';

/**
 * Messages parsed per second, every header touched: name and unfolded value of each, and Via, From, To, Call-ID, CSeq,
 * Contact, Route, Record-Route, Max-Forwards and Content-Length decoded, URIs included. We start from octets, as they come
 * from a socket; the peers are given text, which spares them the conversion.
 */
export async function bench(): Promise<BenchResult[]> {
  const texts = Object.values(sipSamples);
  const octets = texts.map((text) => Buffer.from(text, 'latin1'));
  const each = (touch: (text: string) => number) => () => texts.reduce((seen, text) => seen + touch(text), 0);
  const rates = compareRates(texts.length, {
    ours: () => octets.reduce((seen, bytes) => seen + touchEveryHeader(parseMessage(bytes)), 0),
    sip: each(touchWithSip),
    'sip.js': each(touchWithSipJs),
    jssip: each(touchWithJsSip),
  });
  return [{ bench: 'parse', unit: 'messages/s', ...rates }];
}

function touchEveryHeader(message: SipMessage): number {
  let seen = 0;
  for (const header of message.headers) seen += header.name.length + header.value().length;
  if (message.kind === 'request') seen += message.uri.host.length;
  for (const via of message.vias) seen += via.host.length;
  for (const contact of message.contacts) seen += contact === '*' ? 0 : contact.uri.host.length;
  for (const route of message.routes) seen += route.uri.host.length;
  for (const route of message.recordRoutes) seen += route.uri.host.length;
  seen += message.from.uri.host.length + message.to.uri.host.length + message.callId.length + message.cseq.sequence;
  return seen + (message.maxForwards ?? 0) + (message.contentLength ?? 0);
}
