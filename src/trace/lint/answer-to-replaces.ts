import type { Milliseconds } from '../../core';
import type { CallRecord } from '../call';
import type { PlacedMessage } from '../correlator';
import type { MessageRecord } from '../message';
import { sameParty } from '../party';
import { nameIn } from '../words';
import type { Lint, LintContext } from './lint';

/** Who replaces a call ends it together with the 2xx (RFC 3891 section 3). */
const patience: Milliseconds = 1_000;

/** T10, what a target makes of a Replaces that is right. */
export class AnswerToReplacesLint implements Lint {
  readonly methods = ['INVITE'];
  readonly #context: LintContext;

  constructor(context: LintContext) {
    this.#context = context;
  }

  onMessage({ record, sip }: PlacedMessage): void {
    const { call } = record;
    if (sip.kind !== 'response' || sip.status < 200 || call?.replaces === undefined || call.final !== record) return;
    const invite = call.invite.sip;
    if (invite?.headerValues('Replaces').length !== 1) return;
    if (sip.status === 400 && invite.header('Join') === undefined) {
      this.#report(record, call, `${nameIn(call.callee)} calls the INVITE malformed (400), although its Replaces is well formed`);
    } else if (sip.status < 300) {
      this.#awaitReplacement(call, record);
    }
  }

  #awaitReplacement(call: CallRecord, answer: MessageRecord): void {
    const { callId = '', toTag = '', fromTag = '' } = call.replaces ?? {};
    const replaced = this.#context.calls.findDialog(callId, toTag, fromTag)?.call;
    if (replaced === undefined || replaced === call || replaced.state !== 'up') return;
    const isTheirs = [replaced.caller, replaced.callee].some((party) => sameParty(party, call.callee));
    if (!isTheirs) return;
    // RFC 3261 section 15: a callee may not hang up before the ACK is there, which is not seen behind a proxy.
    const ack = replaced.final?.transaction?.ack;
    const hasAck = ack !== undefined && (ack.sentSeq === undefined || ack.receivedAt !== undefined);
    if (!hasAck || replaced.isForwarded) return;
    this.#context.later(patience, () => {
      if (replaced.isOver || call.isOver) return;
      this.#report(answer, call, `${nameIn(call.callee)} has two calls now: the new one has not replaced the old one`, replaced.invite);
    });
  }

  #report(message: MessageRecord, call: CallRecord, clause: string, other?: MessageRecord): void {
    if (message.sip === undefined) return;
    this.#context.report({ id: 'T10', clause, message, range: message.sip.startLineRange, related: [other, call.invite] });
  }
}
