import type { Milliseconds } from '../../core';
import type { Transition } from './machine';

/** One of the two legs of the middle. */
export type Side = 'a' | 'b';

/**
 * Where the middle of a native transfer stands (IAX2 reference 6.4). `settling` is ours: both ends are ready, and what must
 * reach them before TXREL is not yet acknowledged. `failed` is Idle again, with both calls as they were.
 */
export type MiddleState = 'idle' | 'begin' | 'half-ready' | 'settling' | 'releasing' | 'media' | 'done' | 'failed' | 'uncertain';

export type MiddleEvent =
  | { readonly is: 'start' }
  | { readonly is: 'txready'; readonly side: Side }
  /** UNSUPPORT of TXREQ is an end's refusal as well. */
  | { readonly is: 'txrej'; readonly side: Side; readonly by: 'TXREJ' | 'UNSUPPORT' }
  /** Both legs have everything acknowledged that we sent. */
  | { readonly is: 'settled' }
  /** What became of TXREL to one end. */
  | { readonly is: 'released'; readonly side: Side; readonly acknowledged: boolean }
  /** The leg is no more: HANGUP, INVAL, or nobody answers there. */
  | { readonly is: 'ended'; readonly side: Side; readonly by: 'peer' | 'us' | 'network' }
  | { readonly is: 'guard' }
  /** Our own user does not want it any more. */
  | { readonly is: 'withdrawn' };

export type MiddleAction =
  | { readonly do: 'send-txreq'; readonly to: Side }
  | { readonly do: 'send-txrej'; readonly to: Side }
  /** Where we hold that end by QUELCH; nothing otherwise. */
  | { readonly do: 'unquelch'; readonly to: Side }
  /** The end that got UNQUELCH for the transfer is held again; nothing otherwise. */
  | { readonly do: 'quelch-again'; readonly to: Side }
  /** RINGING to the end whose new partner has not answered yet; nothing otherwise. */
  | { readonly do: 'tell-ringing'; readonly to: Side }
  /** The last thing that this end hears of us: no PING, no HANGUP after it. */
  | { readonly do: 'send-txrel'; readonly to: Side }
  | { readonly do: 'send-txmedia'; readonly to: Side }
  | { readonly do: 'set-guard'; readonly after: Milliseconds }
  | { readonly do: 'clear-guard' }
  /** Ask for `settled` as soon as nothing is unacknowledged on either leg. */
  | { readonly do: 'await-settled' }
  /** Nothing more passes from leg to leg. */
  | { readonly do: 'stop-relaying' }
  /** HANGUP to this end, with the cause that the other gave. */
  | { readonly do: 'pass-on-hangup'; readonly to: Side }
  /** Both legs are forgotten without a word: no HANGUP. */
  | { readonly do: 'free-legs' };

export interface MiddleConditions {
  readonly kind: 'full' | 'media';
  /** The end that said TXREADY, while only one did. */
  readonly ready: Side | undefined;
  /** We pass voice and signalling from leg to leg: then one end's HANGUP is the other's too. */
  readonly relaying: boolean;
  /** What became of TXREL to the one of whom no event speaks. */
  readonly released: Readonly<Record<Side, boolean | undefined>>;
}

type Step = Transition<MiddleState, MiddleAction> | undefined;

/**
 * An attempt that is not decided by then has failed: the guard is ours, Asterisk has none (IAX2 reference 6.4). Once both are ready,
 * there is as much time again for what must go before TXREL.
 */
export const guardTime: Milliseconds = 10_000;

const stopGuard: MiddleAction = { do: 'clear-guard' };

/** The middle of a native transfer: IAX2 reference 6.4, RFC 5456 section 7.6.1. Undefined: nothing is to be done. */
export function transferMiddle(state: MiddleState, event: MiddleEvent, at: MiddleConditions): Step {
  switch (state) {
    case 'idle':
      if (event.is !== 'start') return undefined;
      return {
        to: 'begin',
        actions: [...both('send-txreq'), { do: 'set-guard', after: guardTime }],
        rule: 'IAX2 reference 6.4: TXREQ to both, and what is relayed goes on',
      };
    case 'begin':
    case 'half-ready':
      return event.is === 'txready' ? oneReady(state, event.side, at) : undecided(event, at, []);
    case 'settling':
      return event.is === 'settled' ? release() : undecided(event, at, both('quelch-again'));
    case 'releasing':
      return releasing(event, at);
    case 'media':
      return media(event);
    case 'done':
    case 'failed':
    case 'uncertain':
      return undefined; // IAX2 reference 6.4: frames on a released leg are passed over
  }
}

export function otherSide(side: Side): Side {
  return side === 'a' ? 'b' : 'a';
}

