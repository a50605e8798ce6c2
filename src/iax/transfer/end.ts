import type { Milliseconds } from '../../core';
import type { Transition } from './machine';

/**
 * Where an end of a native transfer stands (IAX2 reference 6.3). `asked` is ours: a person is to say yes before anything
 * is sent to an address that somebody else chose.
 */
export type EndState = 'none' | 'asked' | 'begin' | 'ready' | 'media-pass';

export type EndEvent =
  /** TXREQ, with what the policy says to it. `sameTarget`: it names the address and number of the attempt at hand. */
  | { readonly is: 'txreq'; readonly verdict: 'allow' | 'ask' | 'refuse'; readonly sameTarget: boolean }
  /** The person who was asked. */
  | { readonly is: 'decided'; readonly allowed: boolean }
  /** TXCNT and TXACC from exactly the address and numbers of the attempt; others do not get here. */
  | { readonly is: 'txcnt' }
  | { readonly is: 'txacc' }
  /** `matches`: CALLNO is the number of the other end as TXREQ gave it. */
  | { readonly is: 'txrel'; readonly matches: boolean }
  | { readonly is: 'txmedia'; readonly matches: boolean }
  | { readonly is: 'txrej'; readonly from: 'middle' | 'other-end' }
  | { readonly is: 'timer'; readonly timer: EndTimer }
  /** The leg is no more: HANGUP, REJECT, INVAL, or nobody answers. */
  | { readonly is: 'ended' };

/** `probe`: the next TXCNT; `question`: how long a person may think. */
export type EndTimer = 'probe' | 'question';

export type EndAction =
  /** Take address, number and id from the TXREQ at hand. */
  | { readonly do: 'adopt' }
  | { readonly do: 'ask' }
  | { readonly do: 'send-txcnt'; readonly again: boolean }
  | { readonly do: 'send-txacc' }
  /** To the middle, on the old path. */
  | { readonly do: 'send-txready' }
  | { readonly do: 'send-txrej' }
  /** Move the leg to the other end: numbering and timestamps begin anew, full voice first. */
  | { readonly do: 'switch' }
  /** From now on mini frames go to the other end and are taken from there; full frames stay with the middle. */
  | { readonly do: 'split-media' }
  | { readonly do: 'join-media' }
  /** Nothing is kept of the attempt. */
  | { readonly do: 'forget' }
  | { readonly do: 'set'; readonly timer: EndTimer; readonly after: Milliseconds }
  | { readonly do: 'clear'; readonly timer: EndTimer };

export interface EndConditions {
  /** How often the probe timer was set since the last first TXCNT. */
  readonly rounds: number;
  /** TXCNTs that the policy still lets go to this address (IAX2 reference 7.3: five in all). */
  readonly probesLeft: number;
  /** The other end has answered a TXCNT of ours just now. */
  readonly isProven: boolean;
}

type Step = Transition<EndState, EndAction> | undefined;

/** TXCNT goes at 0, 2, 3 and 4 s; at 5 s the attempt has failed (IAX2 reference 3.3, measured). */
export const probeGaps: readonly Milliseconds[] = [2_000, 1_000, 1_000, 1_000];

/** The other end gives up 5 s after its TXREQ; a person who has not decided by then has said no. */
export const questionTime: Milliseconds = 4_000;

const reject: EndAction = { do: 'send-txrej' };
const forget: EndAction = { do: 'forget' };
const accept: EndAction = { do: 'send-txacc' };
const stopProbing: EndAction = { do: 'clear', timer: 'probe' };
const stopAsking: EndAction = { do: 'clear', timer: 'question' };

/** One end of a native transfer: IAX2 reference 6.3, RFC 5456 section 7.6.1. Undefined: nothing is to be done. */
export function transferEnd(state: EndState, event: EndEvent, at: EndConditions): Step {
  if (event.is === 'txreq') return requested(state, event, at);
  if (state === 'none') return undefined; // IAX2 reference 7.1: acknowledged where that is due, and passed over
  if (event.is === 'txrej') return rejected(state, event.from);
  if (event.is === 'ended') {
    return {
      to: 'none',
      actions: cleared(state),
      rule: 'IAX2 reference 6.5: an end that gets HANGUP on the old leg in any state ends the call',
    };
  }
  switch (state) {
    case 'asked':
      return asked(event, at);
    case 'begin':
      return begin(event, at);
    case 'ready':
      return ready(event);
    case 'media-pass':
      return event.is === 'txcnt' ? accepted('media-pass') : undefined;
  }
}

