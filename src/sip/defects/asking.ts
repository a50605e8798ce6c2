import { escapeUriHeader, formatReplaces, type NameAddr, parseReplaces, type Replaces, respond, type SipMessage, type SipRequest } from '../message';
import type { Altered, Defect, DefectTools } from './defect';
import { rewrite } from './rewrite';

/** A REFER that goes out. */
function referOf(message: SipMessage): SipRequest | undefined {
  return message.kind === 'request' && message.method === 'REFER' ? message : undefined;
}

function replacesIn({ referTo }: SipRequest): Replaces | undefined {
  const value = referTo?.uri.headers.find(([name]) => name.toLowerCase() === 'replaces')?.[1];
  return value === undefined ? undefined : parseReplaces(value);
}

/** The Refer-To with another Replaces. */
function withReplaces(refer: SipRequest, replaces: Replaces): Altered {
  const value = refer.header('Refer-To') ?? '';
  const other = value.replace(/([?&]Replaces=)[^&>]*/iu, `$1${escapeUriHeader(formatReplaces(replaces))}`);
  return rewrite(refer, { headers: { 'refer-to': other } });
}

/** T2: parameters and headers of the URI fall to the header. */
export const unbracketed: Defect = {
  outgoing(message) {
    const refer = referOf(message);
    if (refer === undefined) return undefined;
    const bare = (refer.header('Refer-To') ?? '').replace(/^.*<([^>]*)>.*$/u, '$1');
    return rewrite(refer, { headers: { 'refer-to': bare, 'referred-by': undefined } });
  },
};

/** T3: the dialog of the REFER instead of the consultation. */
export const ownDialog: Defect = {
  outgoing(message) {
    const refer = referOf(message);
    if (refer === undefined || replacesIn(refer) === undefined) return undefined;
    const { callId, fromTag = '', toTag = '' } = refer;
    return withReplaces(refer, { callId, toTag, fromTag, earlyOnly: false });
  },
};

/** T4: the tags as the sender sees them, local first. */
export const exchangedTags: Defect = {
  outgoing(message) {
    const refer = referOf(message);
    const replaces = refer === undefined ? undefined : replacesIn(refer);
    if (refer === undefined || replaces === undefined) return undefined;
    return withReplaces(refer, { ...replaces, toTag: replaces.fromTag, fromTag: replaces.toTag });
  },
};

/** T9: a challenge that nobody reads cannot be answered. */
export const deafToChallenge: Defect = {
  incoming(message) {
    if (message.kind !== 'response' || message.cseq.method !== 'REFER') return undefined;
    if (message.status !== 401 && message.status !== 407) return undefined;
    return rewrite(message, { headers: { 'www-authenticate': undefined, 'proxy-authenticate': undefined } });
  },
};

/** T12: the first Referred-By that ever came in is taken for the phone's own. */
export function staleReferrer(): Defect {
  let first: NameAddr | undefined;
  return {
    incoming(message) {
      if (message.kind === 'request' && message.method === 'INVITE') first ??= message.referredBy;
      return undefined;
    },
    outgoing(message) {
      const refer = referOf(message);
      if (refer === undefined || first === undefined) return undefined;
      return rewrite(refer, { headers: { 'referred-by': `<${first.uriText}>` } });
    },
  };
}

/** T13: whoever is transferred is sent to themselves. */
export const circle: Defect = {
  outgoing(message) {
    const refer = referOf(message);
    return refer === undefined ? undefined : rewrite(refer, { headers: { 'refer-to': `<${refer.requestUri}>` } });
  },
};

/** Added to the Call-ID of a REFER that leaves its call, and taken away from what answers it. */
const elsewhere = '-elsewhere';

/** Added to the CSeq numbers of the other dialog, so that they are news in this one. */
const laterNumbers = 1_000_000;

/**
 * T18: the REFER has a Call-ID of its own and no To tag, so that nobody can tell which call it means. The phone itself
 * believes that it was sent in its call: what comes back is written as if it belonged there.
 */
export function outsideOfCall(tools: DefectTools): Defect {
  /** The To header that the phone wrote, by its Call-ID. */
  const toHeaders = new Map<string, string>();
  return {
    outgoing(message) {
      const { callId } = message;
      const to = toHeaders.get(callId);
      const isAnswer = message.kind === 'response' && message.cseq.method === 'NOTIFY';
      if (isAnswer && to !== undefined && message.cseq.sequence > laterNumbers) return 'nothing';
      const refer = referOf(message);
      if (refer?.toTag === undefined) return undefined;
      toHeaders.set(callId, refer.header('To') ?? '');
      return rewrite(refer, { headers: { 'call-id': `${callId}${elsewhere}`, to: `<${refer.to.uriText}>` } });
    },
    incoming(message, source) {
      if (!message.callId.endsWith(elsewhere)) return undefined;
      const callId = message.callId.slice(0, -elsewhere.length);
      const to = toHeaders.get(callId);
      if (to === undefined) return undefined;
      if (message.kind === 'response') return rewrite(message, { headers: { 'call-id': callId, to } });
      tools.send(respond(message, 200, { source }).bytes, source);
      const cseq = `${message.cseq.sequence + laterNumbers} ${message.method}`;
      return rewrite(message, { headers: { 'call-id': callId, from: to, cseq } });
    },
  };
}

/** Added to every Call-ID by the server that hides the topology. */
const hidden = '-hidden';

/**
 * T15: between the phone and the network, the Call-ID of each call it places is another one. The Replaces in its REFER
 * names a call by the Call-ID that the phone knows, and that nobody else has ever seen.
 */
export function halfHidden(): Defect {
  const placed = new Set<string>();
  return {
    outgoing(message) {
      const isOwn = message.kind === 'request' && message.method === 'INVITE' && message.toTag === undefined;
      if (isOwn) placed.add(message.callId);
      return placed.has(message.callId) ? rewrite(message, { headers: { 'call-id': `${message.callId}${hidden}` } }) : undefined;
    },
    incoming(message) {
      if (!message.callId.endsWith(hidden)) return undefined;
      return rewrite(message, { headers: { 'call-id': message.callId.slice(0, -hidden.length) } });
    },
  };
}
