import {
  clear,
  type ClientEvent,
  type Conditions,
  deliver,
  lingers,
  reportTimeout,
  reportTransportError,
  send,
  sendAck,
  set,
  type Transition,
} from './machine';
import { backOff, giveUpAfter } from './timers';

export type InviteClientState = 'calling' | 'proceeding' | 'completed' | 'accepted' | 'terminated';

type Step = Transition<InviteClientState> | undefined;

/** Timer D must be at least 32 s on an unreliable transport (RFC 3261 section 17.1.1.2). */
const timerD = 32_000;

/** The INVITE client transaction: RFC 3261 section 17.1.1 (figure 5), as corrected by RFC 6026 section 7.2. */
export function inviteClient(state: InviteClientState, event: ClientEvent, at: Conditions): Step {
  switch (state) {
    case 'calling':
      return calling(event, at);
    case 'proceeding':
      return event.is === 'response' ? response(event.status, 'proceeding', at) : undefined;
    case 'completed':
      return completed(event);
    case 'accepted':
      return accepted(event);
    case 'terminated':
      return undefined;
  }
}

function calling(event: ClientEvent, at: Conditions): Step {
  switch (event.is) {
    case 'start':
      return {
        to: 'calling',
        actions: [send, ...(at.reliable ? [] : [set('A', backOff(at.timers, 1))]), set('B', giveUpAfter(at.timers))],
        rule: 'RFC 3261 17.1.1.2: send the INVITE; A repeats it (unreliable transports only), B gives up',
      };
    case 'timer':
      if (event.timer === 'A') {
        return {
          to: 'calling',
          actions: [send, set('A', backOff(at.timers, at.sent + 1))],
          rule: 'RFC 3261 17.1.1.2: A fires: repeat, and double A without a cap',
        };
      }
      if (event.timer === 'B') {
        return {
          to: 'terminated',
          actions: [reportTimeout],
          rule: 'RFC 3261 17.1.1.2: B fires with no answer at all: tell the user (408)',
        };
      }
      return undefined;
    case 'response':
      return response(event.status, 'calling', at);
    case 'transport-error':
      return {
        to: 'terminated',
        actions: [reportTransportError],
        rule: 'RFC 3261 17.1.4: the request could not be sent: tell the user (503)',
      };
  }
}

function response(status: number, from: 'calling' | 'proceeding', at: Conditions): Step {
  const stop = from === 'calling' ? [clear('A'), clear('B')] : [];
  if (status < 200) {
    return {
      to: 'proceeding',
      actions: [...stop, deliver],
      rule: 'RFC 3261 17.1.1.2: a provisional response stops the repeats and goes to the user',
    };
  }
  if (status < 300) {
    return {
      to: 'accepted',
      actions: [...stop, set('M', giveUpAfter(at.timers)), deliver],
      rule: 'RFC 6026 7.2: a 2xx goes to the user, who sends the ACK; M keeps the transaction for further 2xx',
    };
  }
  return {
    to: lingers(at) ? 'completed' : 'terminated',
    actions: [...stop, sendAck, ...(lingers(at) ? [set('D', timerD)] : []), deliver],
    rule: 'RFC 3261 17.1.1.2: a final non-2xx is acknowledged here and goes to the user; D absorbs its repeats',
  };
}

function completed(event: ClientEvent): Step {
  if (event.is === 'response' && event.status >= 300) {
    return {
      to: 'completed',
      actions: [sendAck],
      rule: 'RFC 3261 17.1.1.2: a repeated final response gets the ACK again, and the user hears nothing of it',
    };
  }
  if (event.is === 'timer' && event.timer === 'D') {
    return { to: 'terminated', actions: [], rule: 'RFC 3261 17.1.1.2: D fires: nothing more can come' };
  }
  if (event.is === 'transport-error') {
    return {
      to: 'terminated',
      actions: [reportTransportError],
      rule: 'RFC 3261 17.1.1.2: the ACK could not be sent: tell the user',
    };
  }
  return undefined;
}

function accepted(event: ClientEvent): Step {
  if (event.is === 'response' && event.status >= 200 && event.status < 300) {
    return {
      to: 'accepted',
      actions: [deliver],
      rule: 'RFC 6026 7.2: every 2xx, repeated or from another branch of a fork, goes to the user',
    };
  }
  if (event.is === 'timer' && event.timer === 'M') {
    return { to: 'terminated', actions: [], rule: 'RFC 6026 7.2: M fires: no more 2xx are waited for' };
  }
  return undefined;
}
