import { formatIaxUri, parseIaxUri } from '../../iax';
import type { PhoneProtocol } from '../../lab';
import { isLoopback } from '../../net';
import { isSipUri, parseUri, uriAddress } from '../../sip';
import { say } from '../say';

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
    return { ok: false, why: say('Type the name of a phone, or a SIP URI such as sip:echo@127.0.0.2:5060.') };
  }
  if (phones.includes(typed)) return { ok: true, kind: 'phone', target: typed };
  // `127.0.0.1:5060` has a colon too, and no scheme: a scheme with a dot in it is none of ours.
  const target = /^[a-z][a-z\d+-]*:/iu.test(typed) ? typed : `sip:${typed}`;
  let uri;
  try {
    uri = parseUri(target);
  } catch {
    return { ok: false, why: say('"{0}" is neither a phone ({1}) nor a SIP URI.', typed, phones.join(', ')) };
  }
  if (!isSipUri(uri) || uri.scheme !== 'sip') return { ok: false, why: say('Only sip: can be called, not {0}:.', uri.scheme) };
  const { host } = uriAddress(uri);
  if (isLoopback(host)) return { ok: true, kind: 'uri', target };
  if (!/[.:]/u.test(host) && !typed.includes('@') && !typed.includes(':')) {
    return { ok: false, why: say('There is no phone "{0}"; there are {1}.', typed, phones.join(', ')) };
  }
  // As the lab has it: where a proxy leads is the proxy's business.
  if (hasProxy) return { ok: true, kind: 'uri', target };
  return { ok: false, why: say('{0} is not on this machine, and Call Lab calls nobody beyond it.', host) };
}

/** For a phone that speaks IAX2: a phone's name, an iax2: URI on this machine, or with a server a number to dial there. */
function checkIaxTarget(typed: string, phones: readonly string[], hasServer: boolean): TargetCheck {
  if (typed === '') return { ok: false, why: say('Type the name of a phone, or an IAX2 URI such as iax2:127.0.0.1:4569/101.') };
  if (phones.includes(typed)) return { ok: true, kind: 'phone', target: typed };
  const uri = parseIaxUri(typed);
  if (uri !== undefined) {
    if (isLoopback(uri.host)) return { ok: true, kind: 'uri', target: formatIaxUri(uri) };
    return { ok: false, why: say('{0} is not on this machine, and Call Lab calls nobody beyond it.', uri.host) };
  }
  if (hasServer && /^[\w*#+.-]+$/u.test(typed)) return { ok: true, kind: 'uri', target: typed };
  return { ok: false, why: say('"{0}" is neither a phone ({1}) nor an IAX2 URI.', typed, phones.join(', ')) };
}
