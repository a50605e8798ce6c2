import { SubscriptionHub } from '../subscription';
import type { RequestDispatch } from './request-dispatch';
import { turnDown } from './refuse';
import type { AgentServices } from './services';

/** The subscriptions of a user agent that need no call (RFC 6665), plugged into its dispatch. */
export function createSubscriptions(services: AgentServices, dispatch: RequestDispatch): SubscriptionHub {
  const hub = new SubscriptionHub(services, (transaction, status, more) => {
    turnDown(services, transaction, status, more);
  });
  dispatch.outside('SUBSCRIBE', (request, transaction) => {
    if (hub.onSubscribe(request, transaction)) return;
    // RFC 6665 4.2.1.1, 8.2.2: a 489 says what there is; refer is only had by a REFER.
    turnDown(services, transaction, 489, { headers: [['Allow-Events', [...hub.packages, 'refer'].join(', ')]] });
  });
  for (const method of ['SUBSCRIBE', 'NOTIFY']) {
    dispatch.withoutDialog(method, (request, transaction) => hub.onRequestInDialog(request, transaction));
  }
  return hub;
}
