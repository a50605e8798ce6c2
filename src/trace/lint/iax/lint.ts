import type { ByteRange, Milliseconds } from '../../../core';
import { type ElementName, FullFrame } from '../../../iax';
import type { Side } from '../../call';
import type { LegRecord, PlacedFrame } from '../../iax';
import type { MessageRecord } from '../../message';
import { nameIn } from '../../words';

/** Looks for failures of IAX2. It sees all frames that can be read but what is sent again, after the correlators. */
export interface IaxLint {
  onFrame?(placed: PlacedFrame): void;
  /** A mini or trunk frame of one end of a leg. */
  onVoice?(leg: LegRecord, side: Side): void;
  onTime?(now: Milliseconds): void;
}

/** Type and subclass: what kind of frame it is. */
export const kindPlace: ByteRange = { start: FullFrame.rangeOf('type').start, end: FullFrame.rangeOf('subclass').end };

/** An element with its id and length, or the kind of a frame that has no such element. */
export function elementPlace({ iax }: MessageRecord, name: ElementName): ByteRange {
  return iax?.find(name)?.range ?? kindPlace;
}

/** Who is at an end of a leg, as a sentence names them. */
export function personAt(leg: LegRecord, side: Side): string {
  const { call } = leg;
  // A switch is not the one who was called through it.
  if (call !== undefined) return call.behind[side] === undefined ? nameIn(call[side]) : nameIn({ name: call[side].place });
  const { host, port } = leg[side].address;
  return `${host}:${port}`;
}