function oneReady(state: 'begin' | 'half-ready', side: Side, at: MiddleConditions): Step {
  if (state === 'begin') {
    return { to: 'half-ready', actions: [], rule: 'IAX2 reference 6.4: the first TXREADY is acknowledged; the other is waited for' };
  }
  if (side === at.ready) return undefined; // it said so before
  if (at.kind === 'media') {
    return {
      to: 'media',
      actions: [stopGuard, ...both('unquelch'), ...both('send-txmedia')],
      rule: 'IAX2 reference 6.9: both are ready: TXMEDIA instead of TXREL; full frames still pass through us',
    };
  }
  return {
    to: 'settling',
    actions: [...both('unquelch'), ...both('tell-ringing'), { do: 'set-guard', after: guardTime }, { do: 'await-settled' }],
    // An end may serve TXREL out of order, and is deaf to us from then on: what comes before it must have arrived.
    rule: 'IAX2 reference 6.6, 3.1: both are ready: UNQUELCH, in the blonde case RINGING, and TXREL only when they are acknowledged',
  };
}

/** What may come as long as no TXREL is sent. `undo`: what brings the calls back to where they were. */
function undecided(event: MiddleEvent, at: MiddleConditions, undo: readonly MiddleAction[]): Step {
  switch (event.is) {
    case 'txrej':
      return {
        to: 'failed',
        actions: [stopGuard, { do: 'send-txrej', to: otherSide(event.side) }, ...undo],
        rule:
          event.by === 'TXREJ'
            ? 'IAX2 reference 6.4: TXREJ from one end goes to the other; the calls stay as they were'
            : 'IAX2 reference 6.4: UNSUPPORT of TXREQ is as good as TXREJ: the other end gets TXREJ',
      };
    case 'guard':
      return { to: 'failed', actions: [...both('send-txrej'), ...undo], rule: 'IAX2 reference 6.4: undecided after 10 s: TXREJ to both' };
    case 'withdrawn':
      return { to: 'failed', actions: [stopGuard, ...both('send-txrej'), ...undo], rule: 'IAX2 reference 6.4: given up by the one who began it: TXREJ to both' };
    case 'ended':
      return {
        to: 'failed',
        actions: [stopGuard, { do: at.relaying ? 'pass-on-hangup' : 'send-txrej', to: otherSide(event.side) }, ...(at.relaying ? [] : undo)],
        rule: 'IAX2 reference 6.5: HANGUP of one end in mid-transfer: passed on where we relay, else the other end keeps its call with us',
      };
    default:
      return undefined;
  }
}

function release(): Step {
  return {
    to: 'releasing',
    actions: [stopGuard, { do: 'stop-relaying' }, ...both('send-txrel')],
    rule: 'IAX2 reference 6.4: TXREL to both; nothing is relayed any more, PING and LAGRQ stop',
  };
}

function releasing(event: MiddleEvent, at: MiddleConditions): Step {
  switch (event.is) {
    case 'released':
      return resolved(event.side, event.acknowledged, at);
    case 'txrej':
      return resolved(event.side, false, at);
    case 'ended':
      // It hung up before it moved: the other learns that from its new partner. Of one that fell silent nobody knows.
      return resolved(event.side, event.by !== 'network', at);
    default:
      return undefined;
  }
}

function resolved(side: Side, moved: boolean, at: MiddleConditions): Step {
  const other = at.released[otherSide(side)];
  if (other === undefined) return { to: 'releasing', actions: [], rule: 'IAX2 reference 6.4: TXREL to the other end is not acknowledged yet' };
  if (moved && other) {
    return { to: 'done', actions: [{ do: 'free-legs' }], rule: 'IAX2 reference 6.4: both TXRELs are acknowledged: both legs are freed, without HANGUP' };
  }
  return {
    to: 'uncertain',
    actions: [{ do: 'free-legs' }],
    rule: 'IAX2 reference 6.4: one end may not have moved: uncertain; the one that did is never hung up',
  };
}

function media(event: MiddleEvent): Step {
  switch (event.is) {
    case 'ended':
      return {
        to: 'done',
        actions: [{ do: 'pass-on-hangup', to: otherSide(event.side) }],
        rule: 'IAX2 reference 6.4: HANGUP of either leg ends it, relayed to the other',
      };
    case 'txrej':
      return {
        to: 'failed',
        actions: [{ do: 'send-txrej', to: otherSide(event.side) }],
        rule: 'IAX2 reference 6.3: TXREJ in media-only: back to one path, so the other end is told as well',
      };
    default:
      // HANGUP, never TXREL or TXREJ, ends what works: Asterisk takes TXREL for a full switch (IAX2 reference 6.9).
      return undefined;
  }
}

function both<Name extends 'send-txreq' | 'send-txrej' | 'unquelch' | 'quelch-again' | 'tell-ringing' | 'send-txrel' | 'send-txmedia'>(
  name: Name,
): { readonly do: Name; readonly to: Side }[] {
  return [
    { do: name, to: 'a' },
    { do: name, to: 'b' },
  ];
}
