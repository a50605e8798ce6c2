import type { ByteRange } from '../../core';

/**
 * A text that does not follow its grammar. `code` names the fault and never changes its meaning; `range` points at the
 * octets at fault, counted in the text that was given to the function that threw.
 */
export class SipSyntaxError extends Error {
  readonly code: string;
  readonly range: ByteRange;

  constructor(code: string, message: string, start: number, end: number) {
    super(message);
    this.name = 'SipSyntaxError';
    this.code = code;
    this.range = { start, end };
  }
}

/** Octets that cannot be represented as a SIP message at all. The range counts in the message's octets. */
export class SipParseError extends SipSyntaxError {
  constructor(code: string, message: string, start: number, end: number) {
    super(code, message, start, end);
    this.name = 'SipParseError';
  }
}

/** A header (or the Request-URI) that cannot be decoded, or a mandatory one that is missing (code `missing`). */
export class SipHeaderError extends SipSyntaxError {
  /** The canonical name of the header, or `request-uri`. */
  readonly header: string;

  constructor(header: string, code: string, message: string, start: number, end: number) {
    super(code, message, start, end);
    this.name = 'SipHeaderError';
    this.header = header;
  }
}
