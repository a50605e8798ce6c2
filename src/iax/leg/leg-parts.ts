import type { IaxAddress } from '../address';
import type { Cause } from '../cause';
import type { ElementValues, FullFrame } from '../frame';
import type { IaxServices } from '../services';
import type { Leg } from './leg';

/** One end of a leg: an address, and the number that the call has there. */
export interface LegPath {
  readonly address: IaxAddress;
  /** 1 to 32767; 0 while it is not known. */
  readonly number: number;
}

/** A full frame to be sent; the leg adds the numbers. */
export interface Outgoing {
  readonly type: number;
  readonly subclass: number;
  readonly data?: Uint8Array;
  /** Milliseconds on the leg's time; now unless given. */
  readonly timestamp?: number;
}

/** Where one leg's mini frames are collected to go out together with those of others. */
export interface MediaCollector {
  collect(destination: IaxAddress, sourceCall: number, timestamp: number, payload: Uint8Array): void;
}

/** Who keeps the legs and finds the one that a frame is for. */
export interface LegHost extends IaxServices {
  /** The peer's number is known now, or the leg has moved. */
  onPathChanged(leg: Leg, former: LegPath): void;
  /** The leg is over, and only answers repeats. */
  onOver(leg: Leg): void;
  /** Nothing can come for this leg any more. */
  onForgotten(leg: Leg): void;
  /** Something that a person should know of, and that was dropped. */
  onProblem(text: string, source: IaxAddress, frame?: FullFrame): void;
}

/** Whose leg it is: a call, a registration. */
export interface LegUser {
  /** A numbered frame that came in its turn and is no PING, PONG, LAGRQ or LAGRP. It is acknowledged when this returns. */
  onFrame(frame: FullFrame): void;
  /** The peer is gone, or knows nothing of this leg: there is nobody to say goodbye to. */
  onDead(cause: Cause): void;
  /** The leg is forgotten, for whatever reason: nothing more is heard of it, and no timer may wait for it. */
  onForgotten?(): void;
  /** A reply that was sent without a call of its own: CALLTOKEN, or a refusal. Never acknowledged. */
  onReply?(frame: FullFrame): void;
  /** Media of a mini frame; `timestamp` is its lower half, or undefined in a trunk without times. */
  onMini?(timestamp: number | undefined, payload: Uint8Array): void;
  /** The leg has another peer now. */
  onMoved?(): void;
  /** Nothing of ours is on its way any more. */
  onAllAcknowledged?(): void;
  /** What a PONG reports of the media received (RFC 5456 section 8.6.34 to 8.6.39). */
  report?(): ElementValues;
}

/**
 * `open`; `closing`: our last frame waits for its acknowledgement; `lingering`: over, and repeats of what we have had are
 * acknowledged for a while; `silent`: over, and whatever comes is dropped; `forgotten`.
 */
export type LegState = 'open' | 'closing' | 'lingering' | 'silent' | 'forgotten';
