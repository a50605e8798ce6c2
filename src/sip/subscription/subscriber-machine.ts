/** Where one subscription stands for its subscriber. */
export type SubscriberState = 'notify wait' | 'pending' | 'active' | 'terminated';

export type SubscriberEvent =
  /** A NOTIFY, with its Subscription-State. */
  | { readonly is: 'notify'; readonly state: string }
  /** A final refusal of the first SUBSCRIBE, or of one that refreshes. */
  | { readonly is: 'refused'; readonly ends: boolean }
  | { readonly is: 'timer N' }
  | { readonly is: 'expired' }
  | { readonly is: 'abandoned'; readonly why: string };

export interface SubscriberStep {
  readonly to: SubscriberState;
  readonly rule: string;
}

/** The subscriber's machine: RFC 6665 section 4.1.2, figure 1. Undefined for an event that means nothing there. */
export function subscriberStep(state: SubscriberState, event: SubscriberEvent): SubscriberStep | undefined {
  if (state === 'terminated') return undefined; // RFC 6665 4.1.3: a terminated subscription never comes back
  switch (event.is) {
    case 'notify':
      if (event.state === 'terminated') return { to: 'terminated', rule: 'RFC 6665 4.1.3: the notifier ended it' };
      if (event.state === 'pending') {
        // RFC 6665 4.1.3: pending, no decision yet. A notifier that takes its consent back says so too.
        return { to: 'pending', rule: 'RFC 6665 4.1.3: the notifier has not decided yet' };
      }
      // RFC 6665 4.1.3: an extension state is to be treated as active.
      return { to: 'active', rule: 'RFC 6665 4.1.3: the notifier agreed' };
    case 'refused':
      if (state === 'notify wait') return { to: 'terminated', rule: 'RFC 6665 4.1.2.1: the SUBSCRIBE was refused' };
      if (event.ends) return { to: 'terminated', rule: 'RFC 6665 4.1.2.2: the notifier no longer knows it' };
      return undefined; // RFC 6665 4.1.2.2: any other refusal leaves what is left of its life
    case 'timer N':
      // RFC 6665 4.1.2.4: only the first NOTIFY is waited for so; also the last, after an unsubscription (4.1.2.3).
      return { to: 'terminated', rule: 'RFC 6665 4.1.2.4: timer N, no NOTIFY came' };
    case 'expired':
      return { to: 'terminated', rule: 'RFC 6665 4.1.2.2: it expired' };
    case 'abandoned':
      return { to: 'terminated', rule: event.why };
  }
}
