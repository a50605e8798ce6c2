/**
 * Where a call stands for the person who has it. Outgoing: calling, ringing, up, ended. Incoming: authenticating (nobody is
 * told of it yet), incoming, ringing, up, ended.
 */
export type CallState = 'calling' | 'authenticating' | 'incoming' | 'ringing' | 'up' | 'ended';

/** What the peer says of a call's progress, in control frames. */
export type ProgressReport = 'ringing' | 'progress' | 'busy' | 'congestion' | 'stop-sounds';

export type CallEvent =
  /** From the peer. */
  | { readonly is: 'authreq' }
  | { readonly is: 'authrep' }
  | { readonly is: 'accept' }
  | { readonly is: 'reject' }
  | { readonly is: 'hangup' }
  | { readonly is: 'answer' }
  | { readonly is: 'report'; readonly report: ProgressReport }
  /** From our person. */
  | { readonly is: 'we-accept' }
  | { readonly is: 'we-report'; readonly report: ProgressReport }
  | { readonly is: 'we-answer' }
  | { readonly is: 'we-end' };

export type CallAction =
  | 'send-authrep'
  | 'refuse-challenge'
  | 'refuse-codec'
  | 'refuse-user'
  | 'take-codec'
  | 'offer-call'
  | 'send-accept'
  | 'send-report'
  | 'send-answer'
  | 'send-reject'
  | 'send-hangup'
  | 'report'
  | 'read-cause';

/** One step: where to go, what to do, and the rule that says so. */
export interface CallStep {
  readonly to: CallState;
  readonly actions: readonly CallAction[];
  readonly rule: string;
}

/** What the machine may know besides its state and the event. */
export interface CallConditions {
  readonly direction: 'outgoing' | 'incoming';
  /** ACCEPT was sent or received. */
  readonly isAccepted: boolean;
  /** We have a secret, the challenge is for MD5, and there were not too many of them. */
  readonly canAuthenticate: boolean;
  /** The caller has proved who he is. */
  readonly isProven: boolean;
  /** There is a codec that both can use. */
  readonly hasCodec: boolean;
}

type Step = CallStep | undefined;

/** A call, without its media: IAX2 reference sections 4.4, 4.5 and 5.1. Undefined for what means nothing in this state. */
export function stepCall(state: CallState, event: CallEvent, at: CallConditions): Step {
  if (state === 'ended') return undefined;
  // IAX2 reference 5.1: HANGUP is for any leg, REJECT for one that is not accepted; a REJECT later ends it no less.
  if (event.is === 'hangup') return { to: 'ended', actions: ['read-cause'], rule: 'IAX2 5.1: HANGUP: acknowledged, and the leg is over' };
  if (event.is === 'reject') return { to: 'ended', actions: ['read-cause'], rule: 'IAX2 5.1: REJECT: acknowledged, and the leg is over' };
  if (event.is === 'we-end') return leave(at);
  switch (state) {
    case 'calling':
    case 'ringing':
      return at.direction === 'outgoing' ? outgoing(state, event, at) : incoming(state, event, at);
    case 'authenticating':
      return authenticating(event, at);
    case 'incoming':
      return incoming(state, event, at);
    case 'up':
      return up(event);
  }
}

/** IAX2 reference 5.1: the callee REJECTs a leg that is not accepted; every other one gets HANGUP. */
function leave({ direction, isAccepted }: CallConditions): Step {
  return direction === 'incoming' && !isAccepted
    ? { to: 'ended', actions: ['send-reject'], rule: 'IAX2 5.1: REJECT refuses a leg that is not accepted' }
    : { to: 'ended', actions: ['send-hangup'], rule: 'IAX2 5.1: HANGUP ends any leg' };
}

function outgoing(state: 'calling' | 'ringing', event: CallEvent, at: CallConditions): Step {
  switch (event.is) {
    case 'authreq':
      if (at.isAccepted) return undefined;
      return at.canAuthenticate
        ? { to: state, actions: ['send-authrep'], rule: 'IAX2 4.4: AUTHREQ for MD5 is answered with AUTHREP' }
        : { to: 'ended', actions: ['refuse-challenge'], rule: 'IAX2 4.4: nothing to prove who we are; plaintext is never sent' };
    case 'accept':
      if (at.isAccepted) return undefined;
      return at.hasCodec
        ? { to: state, actions: ['take-codec'], rule: 'IAX2 5.1: ACCEPT: the leg is up, the codec agreed' }
        : { to: 'ended', actions: ['refuse-codec'], rule: 'IAX2 4.5: a format that we cannot use gets REJECT with cause 58' };
    case 'report':
      // IAX2 reference 5.1: control frames come after ACCEPT.
      if (!at.isAccepted) return undefined;
      return event.report === 'ringing'
        ? { to: 'ringing', actions: ['report'], rule: 'IAX2 5.1: CONTROL RINGING' }
        : { to: state, actions: ['report'], rule: 'IAX2 5.1: what is heard on the way to an answer' };
    case 'answer':
      return at.isAccepted ? { to: 'up', actions: [], rule: 'IAX2 5.1: CONTROL ANSWER: somebody has answered' } : undefined;
    default:
      return undefined;
  }
}

function authenticating(event: CallEvent, at: CallConditions): Step {
  if (event.is !== 'authrep') return undefined;
  if (!at.isProven) return { to: 'ended', actions: ['refuse-user'], rule: 'IAX2 4.4: REJECT with cause 50, for a wrong secret and an unknown user alike' };
  return at.hasCodec
    ? { to: 'incoming', actions: ['offer-call'], rule: 'IAX2 4.4: the MD5 result is right' }
    : { to: 'ended', actions: ['refuse-codec'], rule: 'IAX2 4.5: no codec in common: REJECT with cause 58' };
}

function incoming(state: CallState, event: CallEvent, at: CallConditions): Step {
  const accept: readonly CallAction[] = at.isAccepted ? [] : ['send-accept'];
  switch (event.is) {
    case 'we-accept':
      return at.isAccepted ? undefined : { to: state, actions: ['send-accept'], rule: 'IAX2 5.1: ACCEPT: the leg is up, nobody has answered yet' };
    case 'we-report':
      return {
        to: event.report === 'ringing' ? 'ringing' : state,
        actions: [...accept, 'send-report'],
        rule: 'IAX2 5.1: control frames come after ACCEPT',
      };
    case 'we-answer':
      return { to: 'up', actions: [...accept, 'send-answer'], rule: 'IAX2 5.1: CONTROL ANSWER after ACCEPT' };
    default:
      return undefined;
  }
}

/** IAX2 reference 6.7: after a TRANSFER whoever is left may hear RINGING on a leg that has long been answered. */
function up(event: CallEvent): Step {
  switch (event.is) {
    case 'report':
      return { to: 'up', actions: ['report'], rule: 'IAX2 6.7: the peer is calling somebody else on this leg' };
    case 'we-report':
      return { to: 'up', actions: ['send-report'], rule: 'IAX2 6.7, 6.8: what the peer shall hear of another call' };
    default:
      return undefined;
  }
}
