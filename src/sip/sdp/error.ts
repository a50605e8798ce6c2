import { type ByteRange, CallLabError, type ErrorCode } from '../../core';

/**
 * A session description that cannot be used, and how a user agent server answers it: 488 for a body it cannot read or
 * has no codec for (RFC 3261 section 21.4.26), 491 and 500 for an offer out of turn (RFC 3261 section 14.2, RFC 3311
 * section 5.2). The range counts in the octets of the body.
 */
export class SdpError extends CallLabError {
  readonly range: ByteRange;
  readonly status: 488 | 491 | 500;

  constructor(code: ErrorCode, message: string, range: ByteRange, status: 488 | 491 | 500 = 488) {
    super(code, message);
    this.name = 'SdpError';
    this.range = range;
    this.status = status;
  }
}
