import type { IaxAddress } from '../address';
import type { Cause } from '../cause';
import type { CallState, ProgressReport } from './call-machine';
import type { VoicePacket } from './voice';

/** The two ways to hold (IAX2 reference 5.2): to stop the peer's media, or to tell its person. */
export type HoldKind = 'quelch' | 'hold';

/** The peer holds us. */
export interface HoldReport {
  readonly by: HoldKind;
  /** It wants music to be played to whoever is behind us; its class when it names one. */
  readonly music: string | true | undefined;
}

/** What happens in a call. */
export interface IaxCallEvents {
  readonly state: readonly [from: CallState, to: CallState];
  /** The leg is up and the codec agreed; nobody need have answered. */
  readonly accepted: readonly [];
  /** What the peer says of the call's progress. */
  readonly report: readonly [report: ProgressReport];
  readonly held: readonly [hold: HoldReport];
  readonly resumed: readonly [by: HoldKind];
  /** A key of the peer's was pressed; told of when it is let go. */
  readonly digit: readonly [digit: string];
  readonly digitBegan: readonly [digit: string];
  /** The last of our digits has been let go. */
  readonly digitsSent: readonly [];
  readonly text: readonly [text: string];
  readonly voice: readonly [packet: VoicePacket];
  /** The peer asks us to connect whoever is behind us with a number (TRANSFER). Without a listener it is told that we cannot. */
  readonly transferAsked: readonly [number: string, context: string | undefined];
  /** The peer cannot do what we asked by this command. */
  readonly unsupported: readonly [command: number];
  /** The call has another peer now: it was transferred natively. */
  readonly moved: readonly [peer: IaxAddress];
  readonly ended: readonly [cause: Cause];
}

