import type { Milliseconds } from '../../../core';
import type { CommandName } from '../../../iax';
import { otherSide } from '../../call';
import type { PlacedFrame } from '../../iax';
import type { LintContext } from '../lint';
import { type IaxLint, kindPlace, personAt } from './lint';

/** By then everybody has given up: Asterisk after 32 s, libiax2 after 39 s (IAX2 reference 3.3). */
const patience: Milliseconds = 40_000;
/** Who has sent a frame so often and then hangs up has given up before. */
const manySendings = 4;
/** A flood of frames must cost no memory. */
const mostWaiting = 10_000;

/** Nobody acknowledges these (IAX2 reference 3.2). */
const needsNone: ReadonlySet<CommandName | undefined> = new Set<CommandName>(['ACK', 'INVAL', 'VNAK', 'TXCNT', 'TXACC', 'CALLTOKEN']);
const noCall = 1;

/** A frame that was sent again and again, or would have been, and that nobody acknowledged. */
export class AcknowledgementLint implements IaxLint {
  readonly #context: LintContext;
  /** In the order of their time. */
  #waiting: PlacedFrame[] = [];

  constructor(context: LintContext) {
    this.#context = context;
  }

  onFrame(placed: PlacedFrame): void {
    const { frame, leg } = placed;
    if (needsNone.has(frame.command) || frame.sourceCall === noCall || frame.fault !== undefined || placed.isMisaddressed) return;
    // What somebody says about a call that is not theirs is no part of any leg.
    if (leg.purpose === 'unknown') return;
    // Who has POKEd knows all that it wanted to, and has no call to acknowledge in.
    if (leg.purpose === 'poke' && frame.command === 'PONG') return;
    if (frame.command === 'HANGUP') this.#onHangUp(placed);
    if (this.#waiting.length < mostWaiting) this.#waiting.push(placed);
  }

  onTime(now: Milliseconds): void {
    let due = 0;
    for (let next = this.#waiting[0]; next !== undefined && next.record.at + patience <= now; next = this.#waiting[due]) {
      due += 1;
      this.#check(next);
    }
    if (due > 0) this.#waiting = this.#waiting.slice(due);
  }

  #check({ record, frame, leg, side }: PlacedFrame): void {
    if (record.acknowledgedBy === undefined && !isMoot(record, leg)) this.#report({ record, frame, leg, side });
  }

  #onHangUp({ leg, side }: PlacedFrame): void {
    for (const record of leg[side].outstanding) {
      const sendings = 1 + leg.messages.filter(({ retransmissionOf }) => retransmissionOf === record).length;
      if (sendings >= manySendings && record.iax !== undefined) this.#report({ record, frame: record.iax, leg, side });
    }
  }

  #report({ record, frame, leg, side }: Pick<PlacedFrame, 'record' | 'frame' | 'leg' | 'side'>): void {
    this.#context.report({
      id: 'iax-unacknowledged',
      clause: `${personAt(leg, side)} sends ${frame.title} and ${personAt(leg, otherSide(side))} never acknowledges it`,
      message: record,
      range: kindPlace,
    });
  }
}

/** A leg that is over takes its unanswered frames with it, but for the one that ended it. */
function isMoot(record: PlacedFrame['record'], leg: PlacedFrame['leg']): boolean {
  if (leg.ended !== undefined) return leg.ended !== record;
  return leg.released !== undefined && leg.released !== record;
}
