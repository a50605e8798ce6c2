import type { DialogEvent, DialogPhase, SubscriberPhase } from '../sip';

/** One call of a phone that is watched, as its dialog-info tells it. A snapshot. */
export interface WatchedCall {
  /** Unique among the calls of whoever is watched. */
  readonly id: string;
  readonly phase: DialogPhase;
  /** Who called: `initiator` when whoever is watched did; undefined where it was not told. */
  readonly direction: 'initiator' | 'recipient' | undefined;
  /** The other party: a phone of the lab by its name, anybody else by the user part of their URI. */
  readonly peer: string;
  /** The other party's URI; empty where it was not told. */
  readonly peerUri: string;
  readonly event: DialogEvent | undefined;
  /** The other party's call came by a transfer of this one, from Referred-By. */
  readonly transferredBy: string | undefined;
  /** It took the place of another call. */
  readonly isReplacement: boolean;
  /** It rings, and all is told that a pick-up needs. */
  readonly canPickUp: boolean;
}

/** Somebody whom a phone watches. A snapshot. */
export interface WatchInfo {
  /** A phone of the lab by its name, anybody else by the URI as it was given. */
  readonly target: string;
  readonly uri: string;
  /** `snapshot`: asked once, told once. */
  readonly phase: SubscriberPhase | 'snapshot';
  /** Why, as a sentence without its full stop. */
  readonly why: string;
  readonly calls: readonly WatchedCall[];
}

/** What whoever is watched is doing, in a word; undefined where nothing is known. */
export type WatchedState = 'ringing' | 'calling' | 'talking' | 'idle';

/** The word for one call; undefined for one that has come but does not ring yet. */
export function stateOfWatchedCall({ phase, direction }: Pick<WatchedCall, 'phase' | 'direction'>): Exclude<WatchedState, 'idle'> | undefined {
  if (phase === 'confirmed') return 'talking';
  if (direction === 'initiator') return 'calling';
  return phase === 'early' ? 'ringing' : undefined;
}

/** All that is true: somebody may talk and ring at the same time. */
export function statesOf({ phase, calls }: Pick<WatchInfo, 'phase' | 'calls'>): readonly WatchedState[] {
  if (phase !== 'active' && phase !== 'snapshot') return [];
  if (calls.length === 0) return ['idle'];
  return [...new Set(calls.flatMap((call) => stateOfWatchedCall(call) ?? []))];
}
