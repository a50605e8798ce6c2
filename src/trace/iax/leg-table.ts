import type { Milliseconds } from '../../core';
import type { CommandName, FullFrame, IaxFrame } from '../../iax';
import { formatAddress, type SocketAddress } from '../../net';
import { otherSide, type Side } from '../call';
import { Chronicle } from '../chronicle';
import type { Horizon } from '../horizon';
import type { MessageRecord } from '../message';
import { answered } from './answers';
import { endKey, LegEndRecord, LegRecord, type LegPurpose } from './leg';

/** Frames that take no sequence number of their own (IAX2 reference 3.1). */
const uncounted: ReadonlySet<CommandName | undefined> = new Set<CommandName>(['ACK', 'INVAL', 'VNAK', 'TXCNT', 'TXACC']);
/** Frames of the new path of a transfer: outside of any sequence. */
const probes: ReadonlySet<CommandName | undefined> = new Set<CommandName>(['TXCNT', 'TXACC']);

const openers: Partial<Record<CommandName, LegPurpose>> = {
  NEW: 'call',
  REGREQ: 'registration',
  REGREL: 'registration',
  POKE: 'poke',
  FWDOWNL: 'unknown',
};

/** The number of replies that are sent without a call (IAX2 reference 4.1). */
const noCall = 1;

/** One media frame of one end of a leg. */
export interface Voice {
  readonly leg: LegRecord;
  readonly side: Side;
  /** What it carries. */
  readonly data: Uint8Array;
}

/** One end of the new path of a transfer. */
export interface NumberedEnd {
  readonly address: SocketAddress;
  readonly number: number;
}

interface Place {
  readonly address: SocketAddress;
  readonly number: number | undefined;
}

/** A frame, and where the table put it. */
export interface PlacedFrame {
  readonly record: MessageRecord;
  readonly frame: FullFrame;
  readonly leg: LegRecord;
  readonly side: Side;
  /** Its destination call number is not the one that the other end has: nobody may act on it. */
  readonly isMisaddressed: boolean;
  /** The frames of the other end that it acknowledged first. */
  readonly acknowledged: readonly MessageRecord[];
}

/**
 * Puts frames into legs, by address and call numbers (IAX2 reference 9.2, trap 4), finds those sent again, and follows what
 * is acknowledged by what.
 */
export class LegTable {
  readonly #all = new Chronicle<LegRecord>();
  /** By each end that has said its number: see {@link endKey}. */
  readonly #byEnd = new Map<string, LegRecord>();
  /** By an address and its own number, or that of the other end; of legs that are nobody's there are none. */
  readonly #byOwnNumber = new Map<string, LegRecord>();
  readonly #byFarNumber = new Map<string, LegRecord>();

  get list(): readonly LegRecord[] {
    return this.#all.items;
  }

  forget(horizon: Horizon): void {
    const isPast = (leg: LegRecord): boolean => horizon.isPastLeg(leg);
    this.#all.forget(isPast);
    for (const table of [this.#byEnd, this.#byOwnNumber, this.#byFarNumber]) {
      for (const [key, leg] of table) if (isPast(leg)) table.delete(key);
    }
    // A call that is up all day says each few seconds that it is.
    for (const { messages } of this.#all.items) {
      const kept = messages.findIndex((message) => !horizon.hasPassed(message));
      messages.splice(0, kept === -1 ? messages.length - 1 : kept);
    }
  }

  place(record: MessageRecord, frame: FullFrame): PlacedFrame {
    const leg = this.#legOf(record, frame);
    const side = leg.sideOf(record.source, frame.sourceCall);
    this.#learnNumber(leg, side, record, frame);
    record.leg = leg;
    record.side = side;
    leg.seen[side] = true;
    leg.messages.push(record);
    leg.usedAt = record.at;
    const acknowledged = acknowledge(leg, side, record, frame);
    this.#findFirst(leg, side, record, frame);
    record.answers = record.retransmissionOf?.answers ?? answered(leg, side, frame, acknowledged);
    if (record.retransmissionOf === undefined) remember(leg[side], record, frame);
    const expected = leg[otherSide(side)].number;
    const isMisaddressed = frame.destinationCall !== 0 && expected !== undefined && frame.destinationCall !== expected;
    return { record, frame, leg, side, isMisaddressed, acknowledged };
  }

  /** Media between two addresses; which call it is of, its source's number says. */
  onMedia(source: SocketAddress, destination: SocketAddress, frame: Exclude<IaxFrame, FullFrame>, at: Milliseconds): Voice[] {
    const legs: Voice[] = [];
    for (const { sourceCall: number, data } of frame.kind === 'trunk' ? frame.entries : [frame]) {
      const leg = this.#byEnd.get(endKey(source, number, destination));
      if (leg === undefined) continue;
      if (frame.kind === 'mini-video') continue;
      const side = leg.sideOf(source, number);
      countVoice(leg[side], at);
      leg.usedAt = at;
      legs.push({ leg, side, data });
    }
    return legs;
  }

  /** The leg that the end with this number sends to that address. */
  find(source: SocketAddress, number: number, destination: SocketAddress): LegRecord | undefined {
    return this.#byEnd.get(endKey(source, number, destination));
  }

  /** The newest leg of an address in which it has this number. */
  withOwnNumber(address: SocketAddress, number: number): LegRecord | undefined {
    return this.#byOwnNumber.get(`${formatAddress(address)}#${number}`);
  }

  /** The newest leg of an address in which the other end has this number. */
  withFarNumber(address: SocketAddress, number: number): LegRecord | undefined {
    return this.#byFarNumber.get(`${formatAddress(address)}#${number}`);
  }

  /** The leg between two ends that know each other's number: the new path of a transfer. */
  pathBetween(caller: NumberedEnd, callee: NumberedEnd, now: Milliseconds): LegRecord {
    const known = this.find(caller.address, caller.number, callee.address);
    return known ?? this.#open('path', now, caller, callee);
  }

  #legOf({ source, destination, at }: MessageRecord, frame: FullFrame): LegRecord {
    const { sourceCall, destinationCall, command } = frame;
    const purpose = command === undefined ? undefined : openers[command];
    const known = sourceCall === noCall ? undefined : this.find(source, sourceCall, destination);
    if (purpose !== undefined && destinationCall === 0) {
      // A number used again after its call was over is a new call (IAX2 reference 4.1).
      const isSame = known !== undefined && known.ended === undefined && known.released === undefined && known.purpose === purpose;
      return isSame ? known : this.#open(purpose, at, { address: source, number: sourceCall }, { address: destination, number: undefined });
    }
    if (known !== undefined) return known;
    // The first answer brings the answerer's number; a reply without a call brings none (IAX2 reference 4.1).
    const answeredLeg = this.find(destination, destinationCall, source);
    if (answeredLeg !== undefined) {
      const side = answeredLeg.sideOf(source, sourceCall);
      if (sourceCall === noCall || answeredLeg[side].number === undefined || probes.has(command)) return answeredLeg;
    }
    const isPath = probes.has(command);
    return this.#open(isPath ? 'path' : 'unknown', at, { address: source, number: sourceCall }, { address: destination, number: destinationCall === 0 ? undefined : destinationCall });
  }

