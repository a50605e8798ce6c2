import type { Milliseconds } from '../core';
import type { TraceCall } from './call';
import type { Party } from './party';

/**
 * The kinds a trace can be found to hold; `blonde` is an attended one whose consultation was still ringing when it was completed;
 * `native` and `native-media` are IAX2's, by TXREQ. A new transfer system adds its own here and a correlator beside the others.
 */
export type TransferKind = 'redirect' | 'pick-up' | 'blind' | 'attended' | 'blonde' | 'native' | 'native-media';

export type Verdict = 'pending' | 'success' | 'failed';

/** News of the transfer on its way to the transferor: the status line of a sipfrag (RFC 3515 section 2.4.5). */
export interface TransferProgress {
  readonly status: number;
  readonly reason: string;
  readonly at: Milliseconds;
  /** The NOTIFY, or the response, that brought it. */
  readonly message: string;
  /** Whether nothing more is to come. */
  readonly final: boolean;
}

/** One transfer, whatever it was made with: who did it to whom, how it went, and what a person would say of it. */
export interface Transfer {
  /** `x1`, `x2`, ... */
  readonly id: string;
  readonly kind: TransferKind;
  /** Who gave the call away. */
  readonly transferor: Party;
  /** Who was given to somebody else. */
  readonly transferee: Party;
  /** Who was to get the call. */
  readonly target: Party;
  readonly startedAt: Milliseconds;
  readonly progress: readonly TransferProgress[];
  /** The calls it was to end: the first call, and for an attended transfer the consultation call. */
  readonly replacedCalls: readonly TraceCall[];
  /** The call between transferee and target, as soon as it is tried. */
  readonly survivingCall: TraceCall | undefined;
  /** Ids of its messages, in order. */
  readonly messages: readonly string[];
  readonly verdict: Verdict;
  /** One sentence, as a person would say it. It follows what happens after the verdict, such as a call resumed. */
  readonly reason: string;
  /** The message that decided the verdict. */
  readonly decidedBy: string | undefined;
  /** Of a failed one, the first message in which it went wrong: earlier than the one that decided, as a rule. */
  readonly wentWrongAt: string | undefined;
  /** When the verdict was reached. */
  readonly decidedAt: Milliseconds | undefined;
}
