import type { CommandName, FullFrame } from '../../../iax';
import type { SocketAddress } from '../../../net';
import { otherSide, type Side } from '../../call';
import type { Horizon } from '../../horizon';
import type { MessageRecord } from '../../message';
import { PartyRecord } from '../../party';
import { inherit } from '../bridges';
import { endKey, type LegRecord } from '../leg';
import type { PlacedFrame } from '../leg-table';
import { NativeAttempt, TransferEnd } from './attempt';
import type { IaxCorrelator, IaxCorrelatorContext } from './correlator';
import { NativeRule } from './native-rule';

const endsCall: ReadonlySet<CommandName | undefined> = new Set<CommandName>(['HANGUP', 'REJECT', 'INVAL']);

/** The native transfer: TXREQ to both ends, their probes of the new path, and TXREL or TXMEDIA (RFC 5456 section 6.5, IAX2 reference 6). */
export class NativeCorrelator implements IaxCorrelator {
  readonly #context: IaxCorrelatorContext;
  /** The newest attempt of each leg with one in the middle. */
  readonly #byLeg = new WeakMap<LegRecord, NativeAttempt>();
  /** The attempt and end by what that end sends on the new path. */
  readonly #byProbe = new Map<string, { readonly attempt: NativeAttempt; readonly end: TransferEnd }>();
  readonly #byPath = new WeakMap<LegRecord, NativeAttempt>();

  constructor(context: IaxCorrelatorContext) {
    this.#context = context;
  }

  onFrame(placed: PlacedFrame): void {
    const { record, frame, leg, side } = placed;
    if (frame.command === 'TXREQ') {
      this.#onRequest(record, frame, leg, side);
      return;
    }
    if (frame.command === 'TXCNT' || frame.command === 'TXACC') {
      this.#onProbe(record, frame);
      return;
    }
    const attempt = this.#byLeg.get(leg);
    const end = attempt?.endOf(leg);
    if (attempt !== undefined && end !== undefined) this.#onLeg(attempt, end, placed);
    else this.#onPath(placed);
  }

  forget(horizon: Horizon): void {
    for (const [key, { attempt }] of this.#byProbe) {
      if (horizon.isPastLeg(attempt.path)) this.#byProbe.delete(key);
    }
  }

  onMedia(leg: LegRecord): void {
    const attempt = this.#byPath.get(leg);
    if (attempt !== undefined && !attempt.transfer.isDecided) this.#context.review(attempt.transfer);
  }