  #open(purpose: LegPurpose, now: Milliseconds, { address: source, number }: Place, { address: destination, number: otherNumber }: Place): LegRecord {
    const caller = new LegEndRecord(source, number);
    const callee = new LegEndRecord(destination, otherNumber);
    const leg = new LegRecord(`l${this.#all.total + 1}`, purpose, caller, callee, now);
    this.#all.push(leg);
    if (number !== undefined) this.#index(leg, source, number, destination);
    if (otherNumber !== undefined) this.#index(leg, destination, otherNumber, source);
    return leg;
  }

  #learnNumber(leg: LegRecord, side: Side, { source, destination }: MessageRecord, { sourceCall, command }: FullFrame): void {
    const end = leg[side];
    if (end.number !== undefined || sourceCall === noCall || command === 'INVAL') return;
    end.number = sourceCall;
    this.#index(leg, source, sourceCall, destination);
  }

  #index(leg: LegRecord, here: SocketAddress, number: number, there: SocketAddress): void {
    this.#byEnd.set(endKey(here, number, there), leg);
    if (leg.purpose !== 'call' && leg.purpose !== 'registration') return;
    this.#byOwnNumber.set(`${formatAddress(here)}#${number}`, leg);
    this.#byFarNumber.set(`${formatAddress(there)}#${number}`, leg);
  }

  /** A frame sent again has the R bit, and may acknowledge more than before: only its octets differ (IAX2 reference 3.3). */
  #findFirst(leg: LegRecord, side: Side, record: MessageRecord, frame: FullFrame): void {
    const before = record.retransmissionOf;
    // The same octets in another leg are another leg's frame: scripts begin each call alike.
    record.retransmissionOf = before?.leg === leg ? (before.retransmissionOf ?? before) : undefined;
    if (record.retransmissionOf !== undefined || !frame.isRetransmission) return;
    const end = leg[side];
    const first = uncounted.has(frame.command) ? end.newest.get(frame.title) : end.sent.get(frame.outgoingSequence);
    const { iax } = first ?? {};
    if (iax?.timestamp === frame.timestamp && iax.type === frame.type && iax.subclass === frame.subclass) record.retransmissionOf = first;
  }
}

/** What this frame acknowledges: all of the other's before its incoming sequence number. */
function acknowledge(leg: LegRecord, side: Side, record: MessageRecord, frame: FullFrame): readonly MessageRecord[] {
  if (frame.command === 'INVAL' || probes.has(frame.command)) return [];
  const other = leg[otherSide(side)];
  const next = frame.incomingSequence;
  const acknowledged: MessageRecord[] = [];
  other.outstanding = other.outstanding.filter((sent) => {
    const isBefore = ((next - 1 - (sent.iax?.outgoingSequence ?? 0)) & 0xff) < 0x80;
    if (isBefore) {
      sent.acknowledgedBy = record;
      acknowledged.push(sent);
    }
    return !isBefore;
  });
  return acknowledged;
}

function remember(end: LegEndRecord, record: MessageRecord, frame: FullFrame): void {
  if (frame.command !== undefined && openers[frame.command] !== undefined && frame.destinationCall === 0) end.restart();
  const before = end.newest.get(frame.title);
  if (before !== undefined) end.before.set(frame.title, before);
  end.newest.set(frame.title, record);
  if (uncounted.has(frame.command) || frame.sourceCall === noCall) return;
  end.sent.set(frame.outgoingSequence, record);
  end.outstanding.push(record);
}

/** Counts one voice frame of an end. */
export function countVoice(end: LegEndRecord, at: Milliseconds): void {
  end.voice += 1;
  end.voiceSince ??= at;
}
