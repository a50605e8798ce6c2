import { UserAgent, type UserAgentOptions } from '../agent';
import { parseMessage, type SipMessage } from '../message';
import type { Hop } from '../transaction';
import { circle, deafToChallenge, exchangedTags, halfHidden, outsideOfCall, ownDialog, staleReferrer, unbracketed } from './asking';
import type { DefectId } from './catalogue';
import type { Altered, Defect, DefectTools } from './defect';
import { fragileTransfer, forgetfulLeave, hastyLeave, oneBridge, silence } from './leaving';
import { borrowedName, brokenPromise, credulous, illiterate, inheritedHold, narrowMinded } from './obeying';
import { TriggeredCalls } from './triggered-calls';

/** How each defect shows on the wire. Those that are not here are within the phone. */
const makers: Partial<Record<DefectId, (tools: DefectTools, triggered: TriggeredCalls) => Defect>> = {
  T2: () => unbracketed,
  T3: () => ownDialog,
  T4: () => exchangedTags,
  T5: fragileTransfer,
  T6: oneBridge,
  T7: forgetfulLeave,
  T8: hastyLeave,
  T9: () => deafToChallenge,
  T10: () => illiterate,
  T11: () => brokenPromise,
  T12: staleReferrer,
  T13: () => circle,
  T14: () => narrowMinded,
  T15: halfHidden,
  T16: (_tools, triggered) => inheritedHold(triggered),
  T17: credulous,
  T18: outsideOfCall,
  T19: silence,
  T20: borrowedName,
};

/**
 * A user agent with defects of real phones. It is a right one whose messages are altered on their way in and out, so that
 * no defect can hide in the protocol code itself.
 */
export class DefectiveUserAgent extends UserAgent {
  readonly #defects: readonly Defect[];
  readonly #triggered = new TriggeredCalls();

  constructor(options: UserAgentOptions, ids: readonly DefectId[]) {
    super({
      ...options,
      transmit: (bytes, hop, onFailure) => {
        const altered = this.#alter(bytes, (message) => {
          this.#triggered.seeOutgoing(message);
          return this.#each((defect, current) => defect.outgoing?.(current, hop), message);
        });
        if (altered !== 'nothing') options.transmit(altered ?? bytes, hop, onFailure);
      },
    });
    const ignore = (): void => undefined;
    const tools: DefectTools = {
      uri: options.settings.uri,
      anyCall: () => {
        const dialog = this.sessions.find(({ state }) => state === 'connected')?.dialog;
        return dialog && `${dialog.callId};local-tag=${dialog.localTag};remote-tag=${dialog.remoteTag}`;
      },
      after: (then) => {
        options.clock.setTimer(0, then);
      },
      deliver: (bytes, source) => {
        // Not at once: the phone is still busy with what it sends.
        tools.after(() => {
          super.receive(bytes, source);
        });
      },
      send: (bytes, hop) => {
        options.transmit(bytes, hop, ignore);
      },
      hangUp: (callId) => {
        tools.after(() => {
          this.sessions.find((session) => session.callId === callId)?.hangUp();
        });
      },
    };
    this.#defects = ids.flatMap((id) => makers[id]?.(tools, this.#triggered) ?? []);
  }

  override receive(bytes: Uint8Array, source: Hop): void {
    const altered = this.#alter(bytes, (message) => {
      this.#triggered.seeIncoming(message);
      return this.#each((defect, current) => defect.incoming?.(current, source), message);
    });
    if (altered !== 'nothing') super.receive(altered ?? bytes, source);
  }

  /** What cannot be read as SIP is left alone. */
  #alter(bytes: Uint8Array, change: (message: SipMessage) => Altered): Altered {
    try {
      return change(parseMessage(bytes));
    } catch {
      return undefined;
    }
  }

  /** Lets each defect alter what the one before has left. */
  #each(apply: (defect: Defect, message: SipMessage) => Altered, message: SipMessage): Altered {
    let current = message;
    for (const defect of this.#defects) {
      const altered = apply(defect, current);
      if (altered === 'nothing') return altered;
      if (altered !== undefined) current = parseMessage(altered);
    }
    return current === message ? undefined : current.bytes;
  }
}
