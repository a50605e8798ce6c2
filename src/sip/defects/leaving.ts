import { respond, type SipMessage, type SipRequest } from '../message';
import type { Hop } from '../transaction';
import type { Altered, Defect, DefectTools } from './defect';
import { rewrite } from './rewrite';
import type { TriggeredCalls } from './triggered-calls';

function isAccepted(message: SipMessage): boolean {
  return message.kind === 'response' && message.cseq.method === 'REFER' && message.status >= 200 && message.status < 300;
}

/** The NOTIFY that tells how a transfer goes. */
function newsOf(message: SipMessage): SipRequest | undefined {
  return message.kind === 'request' && message.method === 'NOTIFY' && message.event?.package === 'refer' ? message : undefined;
}

function statusOf(news: SipRequest): number {
  return Number(/^SIP\/2\.0 (\d{3})/u.exec(Buffer.from(news.body).toString('latin1'))?.[1] ?? 100);
}

/** T8: the outcome is not waited for. */
export function hastyLeave(tools: DefectTools): Defect {
  return {
    incoming(message) {
      if (isAccepted(message)) tools.hangUp(message.callId);
      return undefined;
    },
  };
}

/** Calls that were left and whose news nobody wants any more. */
class Forgotten {
  readonly #tools: DefectTools;
  readonly #calls = new Set<string>();

  constructor(tools: DefectTools) {
    this.#tools = tools;
  }

  leave(callId: string): void {
    this.#calls.add(callId);
    this.#tools.hangUp(callId);
  }

  /** Refuses news of such a call. The phone itself is told that no more comes, and its answer is held back. */
  incoming(message: SipMessage, source: Hop): Altered {
    const news = newsOf(message);
    if (news === undefined || !this.#calls.has(news.callId)) return undefined;
    this.#tools.send(respond(news, 481, { source }).bytes, source);
    return rewrite(news, { headers: { 'subscription-state': 'terminated;reason=noresource', 'content-type': undefined }, body: '' });
  }

  outgoing(message: SipMessage): Altered {
    const isAnswer = message.kind === 'response' && message.cseq.method === 'NOTIFY';
    return isAnswer && this.#calls.has(message.callId) ? 'nothing' : undefined;
  }
}

/** T7: a ringing target is good enough; what comes later is refused, for the call is over. */
export function forgetfulLeave(tools: DefectTools): Defect {
  const forgotten = new Forgotten(tools);
  return {
    incoming(message, source) {
      const altered = forgotten.incoming(message, source);
      if (altered !== undefined) return altered;
      const news = newsOf(message);
      if (news !== undefined && statusOf(news) === 180) {
        // Its answer must still go out: it is forgotten from the next message on.
        tools.after(() => {
          forgotten.leave(news.callId);
        });
      }
      return undefined;
    },
    outgoing: (message) => forgotten.outgoing(message),
  };
}

/** T5: both halves, of the one who leaves at once and of the one who takes a refused NOTIFY for the end. */
export function fragileTransfer(tools: DefectTools, triggered: TriggeredCalls): Defect {
  const forgotten = new Forgotten(tools);
  return {
    incoming(message, source) {
      const altered = forgotten.incoming(message, source);
      if (altered !== undefined) return altered;
      if (isAccepted(message)) forgotten.leave(message.callId);
      const newCall = triggered.newCallOf(message.callId);
      const isRefusal = message.kind === 'response' && message.cseq.method === 'NOTIFY' && message.status >= 300;
      if (isRefusal && newCall !== undefined) tools.hangUp(newCall);
      return undefined;
    },
    outgoing: (message) => forgotten.outgoing(message),
  };
}

/** T6: the BYE of the first call is taken for the end of everything, unless the new one is up. */
export function oneBridge(tools: DefectTools, triggered: TriggeredCalls): Defect {
  const answered = new Set<string>();
  return {
    incoming(message) {
      if (message.kind === 'response' && message.cseq.method === 'INVITE' && message.status >= 200 && triggered.firstCallOf(message.callId) !== undefined) {
        answered.add(message.callId);
      }
      const newCall = triggered.newCallOf(message.callId);
      const isLeaving = message.kind === 'request' && message.method === 'BYE';
      if (isLeaving && newCall !== undefined && !answered.has(newCall)) tools.hangUp(newCall);
      return undefined;
    },
  };
}

/** T19: no news at all; whoever transferred must take the BYE for it. */
export function silence(tools: DefectTools, triggered: TriggeredCalls): Defect {
  return {
    outgoing(message, hop) {
      const news = newsOf(message);
      if (news === undefined) return undefined;
      tools.deliver(respond(news, 200).bytes, hop);
      return 'nothing';
    },
    incoming(message) {
      const isAnswer = message.kind === 'response' && message.cseq.method === 'INVITE' && message.status >= 200;
      const first = isAnswer && message.status < 300 ? triggered.firstCallOf(message.callId) : undefined;
      if (first !== undefined) tools.hangUp(first);
      return undefined;
    },
  };
}
