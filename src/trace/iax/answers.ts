import type { FullFrame } from '../../iax';
import { otherSide, type Side } from '../call';
import type { MessageRecord } from '../message';
import type { LegRecord } from './leg';

interface AnswerRule {
  /** Whose frame it answers or completes: the other's, or its sender's own earlier one. */
  readonly of: 'other' | 'own';
  readonly titles: readonly string[];
}

const opening = ['NEW', 'AUTHREP'];

/** Which frame of the same leg each kind answers, completes or takes back (IAX2 reference 3.2 and 6.2). */
const rules: Readonly<Record<string, AnswerRule>> = {
  CALLTOKEN: { of: 'other', titles: ['NEW', 'REGREQ', 'REGREL', 'POKE'] },
  AUTHREQ: { of: 'other', titles: ['NEW'] },
  AUTHREP: { of: 'other', titles: ['AUTHREQ'] },
  ACCEPT: { of: 'other', titles: opening },
  REJECT: { of: 'other', titles: opening },
  'CONTROL RINGING': { of: 'other', titles: opening },
  'CONTROL ANSWER': { of: 'other', titles: opening },
  REGAUTH: { of: 'other', titles: ['REGREQ', 'REGREL'] },
  REGACK: { of: 'other', titles: ['REGREQ', 'REGREL'] },
  REGREJ: { of: 'other', titles: ['REGREQ', 'REGREL'] },
  PONG: { of: 'other', titles: ['PING', 'POKE'] },
  LAGRP: { of: 'other', titles: ['LAGRQ'] },
  DPREP: { of: 'other', titles: ['DPREQ'] },
  UNQUELCH: { of: 'own', titles: ['QUELCH'] },
  'CONTROL UNHOLD': { of: 'own', titles: ['CONTROL HOLD'] },
  TXACC: { of: 'other', titles: ['TXCNT'] },
  TXREADY: { of: 'other', titles: ['TXREQ'] },
  TXREL: { of: 'own', titles: ['TXREQ'] },
  TXMEDIA: { of: 'own', titles: ['TXREQ'] },
};

/** The earlier frame that a frame of this leg answers; undefined when there is none, or it is not in the trace. */
export function answered(leg: LegRecord, side: Side, frame: FullFrame, acknowledged: readonly MessageRecord[]): MessageRecord | undefined {
  const own = leg[side];
  const other = leg[otherSide(side)];
  switch (frame.command) {
    case 'ACK': {
      // An ACK has the time of its frame; one for several names the last of them (IAX2 reference 3.1). That of a frame which
      // came twice may count frames that came since.
      const isSame = ({ iax }: MessageRecord): boolean => iax?.timestamp === frame.timestamp;
      return acknowledged.findLast(isSame) ?? [...other.sent.values()].findLast(isSame) ?? other.sent.get((frame.incomingSequence - 1) & 0xff);
    }
    case 'UNSUPPORT': {
      const unknown = frame.element('iaxUnknown');
      const last = leg.messages.findLast((message) => message.side !== side && message.iax?.type === frame.type && message.iax.subclass === unknown);
      // What was sent again is the same frame.
      return last?.retransmissionOf ?? last;
    }
    case 'TXREJ':
      return other.newest.get('TXREQ') ?? other.newest.get('TXCNT') ?? own.newest.get('TXREQ');
    default: {
      const rule = rules[frame.title];
      return rule === undefined ? undefined : newestOf((rule.of === 'other' ? other : own).newest, rule.titles);
    }
  }
}

function newestOf(newest: ReadonlyMap<string, MessageRecord>, titles: readonly string[]): MessageRecord | undefined {
  let last: MessageRecord | undefined;
  for (const title of titles) {
    const message = newest.get(title);
    if (message !== undefined && message.index > (last?.index ?? -1)) last = message;
  }
  return last;
}
