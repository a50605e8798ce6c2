/** Which way a stream flows, as its describer sees it (RFC 3264 section 5.1). Absent means `sendrecv`. */
export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/**
 * How a hold is written: `sendonly` may still send music, `inactive` sends nothing (RFC 3264 section 8.4), `c0` is the
 * way of RFC 2543, connection address 0.0.0.0, which must be understood and is written only when asked for.
 */
export type HoldStyle = 'sendonly' | 'inactive' | 'c0';

/** What a description says about the flow of its stream. */
export interface FlowLine {
  /** `undefined`: no attribute is written. */
  readonly direction: Direction | undefined;
  /** The connection address is 0.0.0.0 or `::`: "send me nothing" (RFC 3264 section 8.4). */
  readonly nullAddress: boolean;
}

/** Our own side of a hold: each party holds its own incoming direction (RFC 3264 section 8.4). */
export interface LocalHold {
  readonly hold: boolean;
  readonly style: HoldStyle;
}

export function sends(direction: Direction | undefined): boolean {
  return direction !== 'recvonly' && direction !== 'inactive';
}

export function receives(direction: Direction | undefined): boolean {
  return direction !== 'sendonly' && direction !== 'inactive';
}

/** What to offer. A stream that the peer holds is offered without our sending, so a second hold makes it inactive. */
export function flowToOffer({ hold, style }: LocalHold, peerHolds: boolean): FlowLine {
  if (!hold) return written(peerHolds ? 'recvonly' : 'sendrecv');
  if (style === 'c0') return { direction: undefined, nullAddress: true };
  return written(style === 'inactive' || peerHolds ? 'inactive' : 'sendonly');
}

/**
 * What to answer: never more than the offer leaves open (RFC 3264 section 6.1), never a hold of our own because of
 * theirs, and our own hold where there is one.
 */
export function flowToAnswer(offered: FlowLine, { hold, style }: LocalHold): FlowLine {
  if (!hold) return written(answerWithoutHold(offered));
  if (style === 'inactive') return written('inactive');
  // To an offer of 0.0.0.0 nothing may be sent, and being on hold we take nothing either.
  const maySend = receives(offered.direction) && !offered.nullAddress;
  if (style === 'sendonly') return written(maySend ? 'sendonly' : 'inactive');
  if (!maySend) return { direction: 'inactive', nullAddress: true };
  return { direction: sends(offered.direction) ? undefined : 'sendonly', nullAddress: true };
}

function answerWithoutHold({ direction, nullAddress }: FlowLine): Direction {
  switch (direction) {
    // An RFC 2543 phone writes no attribute and expects none that it does not know.
    case undefined:
      return 'sendrecv';
    case 'sendrecv':
      return nullAddress ? 'recvonly' : 'sendrecv';
    case 'sendonly':
      return 'recvonly';
    case 'recvonly':
      return nullAddress ? 'inactive' : 'sendonly';
    case 'inactive':
      return 'inactive';
  }
}

/** Whether the peer's offer holds us, and in what style. */
export function holdInOffer({ direction, nullAddress }: FlowLine): HoldStyle | undefined {
  if (nullAddress) return 'c0';
  return direction === 'sendonly' || direction === 'inactive' ? direction : undefined;
}

/**
 * Whether we are held after the peer's answer. An answer speaks of the peer's own wish only as far as our offer left it
 * a choice; where it left none, what was true before stays true.
 */
export function holdInAnswer(
  offered: FlowLine,
  answer: FlowLine,
  before: HoldStyle | undefined,
): HoldStyle | undefined {
  if (answer.nullAddress) return 'c0';
  if (receives(answer.direction)) return undefined;
  // RFC 3264 section 6.1: to recvonly and inactive the peer could not answer that it receives.
  if (!sends(offered.direction)) return before;
  // We offered to receive nothing ourselves. An inactive answer then only declines our music; were it taken for a hold,
  // our resume would offer recvonly and leave the call one-way. A peer that does hold says so when we resume.
  const weHeld = offered.nullAddress || !receives(offered.direction);
  if (weHeld && answer.direction === 'inactive') return before;
  return answer.direction === 'inactive' ? 'inactive' : 'sendonly';
}

function written(direction: Direction): FlowLine {
  return { direction, nullAddress: false };
}
