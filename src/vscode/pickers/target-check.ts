import { formatIaxUri, parseIaxUri } from '../../iax';
import type { PhoneProtocol } from '../../lab';
import { isLoopback } from '../../net';
import { isSipUri, parseUri, uriAddress } from '../../sip';

export type TargetCheck =
  | { readonly ok: true; readonly kind: 'phone' | 'uri'; readonly target: string }
  | { readonly ok: false; readonly why: string };

/**
 * What a person typed as the target of a call, as far as can be said before calling: a phone's name, or a SIP URI on
 * this machine, or any where a proxy is asked for the way. `sip:` may be left out. The lab has the last word.
 */
export function checkTarget(text: string, phones: readonly string[], hasProxy = false, protocol: PhoneProtocol = 'sip'): TargetCheck {
  const typed = text.trim();
  if (protocol === 'iax2') return checkIaxTarget(typed, phones, hasProxy);
  if (typed === '') {
    return { ok: false, why: 'Type the name of a phone, or a SIP URI such as sip:echo@127.0.0.2:5060.' };
  }
  if (phones.includes(typed)) return { ok: true, kind: 'phone', target: typed };
  // `127.0.0.1:5060` has a colon too, and no scheme: a scheme with a dot in it is none of ours.
  const target = /^[a-z][a-z\d+-]*:/iu.test(typed) ? typed : `sip:${typed}`;
  let uri;
  try {
    uri = parseUri(target);
  } catch {
    return { ok: false, why: `"${typed}" is neither a phone (${phones.join(', ')}) nor a SIP URI.` };
  }
  if (!isSipUri(uri) || uri.scheme !== 'sip') return { ok: false, why: `Only sip: can be called, not ${uri.scheme}:.` };
  const { host } = uriAddress(uri);
  if (isLoopback(host)) return { ok: true, kind: 'uri', target };
  if (!/[.:]/u.test(host) && !typed.includes('@') && !typed.includes(':')) {
    return { ok: false, why: `There is no phone "${typed}"; there are ${phones.join(', ')}.` };
  }
  // As the lab has it: where a proxy leads is the proxy's business.
  if (hasProxy) return { ok: true, kind: 'uri', target };
  return { ok: false, why: `${host} is not on this machine, and Call Lab calls nobody beyond it.` };
}

/** For a phone that speaks IAX2: a phone's name, an iax2: URI on this machine, or with a server a number to dial there. */
function checkIaxTarget(typed: string, phones: readonly string[], hasServer: boolean): TargetCheck {
  if (typed === '') return { ok: false, why: 'Type the name of a phone, or an IAX2 URI such as iax2:127.0.0.1:4569/101.' };
  if (phones.includes(typed)) return { ok: true, kind: 'phone', target: typed };
  const uri = parseIaxUri(typed);
  if (uri !== undefined) {
    if (isLoopback(uri.host)) return { ok: true, kind: 'uri', target: formatIaxUri(uri) };
    return { ok: false, why: `${uri.host} is not on this machine, and Call Lab calls nobody beyond it.` };
  }
  if (hasServer && /^[\w*#+.-]+$/u.test(typed)) return { ok: true, kind: 'uri', target: typed };
  return { ok: false, why: `"${typed}" is neither a phone (${phones.join(', ')}) nor an IAX2 URI.` };
}
