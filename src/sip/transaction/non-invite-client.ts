import {
  clear,
  type ClientEvent,
  type Conditions,
  deliver,
  lingers,
  reportTimeout,
  reportTransportError,
  send,
  set,
  type Transition,
} from './machine';
import { backOff, giveUpAfter } from './timers';

export type NonInviteClientState = 'trying' | 'proceeding' | 'completed' | 'terminated';

type Step = Transition<NonInviteClientState> | undefined;

/** The non-INVITE client transaction: RFC 3261 section 17.1.2 (figure 6). */
export function nonInviteClient(state: NonInviteClientState, event: ClientEvent, at: Conditions): Step {
  switch (state) {
    case 'trying':
    case 'proceeding':
      return waiting(state, event, at);
    case 'completed':
      return event.is === 'timer' && event.timer === 'K'
        ? { to: 'terminated', actions: [], rule: 'RFC 3261 17.1.2.2: K fires: no more repeats of the response can come' }
        : undefined;
    case 'terminated':
      return undefined;
  }
}

function waiting(state: 'trying' | 'proceeding', event: ClientEvent, at: Conditions): Step {
  switch (event.is) {
    case 'start':
      return {
        to: 'trying',
        actions: [send, ...(at.reliable ? [] : [set('E', backOff(at.timers, 1, at.timers.t2))]), set('F', giveUpAfter(at.timers))],
        rule: 'RFC 3261 17.1.2.2: send the request; E repeats it (unreliable transports only), F gives up',
      };
    case 'timer':
      return timer(event.timer, state, at);
    case 'response':
      return response(event.status, at);
    case 'transport-error':
      return {
        to: 'terminated',
        actions: [reportTransportError],
        rule: 'RFC 3261 17.1.4: the request could not be sent: tell the user (503)',
      };
  }
}

function timer(name: string, state: 'trying' | 'proceeding', at: Conditions): Step {
  if (name === 'E') {
    const gap = state === 'proceeding' ? at.timers.t2 : backOff(at.timers, at.sent + 1, at.timers.t2);
    return {
      to: state,
      actions: [send, set('E', gap)],
      rule: 'RFC 3261 17.1.2.2: E fires: repeat; E doubles up to T2, and is T2 once a provisional response has come',
    };
  }
  if (name === 'F') {
    return {
      to: 'terminated',
      actions: [reportTimeout],
      rule: 'RFC 3261 17.1.2.2: F fires, in Proceeding too: tell the user (408)',
    };
  }
  return undefined;
}

function response(status: number, at: Conditions): Step {
  if (status < 200) {
    return { to: 'proceeding', actions: [deliver], rule: 'RFC 3261 17.1.2.2: a provisional response' };
  }
  return {
    to: lingers(at) ? 'completed' : 'terminated',
    actions: [clear('E'), clear('F'), ...(lingers(at) ? [set('K', at.timers.t4)] : []), deliver],
    rule: 'RFC 3261 17.1.2.2: a final response goes to the user; K absorbs its repeats',
  };
}
