import { defaultIaxPort, type FullFrame } from '../../iax';
import { formatAddress, type SocketAddress } from '../../net';
import { type CallCause, CallRecord, type Side } from '../call';
import type { CallChange } from '../call-table';
import type { Chronicle } from '../chronicle';
import type { Directory } from '../directory';
import type { MessageRecord } from '../message';
import { PartyRecord, type PartyUri } from '../party';
import type { Bridges } from './bridges';
import type { LegEndRecord, LegRecord } from './leg';
import { countVoice, type PlacedFrame } from './leg-table';

/** What an endpoint that never answers says, and what a busy one says before its HANGUP (IAX2 reference 5.1). */
const refusals: Readonly<Record<string, number>> = { 'CONTROL BUSY': 17, 'CONTROL CONGESTION': 34 };
/** Frames that show, from both ends, that a leg whose beginning is not in the trace is a call. */
const inCall = /^(?:VOICE|DTMF|CONTROL|TEXT|QUELCH|UNQUELCH|TXREQ|HANGUP|LAGRQ|LAGRP)/;

/** Follows calls: NEW, ringing, answer, hold, HANGUP (RFC 5456 section 6.2). It is told of nothing sent again. */
export class IaxCalls {
  readonly #calls: Chronicle<CallRecord>;
  readonly #directory: Directory;
  readonly #bridges: Bridges;
  readonly #onChange: (change: CallChange) => void;

  /** `calls` is the list of all calls of the trace, of whatever protocol: new ones go to its end. */
  constructor(calls: Chronicle<CallRecord>, directory: Directory, bridges: Bridges, onChange: (change: CallChange) => void) {
    this.#calls = calls;
    this.#directory = directory;
    this.#bridges = bridges;
    this.#onChange = onChange;
  }

  onFrame(placed: PlacedFrame): void {
    const { record, frame, leg, side } = placed;
    if (leg.purpose === 'call' && leg.call === undefined) this.#open(record, frame, leg);
    if (leg.purpose === 'unknown' && leg.call === undefined) this.#adopt(record, frame, leg);
    record.call = leg.call;
    if (leg.purpose === 'registration') this.#learnRegistrant(frame, leg);
    if (frame.title.startsWith('VOICE')) countVoice(leg[side], record.at);
    const { call } = leg;
    // Nobody may act on a frame for another call number, or with cut elements (IAX2 reference 7.1).
    if (call === undefined || placed.isMisaddressed || frame.fault !== undefined) return;
    this.#hold(call, leg[side], side, frame, record);
    if (!call.isOver) this.#follow(call, placed);
  }

  /** The call that takes the place of two whose middle has left (TXREL). */
  succeed(by: MessageRecord, path: LegRecord, caller: PartyRecord, callee: PartyRecord, isAnswered: boolean): CallRecord {
    const call = this.#add(by, path, caller, callee);
    call.state = isAnswered ? 'up' : 'ringing';
    if (isAnswered) call.upAt = by.at;
    path.purpose = 'call';
    this.#onChange({ kind: 'moved', call, by: undefined, message: by });
    return call;
  }

