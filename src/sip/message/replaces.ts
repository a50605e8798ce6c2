import { SipSyntaxError } from './errors';
import { decodeParameters } from './parameters';
import { toOctets, toUnicode, trimLwsEnd } from './text';

/** The dialog that an INVITE takes over (RFC 3891 section 6.1): the tags as seen by the one who receives it. */
export interface Replaces {
  readonly callId: string;
  /** Compared with the receiver's local tag. */
  readonly toTag: string;
  /** Compared with the receiver's remote tag. */
  readonly fromTag: string;
  readonly earlyOnly: boolean;
}

/** Decodes a Replaces value, such as one from the header part of a Refer-To URI. Throws {@link SipSyntaxError}. */
export function parseReplaces(text: string): Replaces {
  return decodeReplaces(toOctets(text.trim()), 0);
}

export function decodeReplaces(text: string, offset: number): Replaces {
  const semicolon = text.indexOf(';');
  const idEnd = trimLwsEnd(text, 0, semicolon < 0 ? text.length : semicolon);
  const params = decodeParameters(text.slice(idEnd), offset + idEnd);
  const toTag = params.get('to-tag');
  const fromTag = params.get('from-tag');
  if (idEnd === 0 || toTag === undefined || fromTag === undefined) {
    throw new SipSyntaxError('replaces', 'Replaces needs a Call-ID, a to-tag and a from-tag', offset, offset + text.length);
  }
  return { callId: toUnicode(text.slice(0, idEnd)), toTag, fromTag, earlyOnly: params.has('early-only') };
}

export function formatReplaces(replaces: Replaces): string {
  const { callId, toTag, fromTag, earlyOnly } = replaces;
  return `${callId};to-tag=${toTag};from-tag=${fromTag}${earlyOnly ? ';early-only' : ''}`;
}
