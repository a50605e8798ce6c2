import {
  clear,
  type Conditions,
  deliver,
  lingers,
  reportTimeout,
  reportTransportError,
  send,
  sendTrying,
  type ServerEvent,
  set,
  type Transition,
} from './machine';
import { backOff, giveUpAfter } from './timers';

export type InviteServerState = 'proceeding' | 'completed' | 'confirmed' | 'accepted' | 'terminated';

type Step = Transition<InviteServerState> | undefined;

/** A server that will not answer within 200 ms says 100 (RFC 3261 section 17.2.1). */
const tryingAfter = 200;

/** The INVITE server transaction: RFC 3261 section 17.2.1 (figure 7), as corrected by RFC 6026 section 7.1. */
export function inviteServer(state: InviteServerState, event: ServerEvent, at: Conditions): Step {
  if (event.is === 'transport-error' && state !== 'terminated') {
    return {
      to: state,
      actions: [reportTransportError],
      rule: 'RFC 6026 7.1: a response that could not be sent is reported, and the state stays',
    };
  }
  switch (state) {
    case 'proceeding':
      return proceeding(event, at);
    case 'completed':
      return completed(event, at);
    case 'confirmed':
      return event.is === 'timer' && event.timer === 'I'
        ? { to: 'terminated', actions: [], rule: 'RFC 3261 17.2.1: I fires: no more ACKs to absorb' }
        : undefined;
    case 'accepted':
      return accepted(event);
    case 'terminated':
      return undefined;
  }
}

function proceeding(event: ServerEvent, at: Conditions): Step {
  switch (event.is) {
    case 'start':
      return {
        to: 'proceeding',
        actions: [set('trying', tryingAfter)],
        rule: 'RFC 3261 17.2.1: the INVITE goes to the user, who has 200 ms before the transaction says 100',
      };
    case 'timer':
      return event.timer === 'trying'
        ? { to: 'proceeding', actions: [sendTrying], rule: 'RFC 3261 17.2.1: 100 after 200 ms without an answer' }
        : undefined;
    case 'repeat':
      return {
        to: 'proceeding',
        actions: [send],
        rule: 'RFC 3261 17.2.1: a repeated INVITE gets the latest provisional response again',
      };
    case 'respond':
      return respond(event.status, at);
    default:
      return undefined;
  }
}

function respond(status: number, at: Conditions): Step {
  if (status < 200) {
    return { to: 'proceeding', actions: [clear('trying'), send], rule: 'RFC 3261 17.2.1: a provisional response' };
  }
  if (status < 300) {
    return {
      to: 'accepted',
      actions: [clear('trying'), send, set('L', giveUpAfter(at.timers))],
      rule: 'RFC 6026 7.1: a 2xx; the user repeats it until the ACK, L absorbs repeated INVITEs',
    };
  }
  return {
    to: 'completed',
    actions: [
      clear('trying'),
      send,
      ...(at.reliable ? [] : [set('G', backOff(at.timers, 1))]),
      set('H', giveUpAfter(at.timers)),
    ],
    rule: 'RFC 3261 17.2.1: a final non-2xx; G repeats it (unreliable transports only), H waits for the ACK',
  };
}

function completed(event: ServerEvent, at: Conditions): Step {
  switch (event.is) {
    case 'repeat':
      return { to: 'completed', actions: [send], rule: 'RFC 3261 17.2.1: a repeated INVITE gets the final response again' };
    case 'ack':
      return {
        to: lingers(at) ? 'confirmed' : 'terminated',
        actions: [clear('G'), clear('H'), ...(lingers(at) ? [set('I', at.timers.t4)] : [])],
        rule: 'RFC 3261 17.2.1: the ACK stops the repeats; I absorbs further ACKs',
      };
    case 'timer':
      if (event.timer === 'G') {
        return {
          to: 'completed',
          actions: [send, set('G', backOff(at.timers, at.sent + 1, at.timers.t2))],
          rule: 'RFC 3261 17.2.1: G fires: repeat the final response, double G up to T2',
        };
      }
      if (event.timer === 'H') {
        return { to: 'terminated', actions: [reportTimeout], rule: 'RFC 3261 17.2.1: H fires: the ACK never came' };
      }
      return undefined;
    default:
      return undefined;
  }
}

function accepted(event: ServerEvent): Step {
  switch (event.is) {
    case 'repeat':
      return { to: 'accepted', actions: [], rule: 'RFC 6026 7.1: a repeated INVITE is absorbed' };
    case 'ack':
      return { to: 'accepted', actions: [deliver], rule: 'RFC 6026 7.1: an ACK goes to the user' };
    case 'respond':
      return event.status >= 200 && event.status < 300
        ? { to: 'accepted', actions: [send], rule: 'RFC 6026 7.1: the user repeats its 2xx' }
        : undefined;
    case 'timer':
      return event.timer === 'L'
        ? { to: 'terminated', actions: [], rule: 'RFC 6026 7.1: L fires: no more repeats of the INVITE can come' }
        : undefined;
    default:
      return undefined;
  }
}
