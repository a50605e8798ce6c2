import {
  type Conditions,
  lingers,
  reportTransportError,
  send,
  type ServerEvent,
  set,
  type Transition,
} from './machine';
import { giveUpAfter } from './timers';

export type NonInviteServerState = 'trying' | 'proceeding' | 'completed' | 'terminated';

type Step = Transition<NonInviteServerState> | undefined;

/** The non-INVITE server transaction: RFC 3261 section 17.2.2 (figure 8). */
export function nonInviteServer(state: NonInviteServerState, event: ServerEvent, at: Conditions): Step {
  if (event.is === 'transport-error' && state !== 'terminated') {
    return {
      to: 'terminated',
      actions: [reportTransportError],
      rule: 'RFC 3261 17.2.4: a response that could not be sent is reported',
    };
  }
  switch (state) {
    case 'trying':
    case 'proceeding':
      return unanswered(state, event, at);
    case 'completed':
      if (event.is === 'repeat') {
        return { to: 'completed', actions: [send], rule: 'RFC 3261 17.2.2: a repeat gets the final response again' };
      }
      if (event.is === 'timer' && event.timer === 'J') {
        return { to: 'terminated', actions: [], rule: 'RFC 3261 17.2.2: J fires: no more repeats can come' };
      }
      return undefined; // RFC 3261 17.2.2: any other final response of the user is dropped
    case 'terminated':
      return undefined;
  }
}

function unanswered(state: 'trying' | 'proceeding', event: ServerEvent, at: Conditions): Step {
  if (event.is === 'start') {
    return { to: 'trying', actions: [], rule: 'RFC 3261 17.2.2: the request goes to the user' };
  }
  if (event.is === 'repeat') {
    return state === 'proceeding'
      ? { to: 'proceeding', actions: [send], rule: 'RFC 3261 17.2.2: a repeat gets the provisional response again' }
      : { to: 'trying', actions: [], rule: 'RFC 3261 17.2.2: a repeat before any response is dropped' };
  }
  if (event.is === 'respond') {
    if (event.status < 200) {
      return { to: 'proceeding', actions: [send], rule: 'RFC 3261 17.2.2: a provisional response' };
    }
    return {
      to: lingers(at) ? 'completed' : 'terminated',
      actions: [send, ...(lingers(at) ? [set('J', giveUpAfter(at.timers))] : [])],
      rule: 'RFC 3261 17.2.2: a final response; J absorbs repeats of the request',
    };
  }
  return undefined;
}
