import { usualReferStyle } from '../../../src/sip';
import type { RigAgent, RigTransfer } from '../../support/sip-agents';
import type { BlondeMode, ReferStyle, Session } from '../../../src/sip';

/** Who takes part in a flow. */
export interface Cast {
  readonly alice: RigAgent;
  readonly bob: RigAgent;
  readonly charlie: RigAgent;
  readonly dave: RigAgent;
  readonly transfers: RigTransfer[];
}

/** One thing that somebody does. False while it cannot be done: it is tried again a little later, a few times. */
type Act = (cast: Cast) => boolean;

/** A flow as people make it: `[milliseconds after the beginning, act]`. */
export type Script = readonly (readonly [at: number, act: Act])[];

type Name = 'alice' | 'bob' | 'charlie' | 'dave';

function call(from: Name, to: Name): Act {
  return (cast) => {
    cast[from].call(cast[to]);
    return true;
  };
}

function answer(who: Name): Act {
  return (cast) => {
    const ringing = cast[who].agent.sessions.find(({ state }) => state === 'incoming');
    if (ringing === undefined) return false;
    cast[who].take(ringing);
    return true;
  };
}

function withRinging(who: Name, act: (session: Session, cast: Cast) => void): Act {
  return (cast) => {
    const ringing = cast[who].agent.sessions.find(({ state }) => state === 'incoming');
    if (ringing === undefined) return false;
    act(ringing, cast);
    return true;
  };
}

/** With the call of `who` with `peer` that is up. */
function withCall(who: Name, peer: Name, act: (session: Session, cast: Cast) => void): Act {
  return (cast) => {
    const session = callOf(cast, who, peer);
    if (session?.state !== 'connected') return false;
    act(session, cast);
    return true;
  };
}

function callOf(cast: Cast, who: Name, peer: Name): Session | undefined {
  const calls = cast[who].agent.sessions.filter(({ state }) => state !== 'ended');
  return calls.find(({ remoteUri }) => remoteUri.startsWith(`sip:${peer}@`)) ?? calls[0];
}

function hold(who: Name, peer: Name, on = true): Act {
  return withCall(who, peer, (session, cast) => void cast[who].hold(session, on));
}

function hangUp(who: Name, peer: Name): Act {
  return (cast) => {
    const session = callOf(cast, who, peer);
    session?.hangUp();
    return session !== undefined;
  };
}

function blind(who: Name, peer: Name, to: Name, style: Partial<ReferStyle> = {}): Act {
  return withCall(who, peer, (session, cast) => {
    cast.transfers.push(cast[who].transfer(session, cast[to], undefined, { style: { ...usualReferStyle, ...style } }));
  });
}

function blonde(who: Name, peer: Name, to: Name, mode: BlondeMode): Act {
  return withCall(who, peer, (session, cast) => {
    const consultation = cast[who].agent.sessions.find((each) => each !== session && each.remoteUri.startsWith(`sip:${to}@`));
    if (consultation !== undefined) cast.transfers.push(cast[who].blonde(session, consultation, mode));
  });
}

/** Sends a key by INFO. */
function press(who: Name, peer: Name, digit: string): Act {
  return withCall(who, peer, (session) => session.sendDigit(digit, () => undefined));
}

/** Answers with a session description before anybody has picked up. */
function ringWithAudio(who: Name): Act {
  return withRinging(who, (session, cast) => session.progress(cast[who].negotiation()));
}

/** Attended, or while the consultation rings blonde. */
function attended(who: Name, peer: Name, to: Name, consultationIs: Session['state'] = 'connected'): Act {
  return withCall(who, peer, (session, cast) => {
    const consultation = cast[who].agent.sessions.find((each) => each !== session && each.remoteUri.startsWith(`sip:${to}@`));
    if (consultation?.state !== consultationIs && consultation?.state !== 'connected') return;
    cast.transfers.push(cast[who].transfer(session, consultation.dialog?.remoteTarget ?? cast[to].uri, consultation));
  });
}

/** Takes the call that rings at `ringing`, by an INVITE with Replaces to the caller. */
function pickUp(who: Name, caller: Name, how: '' | ';early-only'): Act {
  return (cast) => {
    const dialog = cast[caller].agent.sessions.find(({ state }) => state === 'ringing')?.dialog;
    if (dialog === undefined) return false;
    const value = `${dialog.callId};to-tag=${dialog.localTag};from-tag=${dialog.remoteTag}${how}`;
    cast[who].call(cast[caller], [['Replaces', value], ['Require', 'replaces']]);
    return true;
  };
}

const bobsCall: Script = [[0, call('alice', 'bob')], [30, answer('bob')]];
const consultation: Script = [[60, hold('bob', 'alice')], [120, call('bob', 'charlie')], [150, answer('charlie')]];

const ringingConsultation: Script = [...bobsCall, [60, hold('bob', 'alice')], [120, call('bob', 'charlie')]];

