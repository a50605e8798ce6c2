import type { ByteRange } from '../../core';

/** An oddity that was tolerated: the message can be read, but its sender did not follow the letter. */
export type NoteCode =
  /** CRLF before the start line (RFC 3261 section 7.5 allows it on streams). */
  | 'leading-line-end'
  /** A line that ends in LF alone. */
  | 'bare-line-feed'
  /** More than one SP, or an SP too many, in the start line (RFC 3261 section 7.1). */
  | 'start-line-blanks'
  /** SP at the end of the start line. */
  | 'start-line-trailing-blanks'
  /** A header continued on the next line: legal, never sent today (RFC 3261 section 7.3.1). */
  | 'folded-header'
  /** A line without a colon where a header should be. */
  | 'no-colon'
  /** A header name that is no token. */
  | 'header-name'
  /** The octets end before the blank line that ends the header part. */
  | 'no-blank-line'
  | 'no-content-length'
  /** A Content-Length that is no number. */
  | 'bad-content-length'
  /** Two Content-Length headers that contradict each other. */
  | 'two-content-lengths'
  /** Content-Length promises more octets than there are. */
  | 'body-too-short'
  /** There are more octets than Content-Length says. */
  | 'trailing-octets';

export interface MessageNote {
  readonly code: NoteCode;
  readonly range: ByteRange;
  readonly text: string;
}