  #follow(call: CallRecord, { record, frame, leg, side }: PlacedFrame): void {
    const { title } = frame;
    const refusal = refusals[title];
    if (refusal !== undefined) {
      leg.refused = true;
      call.cause ??= { code: refusal, text: '' };
    }
    switch (title) {
      case 'ACCEPT':
        leg.accepted ??= record;
        break;
      case 'CONTROL RINGING':
      case 'CONTROL PROGRESS':
        if (call.state === 'calling') call.state = 'ringing';
        break;
      case 'CONTROL ANSWER':
        this.#answer(call, record);
        break;
      case 'HANGUP':
      case 'REJECT':
      case 'INVAL':
        call.cause = causeOf(frame) ?? call.cause;
        this.#end(call, leg, side, record);
        break;
    }
  }

  #answer(call: CallRecord, record: MessageRecord): void {
    if (!call.isOpen) return;
    call.state = 'up';
    call.upAt = record.at;
    call.final = record;
    this.#onChange({ kind: 'up', call, by: undefined, message: record });
  }

  #end(call: CallRecord, leg: LegRecord, side: Side, record: MessageRecord): void {
    leg.ended ??= record;
    if (call.isOpen) {
      const isRefused = leg.refused || side === 'callee';
      call.end(isRefused ? 'failed' : 'cancelled', record, isRefused ? 'callee' : 'caller');
      call.final = record;
    } else {
      call.end('ended', record, side);
    }
    this.#onChange({ kind: 'ended', call, by: call.endedBy, message: record });
  }

  #hold(call: CallRecord, end: LegEndRecord, side: Side, { title }: FullFrame, record: MessageRecord): void {
    const before = end.holds;
    if (title === 'QUELCH') end.asksForSilence = true;
    else if (title === 'UNQUELCH') end.asksForSilence = false;
    else if (title === 'CONTROL HOLD') end.saysHold = true;
    else if (title === 'CONTROL UNHOLD') end.saysHold = false;
    else return;
    if (end.holds) end.heldWith = record;
    if (before === end.holds) return;
    record.offers = end.holds ? 'hold' : 'resume';
    if (!end.holds) end.heldWith = undefined;
    this.#onChange({ kind: end.holds ? 'held' : 'resumed', call, by: side, message: record });
  }

  #open(record: MessageRecord, frame: FullFrame, leg: LegRecord): void {
    const called = frame.element('calledNumber') ?? '';
    const callee = this.#party(record.destination, called);
    this.#directory.learnPerson(record.destination, called, 'called');
    // Who is behind a switch is not who the switch says it is: USERNAME is then the account that it uses (IAX2 reference 4.4).
    const number = frame.element('callingName') || frame.element('callingNumber') || '';
    const username = frame.element('username') || number;
    const call = this.#add(record, leg, this.#party(record.source, username), callee);
    const passedOn = this.#bridges.onNew(call);
    if (passedOn === undefined) {
      this.#directory.learnPerson(record.source, username, 'calling');
    } else {
      this.#directory.learnRelay(record.source);
      call.caller.rename(this.#uri(record.source, number));
    }
  }

  /** The trace begins in the middle of this call: all that is known of it is that it is up. */
  #adopt(record: MessageRecord, frame: FullFrame, leg: LegRecord): void {
    if (!leg.seen.caller || !leg.seen.callee || !inCall.test(frame.title)) return;
    const call = this.#add(record, leg, this.#party(leg.caller.address, ''), this.#party(leg.callee.address, ''));
    call.state = 'up';
    leg.purpose = 'call';
    leg.isPartial = true;
    leg.accepted ??= record;
    for (const message of leg.messages) message.call = call;
  }

  #add(record: MessageRecord, leg: LegRecord, caller: PartyRecord, callee: PartyRecord): CallRecord {
    const call = new CallRecord(`c${this.#calls.total + 1}`, record, caller, callee);
    call.leg = leg;
    leg.call = call;
    this.#calls.push(call);
    return call;
  }

  #learnRegistrant(frame: FullFrame, leg: LegRecord): void {
    const user = frame.element('username');
    if (user !== undefined) this.#directory.learnPerson(leg.caller.address, user, 'registered');
  }

  #party(address: SocketAddress, user: string): PartyRecord {
    return new PartyRecord(this.#directory, address, this.#uri(address, user));
  }

  #uri(address: SocketAddress, user: string): PartyUri {
    const host = address.port === defaultIaxPort ? address.host : formatAddress(address);
    return { text: `iax2:${user === '' ? '' : `${user}@`}${host}`, user, host: address.host };
  }
}

/** The cause that HANGUP or REJECT gives, in numbers and words (RFC 5456 section 8.6). */
export function causeOf(frame: FullFrame): CallCause | undefined {
  const code = frame.element('causeCode');
  const text = frame.element('cause') ?? '';
  return code === undefined && text === '' ? undefined : { code, text };
}
