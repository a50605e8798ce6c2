import type { SipUri } from '../../message';

/** Header parts of a URI that may go into an INVITE (reference 9.1). Who calls, where to and how never come from there. */
const allowed: ReadonlySet<string> = new Set(['subject', 'priority', 'accept-contact', 'user-to-user', 'referred-by']);

/** A value that would begin another header, or is longer than any honest one. */
const unusable = /[\0-\x1f\x7f]|^.{1001}/su;

export interface HeaderParts {
  readonly headers: readonly (readonly [string, string])[];
  /** The names of those that were left out. */
  readonly stripped: readonly string[];
}

/**
 * What the header part of a Refer-To or Contact may put into the INVITE that follows (RFC 3261 section 19.1.5). Replaces
 * and Require are read apart; From, To, Call-ID, CSeq, Via, Route, Contact, Content-*, Authorization, a body and whatever
 * is not known are stripped.
 */
export function usableHeaderParts(uri: SipUri): HeaderParts {
  const headers: (readonly [string, string])[] = [];
  const stripped: string[] = [];
  for (const [name, value] of uri.headers) {
    const known = name.toLowerCase();
    if (known === 'replaces') continue;
    // RFC 3891 section 3: it goes with Replaces, and we add it ourselves.
    if (known === 'require' && value.trim().toLowerCase() === 'replaces') continue;
    const isExtension = /^x-[a-z\d-]{1,64}$/u.test(known);
    if ((allowed.has(known) || isExtension) && !unusable.test(value)) headers.push([name, value]);
    else stripped.push(name);
  }
  return { headers, stripped };
}
