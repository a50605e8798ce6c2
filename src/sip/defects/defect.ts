import type { SipMessage } from '../message';
import type { Hop } from '../transaction';

/** What becomes of a message: other octets, or none at all; undefined leaves it as it is. */
export type Altered = Uint8Array | 'nothing' | undefined;

/** What a defect may do besides altering the message at hand. */
export interface DefectTools {
  /** Who the phone is, as in From: `sip:alice@127.0.0.1:5071`. */
  readonly uri: string;
  /** A call of the phone that is up, as Target-Dialog names it (RFC 4538 section 7). */
  anyCall(): string | undefined;
  /** Gives octets to the phone as if they had come from `source`. */
  deliver(bytes: Uint8Array, source: Hop): void;
  /** Sends octets past the phone. */
  send(bytes: Uint8Array, hop: Hop): void;
  /** Does something as soon as the message at hand has been dealt with. */
  after(then: () => void): void;
  /** Hangs up the call with this Call-ID, if there is one, as soon as the message at hand has been dealt with. */
  hangUp(callId: string): void;
}

/**
 * A defect of a phone, as it shows on the wire: it alters what the phone says or what it understands. The phone itself
 * stays as it is and believes what it is told.
 */
export interface Defect {
  outgoing?(message: SipMessage, hop: Hop): Altered;
  incoming?(message: SipMessage, source: Hop): Altered;
}
