import type { HoldStyle } from '../sip';
import type { CallInfo, CallState, Hearing } from './call-info';

/** What a call sounds like, in both directions. */
export interface Audio {
  readonly hears: Hearing;
  /** What the other party shall hear, as far as they let us send. */
  play(what: 'voice' | 'hold' | 'none'): void;
  dispose(): void;
}

/** One phone's view of one call, whatever protocol carries it. */
export interface Call {
  /** Unique in the lab: `alice/1`. */
  readonly id: string;
  readonly state: CallState;
  /** We hold the other party. */
  readonly holding: boolean;
  readonly isUp: boolean;
  readonly hasEnded: boolean;
  /** Hold and resume can be asked for. */
  readonly canHold: boolean;
  /** The other party: a phone's name, or what they are called. */
  readonly peer: string;
  /** Why it ended; a SIP status or a Q.850 cause, and words for it. */
  readonly end: { readonly status: number; readonly text: string } | undefined;
  readonly audio: Audio | undefined;
  /** Grows each time the person turns to this call; the highest has their voice. */
  attention: number;
  /** Whether a person who says `word` may mean this call. */
  isMeantBy(word: string): boolean;
  /** Whether it came to take the place of `other`. */
  replaces(other: Call): boolean;
  info(): CallInfo;
  /** Refuses a call that came in; `status` is what the caller is told. */
  reject(status: number | undefined): void;
  hangUp(why?: string): void;
  /** Holds the other party; resolves with why they could not be held. `style` is the phone's own unless given. */
  hold(style: HoldStyle | undefined): Promise<string | undefined>;
  /** Takes the other party back; resolves with why that failed. */
  resume(): Promise<string | undefined>;
  /** Throws a CallLabError when the other side did not take a key. */
  sendDigits(digits: string): Promise<void>;
}