/** The flows that are mutated, by name. */
export const scripts = {
  'call': [...bobsCall, [200, hangUp('alice', 'bob')]],
  'blind transfer': [...bobsCall, [80, blind('bob', 'alice', 'charlie')], [160, answer('charlie')]],
  'blind transfer by the caller': [...bobsCall, [80, blind('alice', 'bob', 'charlie')], [160, answer('charlie')]],
  'blind transfer to a busy target': [
    ...bobsCall,
    [80, blind('bob', 'alice', 'charlie')],
    [150, withRinging('charlie', (session) => session.reject(486))],
    [400, hangUp('alice', 'bob')],
  ],
  'blind transfer to nobody': [...bobsCall, [80, blind('bob', 'alice', 'charlie')]],
  'attended transfer': [...bobsCall, ...consultation, [260, attended('bob', 'alice', 'charlie')]],
  'attended transfer by who called both': [
    [0, call('bob', 'alice')],
    [30, answer('alice')],
    ...consultation,
    [260, attended('bob', 'alice', 'charlie')],
  ],
  'attended transfer, called by both': [
    ...bobsCall,
    [60, hold('bob', 'alice')],
    [100, call('charlie', 'bob')],
    [130, answer('bob')],
    [260, attended('bob', 'alice', 'charlie')],
  ],
  'attended transfer while the target hangs up': [
    ...bobsCall,
    ...consultation,
    [260, attended('bob', 'alice', 'charlie')],
    [262, hangUp('charlie', 'bob')],
  ],
  'blonde transfer': [
    ...bobsCall,
    [60, hold('bob', 'alice')],
    [120, call('bob', 'charlie')],
    [160, attended('bob', 'alice', 'charlie', 'ringing')],
    [220, answer('charlie')],
  ],
  'blonde transfer that waits': [...ringingConsultation, [160, blonde('bob', 'alice', 'charlie', 'wait')], [900, answer('charlie')]],
  'blonde transfer that becomes blind': [...ringingConsultation, [160, blonde('bob', 'alice', 'charlie', 'cancel')], [700, answer('charlie')]],
  'blonde transfer by Replaces': [...ringingConsultation, [160, blonde('bob', 'alice', 'charlie', 'replaces')], [500, answer('charlie')]],
  'blind transfer that nobody reports': [...bobsCall, [80, blind('bob', 'alice', 'charlie', { subscription: 'none' })], [200, answer('charlie')]],
  'blind transfer, subscribed to explicitly': [...bobsCall, [80, blind('bob', 'alice', 'charlie', { subscription: 'explicit' })], [250, answer('charlie')]],
  'blind transfer without a subscription': [...bobsCall, [80, blind('bob', 'alice', 'charlie', { referSub: false })], [200, answer('charlie')]],
  'blind transfer from outside the call': [...bobsCall, [80, blind('bob', 'alice', 'charlie', { place: 'outside' })], [200, answer('charlie')]],
  'early audio': [[0, call('alice', 'bob')], [20, ringWithAudio('bob')], [400, answer('bob')], [700, hangUp('bob', 'alice')]],
  'keys by INFO': [...bobsCall, [60, press('alice', 'bob', '5')], [90, press('bob', 'alice', '#')], [200, hangUp('alice', 'bob')]],
  'redirect': [
    [0, call('alice', 'bob')],
    [20, withRinging('bob', (session, { charlie, dave }) => session.redirect([charlie.uri, dave.uri]))],
    [40, answer('charlie')],
    [60, withRinging('dave', (session) => session.reject(603))],
  ],
  'redirect in a loop': [
    [0, call('alice', 'bob')],
    [20, withRinging('bob', (session, { charlie }) => session.redirect([charlie.uri]))],
    [40, withRinging('charlie', (session, { bob }) => session.redirect([bob.uri]))],
  ],
  'pick-up': [[0, call('alice', 'bob')], [40, pickUp('charlie', 'alice', ';early-only')]],
  'pick-up of a call that is answered meanwhile': [[0, call('alice', 'bob')], [40, pickUp('charlie', 'alice', '')], [40, answer('bob')]],
  'hold and resume': [
    ...bobsCall,
    [60, hold('bob', 'alice')],
    [120, hold('bob', 'alice', false)],
    [180, hold('alice', 'bob')],
    [240, hangUp('bob', 'alice')],
  ],
  'hold from both sides at once': [...bobsCall, [60, hold('bob', 'alice')], [60, hold('alice', 'bob')], [6_000, hold('alice', 'bob', false)]],
  'crossing BYE': [...bobsCall, [60, hangUp('bob', 'alice')], [60, hangUp('alice', 'bob')]],
  'cancelled call': [[0, call('alice', 'bob')], [30, hangUp('alice', 'bob')]],
  'answer that crosses the CANCEL': [[0, call('alice', 'bob')], [30, hangUp('alice', 'bob')], [30, answer('bob')]],
  'transfers from both sides at once': [
    ...bobsCall,
    [80, blind('bob', 'alice', 'charlie')],
    [80, blind('alice', 'bob', 'dave')],
    [150, answer('charlie')],
    [150, answer('dave')],
  ],
  'transfer, and on': [
    ...bobsCall,
    [80, blind('bob', 'alice', 'charlie')],
    [150, answer('charlie')],
    [300, blind('charlie', 'alice', 'dave')],
    [380, answer('dave')],
    [600, hangUp('dave', 'alice')],
  ],
} as const satisfies Record<string, Script>;

export type ScriptName = keyof typeof scripts;

export const scriptNames = Object.keys(scripts) as readonly ScriptName[];
