import { SipHeaderError, SipSyntaxError } from './errors';
import type { SipMessage, SipRequest, SipResponse } from './message';
import { decodeNameAddr, type NameAddr } from './name-addr';
import { readNumber } from './text';

/*
 * The headers of reliable provisional responses, session timers and asserted identities. What is malformed counts as
 * missing, for none of them is worth refusing a whole message; only a RAck is, and its reader says which case it is.
 */

/** What a PRACK acknowledges (RFC 3262 section 7.2). */
export interface RAck {
  /** The RSeq of the provisional response. */
  readonly rseq: number;
  /** The CSeq of the request that it answered. */
  readonly sequence: number;
  readonly method: string;
}

export interface SessionExpires {
  /** Seconds. */
  readonly interval: number;
  /** Who refreshes, by the roles in the transaction that says so; undefined when the other side may choose. */
  readonly refresher: 'uac' | 'uas' | undefined;
}

/** Numbers of 32 bits (RFC 3262 section 7.1), and seconds too. */
const mostOf32Bits = 0xffff_ffff;

/** The RSeq of a reliable provisional response: 1 to 2^32-1. */
export function rseqOf(response: SipResponse): number | undefined {
  const rseq = numberIn(response.header('RSeq'));
  return rseq === 0 ? undefined : rseq;
}

/** The RAck of a PRACK; undefined when it is missing or malformed. */
export function rackOf(request: SipRequest): RAck | undefined {
  const { rseq, sequence, method } = /^(?<rseq>\d+)[ \t]+(?<sequence>\d+)[ \t]+(?<method>\S+)$/u.exec(request.header('RAck') ?? '')?.groups ?? {};
  const numbers = { rseq: numberIn(rseq), sequence: numberIn(sequence) };
  if (numbers.rseq === undefined || numbers.sequence === undefined || method === undefined) return undefined;
  return { rseq: numbers.rseq, sequence: numbers.sequence, method };
}

/** RFC 4028 section 4. */
export function sessionExpiresOf(message: SipMessage): SessionExpires | undefined {
  const [text, ...params] = (message.header('Session-Expires') ?? '').split(';').map((part) => part.trim());
  const interval = numberIn(text);
  if (interval === undefined) return undefined;
  const refresher = params.map((param) => /^refresher[ \t]*=[ \t]*(?<role>uac|uas)$/iu.exec(param)?.groups?.['role']).find(Boolean);
  return { interval, refresher: refresher?.toLowerCase() as SessionExpires['refresher'] };
}

/** The shortest session interval that a message allows, in seconds (RFC 4028 section 5). */
export function minSeOf(message: SipMessage): number | undefined {
  return numberIn(message.header('Min-SE')?.split(';')[0]?.trim());
}

/** Who the sender is, says a proxy that both sides trust: the first SIP URI of P-Asserted-Identity (RFC 3325 section 9.1). */
export function assertedIdentityOf(message: SipMessage): NameAddr | undefined {
  for (const value of message.headerValues('P-Asserted-Identity')) {
    const identity = lenient(value);
    if (identity?.uri.scheme === 'sip' || identity?.uri.scheme === 'sips') return identity;
  }
  return undefined;
}

function lenient(value: string): NameAddr | undefined {
  try {
    return decodeNameAddr(value, 0);
  } catch (error) {
    if (error instanceof SipSyntaxError || error instanceof SipHeaderError) return undefined;
    throw error;
  }
}

function numberIn(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = readNumber(text, 0, text.length, mostOf32Bits);
  return value < 0 ? undefined : value;
}
