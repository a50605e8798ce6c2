import { type IaxLintId, iaxLintRules } from './iax';

/** The twenty ways in which transfers by SIP fail in the field; each has a lint of its own. And those of IAX2. */
export type LintId =
  | IaxLintId
  | 'T1'
  | 'T2'
  | 'T3'
  | 'T4'
  | 'T5'
  | 'T6'
  | 'T7'
  | 'T8'
  | 'T9'
  | 'T10'
  | 'T11'
  | 'T12'
  | 'T13'
  | 'T14'
  | 'T15'
  | 'T16'
  | 'T17'
  | 'T18'
  | 'T19'
  | 'T20';

/** What a lint is about, for whoever reads its findings. */
export interface LintRule {
  readonly id: LintId;
  /** What goes wrong, in a few words. */
  readonly title: string;
  /** Where it is written how it should be. */
  readonly rule: string;
  /** What to do about it. */
  readonly remedy: string;
}

/** All lints, in the order of their numbers, and then those of IAX2. */
export const lintRules: readonly LintRule[] = [
  {
    id: 'T1',
    title: 'REFER before the hold was answered',
    rule: 'RFC 5589 section 6.1, RFC 3261 section 14.1',
    remedy: 'Wait for the final answer to the hold re-INVITE, then send the REFER.',
  },
  {
    id: 'T2',
    title: 'Refer-To that cannot be read as it is meant',
    rule: 'RFC 3515 section 2.1, RFC 3261 section 20.10',
    remedy:
      'Write the URI in angle brackets when it has parameters or headers, with a host, and say in Referred-By who refers.',
  },
  {
    id: 'T3',
    title: 'Replaces names the dialog that the REFER is in',
    rule: 'RFC 3891 section 3, RFC 5589 section 7.3',
    remedy: 'Name the consultation call: its Call-ID and tags.',
  },
  {
    id: 'T4',
    title: 'Tags of Replaces exchanged, wrong or missing',
    rule: 'RFC 3891 section 3',
    remedy: 'Write the tags as their receiver sees them: to-tag is its local tag, whoever called whom.',
  },
  {
    id: 'T5',
    title: 'A refused NOTIFY takes the new call down',
    rule: 'RFC 3515 section 2.4.4, RFC 5057 section 4.1',
    remedy: 'Let a refused NOTIFY end the subscription, and nothing else.',
  },
  {
    id: 'T6',
    title: 'The BYE of the one who transfers takes the new call down',
    rule: 'RFC 5589 section 6.1, RFC 5057 section 4.1',
    remedy: 'Let the BYE end its own call; the new one goes on.',
  },
  {
    id: 'T7',
    title: 'The last NOTIFY refused because the call is over',
    rule: 'RFC 5057 section 4.1, RFC 6665 section 4.4.1',
    remedy: 'Keep the subscription until it says that it is over: it outlives the call of its dialog.',
  },
  {
    id: 'T8',
    title: 'Hung up without knowing how the transfer went, or never',
    rule: 'RFC 5589 section 6.1',
    remedy: 'Keep the call until the outcome is known: hang up on a 2xx, take the call back on a failure.',
  },
  {
    id: 'T9',
    title: 'A challenged REFER was never repeated',
    rule: 'RFC 3261 section 22.2',
    remedy: 'Send the REFER again with credentials and the next CSeq number.',
  },
  {
    id: 'T10',
    title: 'A good Replaces refused, or taken for a new call',
    rule: 'RFC 3891 section 3',
    remedy: 'Answer 481 when nothing matches, 486 for early-only on an answered call, and else replace it.',
  },
  {
    id: 'T11',
    title: 'Replaces promised and not kept, or not promised',
    rule: 'RFC 3891 section 4, RFC 3261 section 20.37',
    remedy: 'Put "replaces" into Supported exactly when it works.',
  },
  {
    id: 'T12',
    title: 'Referred-By lost, or left over from an earlier transfer',
    rule: 'RFC 3892 sections 2.1 and 2.2',
    remedy: 'Let each REFER name its own sender, and copy that into the INVITE it asks for.',
  },
  {
    id: 'T13',
    title: 'Transferred or forwarded in a circle',
    rule: 'RFC 3261 sections 16.3 and 8.1.3.4',
    remedy: 'Compare the new target with those who were already called, and stop when it is one of them.',
  },
  {
    id: 'T14',
    title: 'A legal REFER not understood',
    rule: 'RFC 4488 section 4, RFC 3892 section 2.1',
    remedy: 'Take a REFER with Refer-Sub: false, and one without Referred-By.',
  },
  {
    id: 'T15',
    title: 'A server changed the Call-ID and not the Replaces',
    rule: 'RFC 3891 section 3, reference of transfers 16.5',
    remedy: 'Change the Call-ID inside Refer-To and Replaces as well, or leave all of them alone.',
  },
  {
    id: 'T16',
    title: 'The new call is offered as if it were on hold',
    rule: 'RFC 3264 section 5.1, RFC 3891 section 3',
    remedy: 'Make a fresh offer, sendrecv: a hold belongs to the call that was held.',
  },
  {
    id: 'T17',
    title: "A stranger's REFER obeyed",
    rule: 'RFC 3515 section 5, RFC 7647 section 5',
    remedy: 'Accept a REFER only within a call, or with Target-Dialog or credentials; or ask the person.',
  },
  {
    id: 'T18',
    title: 'Transfer of a call that is not up',
    rule: 'RFC 5589 section 6.1, RFC 3515 section 2.4',
    remedy: 'Transfer a call only once it is answered; before that, redirect it or cancel it.',
  },
  {
    id: 'T19',
    title: 'No word of how the transfer goes',
    rule: 'RFC 3515 section 2.4.4',
    remedy: 'Send a NOTIFY at once when a REFER is accepted, and one with the outcome.',
  },
  {
    id: 'T20',
    title: 'The target is shown the wrong party',
    rule: 'RFC 4916 section 3, RFC 3325 section 9.1',
    remedy: 'Name the new party: in From of the new INVITE, or by UPDATE or re-INVITE in a call that stays.',
  },
  ...iaxLintRules,
];
