/** Numbers of frames are octets and wrap (RFC 5456 section 7). */
const modulus = 0x100;
/** Half of the circle: what lies further ahead lies behind. */
const half = 0x80;

/** The number that follows. */
export function next(sequence: number): number {
  return (sequence + 1) % modulus;
}

/** Steps from `from` forward to `to`, 0 to 255. */
export function steps(from: number, to: number): number {
  return (to - from + modulus) % modulus;
}

export type Arrival = 'next' | 'duplicate' | 'gap';

/** What a frame numbered `arrived` is to who expects `expected`. */
export function judgeArrival(expected: number, arrived: number): Arrival {
  // IAX2 reference 3.1 step 3.
  if (arrived === expected) return 'next';
  // Step 4: up to half a circle behind is a repeat; step 5: all else came too early.
  return steps(arrived, expected) < half ? 'duplicate' : 'gap';
}

export type Acknowledgement = 'window' | 'old' | 'ahead';

/** What an ISeqno of `acknowledged` means to who has sent [`oldest`, `upcoming`) without an acknowledgement. */
export function judgeAcknowledgement(oldest: number, upcoming: number, acknowledged: number): Acknowledgement {
  // IAX2 reference 3.1 step 1: within [r, o] it releases what lies before it.
  if (steps(oldest, acknowledged) <= steps(oldest, upcoming)) return 'window';
  // A frame that was overtaken tells of an earlier time. One that claims what we never sent is no frame of this peer's (7.2).
  return steps(acknowledged, oldest) < half ? 'old' : 'ahead';
}