  #onRequest(record: MessageRecord, frame: FullFrame, leg: LegRecord, middle: Side): void {
    const address = frame.element('apparentAddress');
    const number = frame.element('callNumber');
    // Without both nobody can obey it (IAX2 reference 7.1).
    if (address === undefined || number === undefined || leg.released !== undefined || leg.call === undefined) return;
    const before = this.#byLeg.get(leg);
    const same = before?.isOpen === true && before.other(before.endOf(leg) ?? before.target).number === number ? before : undefined;
    const attempt = same ?? this.#open(record, leg, middle, { address, number });
    const end = attempt.endOf(leg);
    if (end?.requested !== undefined) attempt.repeats += 1;
    end?.begin(record);
    this.#context.attach(attempt.transfer, record);
  }

  #open(record: MessageRecord, leg: LegRecord, middle: Side, there: { readonly address: SocketAddress; readonly number: number }): NativeAttempt {
    const { legs } = this.#context;
    const other = legs.find(there.address, there.number, record.source);
    const here = this.#endOf(leg, otherSide(middle));
    const far = other === undefined ? this.#unseen(there) : this.#endOf(other, other.sideOf(there.address, there.number));
    const [transferee, target] = isTransferee(here, far) ? [here, far] : [far, here];
    const transfer = this.#context.open('native', record, {
      transferor: this.#middleParty(record.source, transferee, target),
      transferee: transferee.party,
      target: target.party,
    });
    const attempt = new NativeAttempt(transfer, legs.pathBetween(transferee, target, record.at), transferee, target);
    this.#byPath.set(attempt.path, attempt);
    attempt.path.triedBy = transfer;
    transfer.rule = new NativeRule(attempt);
    for (const end of attempt.ends) {
      transfer.replace(end.leg?.call);
      if (end.leg !== undefined) this.#byLeg.set(end.leg, attempt);
      this.#byProbe.set(attempt.keyOf(end), { attempt, end });
    }
    return attempt;
  }

  #endOf(leg: LegRecord, side: Side): TransferEnd {
    const { bridges, directory } = this.#context;
    const { address, number } = leg[side];
    const party = leg.call === undefined ? new PartyRecord(directory, address, undefined) : bridges.farParty(leg.call, side);
    return new TransferEnd({ address, number: number ?? 0, party, leg, middle: otherSide(side) });
  }

  /** An end whose leg with the one in the middle is not in the trace. */
  #unseen({ address, number }: { readonly address: SocketAddress; readonly number: number }): TransferEnd {
    return new TransferEnd({ address, number, party: new PartyRecord(this.#context.directory, address, undefined), leg: undefined, middle: 'caller' });
  }

  /** A switch has no name of its own; a person in the middle is a party of both calls. */
  #middleParty(address: SocketAddress, transferee: TransferEnd, target: TransferEnd): PartyRecord {
    const { directory } = this.#context;
    const end = transferee.leg?.call === undefined ? target : transferee;
    const call = directory.isRelay(address) ? undefined : end.leg?.call;
    return call?.[end.middle] ?? new PartyRecord(directory, address, undefined);
  }

  #onProbe(record: MessageRecord, frame: FullFrame): void {
    const found = this.#byProbe.get(endKey(record.source, frame.sourceCall, record.destination));
    if (found === undefined) return;
    const { attempt, end } = found;
    if (frame.destinationCall !== attempt.other(end).number) return;
    if (frame.command === 'TXCNT') {
      end.probes += 1;
      record.answers ??= end.requested;
    } else {
      attempt.other(end).answers.push(record);
    }
    this.#context.attach(attempt.transfer, record);
  }

  /** A frame between one of the ends and the one in the middle. */
  #onLeg(attempt: NativeAttempt, end: TransferEnd, placed: PlacedFrame): void {
    if (attempt.completed === 'switch') return;
    const isByMiddle = placed.side === end.middle;
    if (isByMiddle ? !this.#onMiddle(attempt, end, placed) : !learnFromEnd(end, placed)) return;
    this.#context.review(attempt.transfer);
  }

  /** Whether the one in the middle has said something of the transfer. */
  #onMiddle(attempt: NativeAttempt, end: TransferEnd, { record, frame }: PlacedFrame): boolean {
    if (frame.command === 'TXREL' || frame.command === 'TXMEDIA') this.#onRelease(attempt, end, record, frame.command);
    else if (frame.command === 'TXREJ') end.withdrawn ??= record;
    else if (endsCall.has(frame.command)) end.hungUp ??= record;
    else return false;
    return true;
  }

  #onRelease(attempt: NativeAttempt, end: TransferEnd, record: MessageRecord, command: 'TXREL' | 'TXMEDIA'): void {
    end.release ??= record;
    const { leg } = end;
    const quelch = leg?.[end.middle];
    if (quelch?.asksForSilence === true) end.leftOnHold = quelch.heldWith;
    if (command === 'TXREL' && leg !== undefined) leg.released ??= record;
    if (attempt.ends.some(({ leg: known, release }) => known !== undefined && release === undefined)) return;
    attempt.completedWith ??= record;
    attempt.completed = command === 'TXREL' ? 'switch' : 'media';
    if (command === 'TXMEDIA') attempt.transfer.kind = 'native-media';
    if (command === 'TXREL') this.#switch(attempt, record);
  }

  /** Both legs of the one in the middle are one call between the ends from here on; their numbers stay (IAX2 reference 6.2). */
  #switch(attempt: NativeAttempt, record: MessageRecord): void {
    const { transfer, transferee, target, path } = attempt;
    const isAnswered = attempt.ends.every(({ leg }) => leg?.call === undefined || leg.call.state === 'up');
    const [caller, callee] = attempt.sideOf(transferee) === 'caller' ? [transferee, target] : [target, transferee];
    const call = this.#context.calls.succeed(record, path, caller.party, callee.party, isAnswered);
    for (const end of attempt.ends) {
      const before = end.leg?.call;
      if (before === undefined) continue;
      before.end('ended', record, undefined);
      before.continuedAs = call;
      inherit(call, attempt.sideOf(end), before, end.side);
    }
    transfer.survive(call);
  }

  /** What the ends say to each other: libiax2 tells the other end instead of the one in the middle that it gives up. */
  #onPath({ record, frame, leg }: PlacedFrame): void {
    const attempt = this.#byPath.get(leg);
    if (attempt === undefined) return;
    const end = attempt.ends.find((candidate) => endKey(record.source, frame.sourceCall, record.destination) === attempt.keyOf(candidate));
    if (frame.command === 'TXREJ' && end !== undefined) end.refusedElsewhere ??= record;
    if (!attempt.transfer.isDecided) this.#context.attach(attempt.transfer, record);
  }
}

/** Whether an end has said something of the transfer to the one in the middle. */
function learnFromEnd(end: TransferEnd, { record, frame }: PlacedFrame): boolean {
  if (frame.command === 'TXREADY') end.ready = record;
  else if (frame.command === 'TXREJ') end.refused ??= record;
  else if (frame.command === 'UNSUPPORT' && record.answers?.iax?.command === 'TXREQ') end.unsupported ??= record;
  else if (endsCall.has(frame.command)) end.hungUp ??= record;
  else return false;
  return true;
}

/**
 * Whether the first of two ends is the one who is given away: of a call that came in and one that was placed, the former;
 * of two alike, the earlier.
 */
function isTransferee(a: TransferEnd, b: TransferEnd): boolean {
  if (a.leg === undefined || b.leg === undefined) return a.leg !== undefined;
  if (a.middle !== b.middle) return a.middle === 'callee';
  return Number(a.leg.id.slice(1)) < Number(b.leg.id.slice(1));
}
