/** Where one subscription stands for its notifier. */
export type NotifierState = 'response wait' | 'pending' | 'active' | 'terminated';

export type NotifierEvent =
  /** The policy accepted the subscription, or accepts it now. */
  | { readonly is: 'allowed' }
  /** A person, or a policy, has yet to decide. */
  | { readonly is: 'undecided' }
  | { readonly is: 'denied' }
  /** SUBSCRIBE with Expires: 0: a fetch, or the end. */
  | { readonly is: 'unsubscribed' }
  | { readonly is: 'expired' }
  /** A NOTIFY failed in a way that ends it. */
  | { readonly is: 'notify failed'; readonly why: string }
  /** The resource is gone, or wants no watchers for now. */
  | { readonly is: 'withdrawn'; readonly reason: string };

export interface NotifierStep {
  readonly to: NotifierState;
  /** The reason of a terminated Subscription-State; undefined when no last NOTIFY is owed. */
  readonly reason?: string;
  readonly rule: string;
}

/** The notifier's machine: RFC 6665 section 4.2, figure 2. Undefined for an event that means nothing there. */
export function notifierStep(state: NotifierState, event: NotifierEvent): NotifierStep | undefined {
  if (state === 'terminated') return undefined; // RFC 6665 4.2.2: nothing follows the last NOTIFY
  switch (event.is) {
    case 'allowed':
      return { to: 'active', rule: 'RFC 6665 4.2.1.1: the subscription is authorised' };
    case 'undecided':
      return state === 'response wait' ? { to: 'pending', rule: 'RFC 6665 4.2.1.3: nobody has decided yet' } : undefined;
    case 'denied':
      return { to: 'terminated', reason: 'rejected', rule: 'RFC 6665 4.2.1.3: the subscription was refused after all' };
    case 'unsubscribed':
      return { to: 'terminated', reason: 'timeout', rule: 'RFC 6665 4.2.1.4: Expires: 0' };
    case 'expired':
      return { to: 'terminated', reason: 'timeout', rule: 'RFC 6665 4.2.2: it expired' };
    case 'withdrawn':
      return { to: 'terminated', reason: event.reason, rule: `RFC 6665 4.2.2: ended with ${event.reason}` };
    case 'notify failed':
      return { to: 'terminated', rule: event.why };
  }
}
