import type { Side } from './middle';

/** What became of a native transfer, for people and programs. */
export interface TransferOutcome {
  /**
   * `done`: both ends talk to each other and we are out. `media`: voice goes straight, signalling through us. The others leave
   * both calls as they were, but for `ended`, where one of them is over, and `uncertain`, where nobody knows of one end whether
   * it has moved.
   */
  readonly is: 'done' | 'media' | 'rejected' | 'timed-out' | 'ended' | 'withdrawn' | 'uncertain';
  /** The end that decided it, where one did. */
  readonly side: Side | undefined;
  /** One sentence. */
  readonly text: string;
}
