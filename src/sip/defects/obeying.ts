import { formatNameAddr, type SipMessage } from '../message';
import type { Defect, DefectTools } from './defect';
import { rewrite } from './rewrite';
import type { TriggeredCalls } from './triggered-calls';

/** An option tag that no phone knows: what requires it is refused with 420. */
const unknownOption = 'x-unknown';

/** T10: as if the tags of a Replaces could not be read. */
export const illiterate: Defect = {
  incoming(message) {
    const value = message.header('Replaces');
    if (message.kind !== 'request' || message.method !== 'INVITE' || value === undefined) return undefined;
    return rewrite(message, { headers: { replaces: value.split(';', 1)[0] } });
  },
};

/** T11: Replaces is in Supported, and when it is required it is as unknown as any other word. */
export const brokenPromise: Defect = {
  incoming(message) {
    if (message.kind !== 'request' || message.method !== 'INVITE' || !message.require.includes('replaces')) return undefined;
    return rewrite(message, { headers: { require: unknownOption } });
  },
  outgoing(message) {
    if (message.kind !== 'response' || !message.unsupported.includes(unknownOption)) return undefined;
    return rewrite(message, { headers: { unsupported: 'replaces' } });
  },
};

/** T14: without an answer to everything in it, a REFER cannot be read. */
export const narrowMinded: Defect = {
  incoming(message) {
    if (message.kind !== 'request' || message.method !== 'REFER') return undefined;
    const isOdd = message.header('Referred-By') === undefined || /^\s*false\b/iu.test(message.header('Refer-Sub') ?? '');
    return isOdd ? rewrite(message, { headers: { 'refer-to': undefined } }) : undefined;
  },
};

/** T17: who asks is taken for the other party of a call, whoever it is. */
export function credulous(tools: DefectTools): Defect {
  return {
    incoming(message) {
      if (message.kind !== 'request' || message.method !== 'REFER' || message.toTag !== undefined) return undefined;
      const call = tools.anyCall();
      return call === undefined ? undefined : rewrite(message, { headers: { 'target-dialog': call } });
    },
  };
}

/** T16: the new call's offer is the old one's, which was on hold. */
export function inheritedHold(triggered: TriggeredCalls): Defect {
  return {
    outgoing(message) {
      if (!triggered.seeOutgoing(message)) return undefined;
      const body = Buffer.from(message.body).toString('latin1');
      const held = /^a=(?:sendrecv|sendonly|recvonly|inactive)/mu.test(body)
        ? body.replace(/^a=(?:sendrecv|sendonly|recvonly|inactive)/gmu, 'a=inactive')
        : `${body}a=inactive\r\n`;
      return rewrite(message, { body: held });
    },
  };
}

/** T20: From of the new call is the one who transfers. */
export function borrowedName(tools: DefectTools, triggered: TriggeredCalls): Defect {
  const isOwn = (message: SipMessage): boolean => message.from.uriText === tools.uri;
  return {
    outgoing(message) {
      if (!triggered.seeOutgoing(message) || message.referredBy === undefined || !isOwn(message)) return undefined;
      const { referredBy, fromTag } = message;
      return rewrite(message, { headers: { from: formatNameAddr({ uri: referredBy.uri, tag: fromTag }) } });
    },
  };
}
