import type { SipResponse } from '../../message';

/** How we ask a peer to transfer itself: reference 9.2 and 9.5. */
export interface ReferStyle {
  /**
   * Who tells us how it went. `implicit`: the REFER makes a subscription (RFC 3515). `none`: nobody (RFC 7614, `Require:
   * nosub`). `explicit`: whoever answers where Refer-Events-At points, asked with SUBSCRIBE in a dialog of its own.
   */
  readonly subscription: 'implicit' | 'none' | 'explicit';
  /** False asks to do without the implicit subscription (RFC 4488); a peer that does not echo it makes one all the same. */
  readonly referSub: boolean;
  /** Whether Referred-By says who asks (RFC 3892). */
  readonly referredBy: boolean;
  /** In the dialog of the call, or outside any with Target-Dialog (RFC 4538, RFC 7647). */
  readonly place: 'inside' | 'outside';
}

/** What practically every desk phone does. */
export const usualReferStyle: ReferStyle = { subscription: 'implicit', referSub: true, referredBy: true, place: 'inside' };

/** The option tags that a REFER of this style demands of its receiver. */
function requiredBy({ subscription, place }: ReferStyle): readonly string[] {
  const events = { implicit: [], none: ['nosub'], explicit: ['explicitsub'] }[subscription];
  return place === 'outside' ? [...events, 'tdialog'] : events;
}

/** What the style puts into the REFER besides Refer-To; `uri` is who asks. */
export function styleHeaders(style: ReferStyle, uri: string): [string, string][] {
  const required = requiredBy(style);
  return [
    ...(style.referredBy ? [['Referred-By', `<${uri}>`] satisfies [string, string]] : []),
    ...(style.referSub ? [] : [['Refer-Sub', 'false'], ['Supported', 'norefersub']] satisfies [string, string][]),
    ...(required.length === 0 ? [] : [['Require', required.join(', ')] satisfies [string, string]]),
  ];
}

/**
 * The style in which the same REFER may be asked again after this refusal; undefined when nothing would be better then.
 * Reference 9.3.
 */
export function mendedStyle(style: ReferStyle, { status, unsupported, require }: SipResponse): ReferStyle | undefined {
  switch (status) {
    case 420: {
      // RFC 3261 8.1.3.5: once more without what it does not know.
      const lacks = (tag: string): boolean => unsupported.includes(tag) && requiredBy(style).includes(tag);
      if (!['nosub', 'explicitsub', 'tdialog'].some(lacks)) return undefined;
      return {
        ...style,
        subscription: lacks('nosub') || lacks('explicitsub') ? 'implicit' : style.subscription,
        place: lacks('tdialog') ? 'inside' : style.place,
      };
    }
    case 421: {
      // RFC 7614 4.5: the peer makes no implicit subscription.
      const wanted = require.includes('explicitsub') ? 'explicit' : require.includes('nosub') ? 'none' : style.subscription;
      return wanted === style.subscription ? undefined : { ...style, subscription: wanted };
    }
    case 429:
      // RFC 3892 5: it wants to know who asks. If it wants that signed, we have nothing more to say.
      return style.referredBy ? undefined : { ...style, referredBy: true };
    default:
      return undefined;
  }
}
