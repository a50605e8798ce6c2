import type { SipRequest } from '../message';
import type { Hop } from '../transaction';
import type { NotifyLimits } from './notify-pump';

/** What the policy says to a subscriber. */
export type Admission =
  | { readonly is: 'allowed' }
  /** Somebody has yet to decide: the subscription is pending, and tells nothing (RFC 6665 section 4.2.1.3). */
  | { readonly is: 'undecided' }
  /** Refused: 403, and `text` tells the person why. */
  | { readonly is: 'denied'; readonly text: string };

/** The state documents for one subscriber, in their order. */
export interface StateFeed {
  /**
   * The next document. `full` for the whole state, as the first one and each after a SUBSCRIBE must be; otherwise what has
   * changed since the last one is enough.
   */
  next(full: boolean): string;
  /** Nothing has changed since the last document. */
  readonly isUpToDate: boolean;
}

/** An event package that a user agent notifies of (RFC 6665 section 5). */
export interface EventPackage {
  /** As it stands in Event: `dialog`. */
  readonly name: string;
  /** The media type of its documents. */
  readonly contentType: string;
  /** Seconds granted where a SUBSCRIBE names none, at the most, and at the least (423 below that). */
  readonly expires: { readonly usual: number; readonly most: number; readonly least: number };
  readonly limits: NotifyLimits;
  admit(subscribe: SipRequest, source: Hop): Admission;
  /** A feed for one subscription; the first document is version 0. */
  openFeed(): StateFeed;
}