function requested(state: EndState, event: Extract<EndEvent, { is: 'txreq' }>, at: EndConditions): Step {
  if (event.verdict === 'refuse') {
    return {
      to: 'none',
      actions: [reject, ...cleared(state)],
      rule: 'IAX2 reference 6.5, 7.3: refused: TXREJ, and the middle takes that as the end of every attempt on this leg',
    };
  }
  if (state === 'media-pass' || (state === 'ready' && !event.sameTarget)) {
    return {
      to: 'none',
      actions: [reject, ...cleared(state)],
      rule: 'IAX2 reference 6.5: a transfer under another id is as good as done: refused, back to the path through the middle',
    };
  }
  if (state === 'ready' && at.isProven) {
    return {
      to: 'ready',
      actions: [{ do: 'adopt' }, { do: 'send-txready' }],
      // A middle that repeats TXREQ may have heard our TXREADY already: its TXREL must not find us probing again.
      rule: 'IAX2 reference 6.2: the newest TXREQ wins; the path that it names has just been tried: TXREADY under the new id',
    };
  }
  if (event.verdict === 'ask') {
    if (state === 'asked' && event.sameTarget) {
      return { to: 'asked', actions: [{ do: 'adopt' }], rule: 'IAX2 reference 6.2: the newest TXREQ wins; the question is still the same' };
    }
    return {
      to: 'asked',
      actions: [...cleared(state), { do: 'adopt' }, { do: 'set', timer: 'question', after: questionTime }, { do: 'ask' }],
      rule: 'IAX2 reference 7.3: a person decides before anything is sent to the address',
    };
  }
  return {
    to: 'begin',
    actions: [...(state === 'asked' ? [stopAsking] : []), { do: 'adopt' }, ...firstProbe(at)],
    rule:
      state === 'none'
        ? 'IAX2 reference 6.3: TXREQ: TXCNT to APPARENT ADDR'
        : 'IAX2 reference 6.2: the newest TXREQ wins: id, address and number are replaced, TXCNT is sent again',
  };
}

function rejected(state: EndState, from: 'middle' | 'other-end'): Step {
  if (from === 'middle') {
    return { to: 'none', actions: cleared(state), rule: 'IAX2 reference 6.3: TXREJ from the middle: back to the relayed call' };
  }
  // A question that nobody has answered yet: the other end knows nothing of us.
  if (state === 'asked') return undefined;
  return {
    to: 'none',
    actions: [reject, ...cleared(state)],
    rule: 'IAX2 reference 6.5: TXREJ from the new path drops the attempt; the middle may have heard nothing, so it is told',
  };
}

function asked(event: EndEvent, at: EndConditions): Step {
  if (event.is === 'decided' && event.allowed) {
    return { to: 'begin', actions: [stopAsking, ...firstProbe(at)], rule: 'IAX2 reference 7.3: allowed by a person: TXCNT to APPARENT ADDR' };
  }
  if (event.is === 'decided') {
    return { to: 'none', actions: [reject, stopAsking, forget], rule: 'IAX2 reference 6.5: refused by a person: TXREJ' };
  }
  if (event.is === 'timer' && event.timer === 'question') {
    return { to: 'none', actions: [reject, forget], rule: 'IAX2 reference 6.5: nobody decided before the other end gives up: TXREJ' };
  }
  return undefined;
}

function begin(event: EndEvent, at: EndConditions): Step {
  switch (event.is) {
    case 'txcnt':
      return accepted('begin');
    case 'txacc':
      return {
        to: 'ready',
        actions: [stopProbing, { do: 'send-txready' }],
        rule: 'IAX2 reference 6.3: TXACC: the other end hears us: TXREADY to the middle',
      };
    case 'timer':
      return event.timer === 'probe' ? probeAgain(at) : undefined;
    default:
      return undefined;
  }
}

function probeAgain(at: EndConditions): Step {
  const after = probeGaps[at.rounds];
  if (after === undefined) {
    return { to: 'none', actions: [reject, forget], rule: 'IAX2 reference 6.3: no TXACC within 5 s: TXREJ to the middle, and nothing is kept' };
  }
  return {
    to: 'begin',
    actions: [...(at.probesLeft > 0 ? [{ do: 'send-txcnt', again: true } as const] : []), { do: 'set', timer: 'probe', after }],
    rule: 'IAX2 reference 3.3: TXCNT again, at 2, 3 and 4 s',
  };
}

function ready(event: EndEvent): Step {
  switch (event.is) {
    case 'txcnt':
      return accepted('ready');
    case 'txrel':
      // IAX2 reference 7.1: out of state, or with another number, TXREL would lose the leg.
      if (!event.matches) return undefined;
      return { to: 'none', actions: [{ do: 'switch' }, forget], rule: 'IAX2 reference 6.3: TXREL: acknowledged to the middle, then the leg moves to the other end' };
    case 'txmedia':
      if (!event.matches) return undefined;
      return { to: 'media-pass', actions: [{ do: 'split-media' }], rule: 'IAX2 reference 6.9: TXMEDIA: mini frames go straight, full frames through the middle' };
    default:
      return undefined;
  }
}

function accepted(to: EndState): Step {
  return { to, actions: [accept], rule: 'IAX2 reference 6.3: one TXACC for each TXCNT, in every state of an attempt' };
}

function firstProbe(at: EndConditions): EndAction[] {
  return [...(at.probesLeft > 0 ? [{ do: 'send-txcnt', again: false } as const] : []), { do: 'set', timer: 'probe', after: probeGaps[0] ?? 0 }];
}

/** What must be undone on the way from `state` to none. */
function cleared(state: EndState): EndAction[] {
  switch (state) {
    case 'none':
      return [];
    case 'asked':
      return [stopAsking, forget];
    case 'begin':
      return [stopProbing, forget];
    case 'ready':
      return [forget];
    case 'media-pass':
      return [{ do: 'join-media' }, forget];
  }
}
