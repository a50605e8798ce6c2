import type { Party } from './party';
import type { TransferKind } from './transfer';

const titles: Readonly<Record<TransferKind, string>> = {
  redirect: 'Redirection',
  'pick-up': 'Pick-up',
  blind: 'Blind transfer',
  attended: 'Attended transfer',
  blonde: 'Blonde transfer',
  native: 'Native transfer',
  'native-media': 'Native transfer of the media',
};

/** What a kind of transfer is called at the beginning of a sentence. */
export function transferTitle(kind: TransferKind): string {
  return titles[kind];
}

/** What a final response of 300 or more says about the one who gave it, as a clause with their name. */
const clauses: Readonly<Record<number, string>> = {
  404: 'could not be found (404)',
  408: 'did not answer in time (408)',
  410: 'is no longer there (410)',
  481: 'knew nothing of that call (481)',
  480: 'could not be reached (480)',
  482: 'was called in a circle (482)',
  483: 'was called in a circle (483)',
  484: 'could not be called by so short a number (484)',
  486: 'was busy (486)',
  487: 'did not answer, and the call was given up (487)',
  488: 'could not agree on the media (488)',
  503: 'could not be reached (503)',
  504: 'could not be reached (504)',
  600: 'was busy (600)',
  603: 'declined (603)',
  604: 'could not be found (604)',
};

/** "Charlie was busy (486)". `reason` is the peer's own text, used where the status is no common one. */
export function outcomeClause(name: string, status: number, reason: string): string {
  const clause = clauses[status];
  if (clause !== undefined) return `${name} ${clause}`;
  if (status === 401 || status === 407) return `${name} asked for a password that nobody gave (${status})`;
  if (status < 400) return `${name} sent the call elsewhere (${status})`;
  return `the call to ${name} failed (${quoteReason(status, reason)})`;
}

/**
 * What an answer of 300 or more to a REFER says of the one asked (RFC 3515 section 2.4.2, reference of transfers 9.3).
 */
export function refusalClause(name: string, status: number, reason: string): string {
  if (status === 401 || status === 407) return `${name} asked for a password that nobody gave (${status})`;
  if (status === 405 || status === 501) return `${name}'s phone does not do transfers (${status})`;
  if (status === 408) return `${name} did not answer the REFER in time (408)`;
  if (status === 481) return `${name} knew nothing of the call to be transferred (481)`;
  if (status === 400) return `${name} could not understand the REFER (400)`;
  if (status === 491) return `${name} was busy with another request of the same call (491)`;
  return `${name} refused the transfer (${quoteReason(status, reason)})`;
}

function quoteReason(status: number, reason: string): string {
  const known = status === 403 || status === 603 || status === 500;
  const text = reason.replace(/[\p{C}\s]+/gu, ' ').trim();
  return known || text === '' ? String(status) : `${status} ${text.slice(0, 60)}`;
}

/** A name as it stands in a sentence: `alice` is Alice, `103` and `+49.30` stay as they are. */
export function nameIn({ name }: Pick<Party, 'name'>): string {
  return /^[a-z][a-z]+$/.test(name) ? name.charAt(0).toUpperCase() + name.slice(1) : name;
}

/** A clause with a capital at its beginning and a full stop at its end. */
export function sentence(clause: string): string {
  return `${clause.charAt(0).toUpperCase()}${clause.slice(1)}.`;
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(parts: readonly string[]): string {
  const last = parts.at(-1) ?? '';
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(', ')} and ${last}`;
}

/** What is said where nobody knows who hears whom. */
export const notMeasured = 'the media was not measured';
