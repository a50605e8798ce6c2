import type { SocketAddress } from '../../../net';
import { otherSide, type Side } from '../../call';
import type { MessageRecord } from '../../message';
import type { PartyRecord } from '../../party';
import type { TransferRecord } from '../../transfer-record';
import { endKey, type LegEndRecord, type LegRecord } from '../leg';

/** One of the two ends that are to be connected, as the frames have shown it so far. */
export class TransferEnd {
  /** Where the one in the middle sees it, and its number of the call. */
  readonly address: SocketAddress;
  readonly number: number;
  readonly party: PartyRecord;
  /** Its leg with the one in the middle; undefined when that is not in the trace. */
  readonly leg: LegRecord | undefined;
  /** Which side of that leg the one in the middle is. */
  readonly middle: Side;
  /** The newest TXREQ to it. */
  requested: MessageRecord | undefined;
  /** How many TXCNT it has sent since, and what answered them. */
  probes = 0;
  answers: MessageRecord[] = [];
  ready: MessageRecord | undefined;
  /** TXREL or TXMEDIA to it. */
  release: MessageRecord | undefined;
  /** The QUELCH that the one in the middle had not taken back when it released this end. */
  leftOnHold: MessageRecord | undefined;
  refused: MessageRecord | undefined;
  /** It sent its TXREJ to the other end instead, as libiax2 does (IAX2 reference 6.5). */
  refusedElsewhere: MessageRecord | undefined;
  unsupported: MessageRecord | undefined;
  /** The one in the middle gave the attempt up. */
  withdrawn: MessageRecord | undefined;
  hungUp: MessageRecord | undefined;

  constructor(place: { address: SocketAddress; number: number; party: PartyRecord; leg: LegRecord | undefined; middle: Side }) {
    this.address = place.address;
    this.number = place.number;
    this.party = place.party;
    this.leg = place.leg;
    this.middle = place.middle;
  }

  get side(): Side {
    return otherSide(this.middle);
  }

  /** Its end of the leg with the one in the middle. */
  get own(): LegEndRecord | undefined {
    return this.leg?.[this.side];
  }

  /** A newer TXREQ takes the place of the one before (IAX2 reference 6.2). */
  begin(request: MessageRecord): void {
    this.requested = request;
    this.probes = 0;
    this.answers = [];
    this.ready = undefined;
  }

  /** Whether a TXACC has come to it. In a capture of one's own both records of a packet are there, unless it was lost. */
  get hasReached(): boolean {
    return this.answers.some(({ sentSeq, receivedSeq, saidLost }) => !saidLost && (sentSeq === undefined || receivedSeq !== undefined));
  }

  get isReleaseAcknowledged(): boolean {
    return this.release?.acknowledgedBy !== undefined;
  }
}

/** One attempt to connect two ends natively: TXREQ to TXREL, TXMEDIA or TXREJ (IAX2 reference 6.2 to 6.5). */
export class NativeAttempt {
  readonly transfer: TransferRecord;
  /** Who has the call given to them, and who is to get it. */
  readonly transferee: TransferEnd;
  readonly target: TransferEnd;
  /** The leg between the two ends. */
  readonly path: LegRecord;
  /** TXREL or TXMEDIA went to both. */
  completed: 'switch' | 'media' | undefined;
  /** The last TXREL or TXMEDIA. */
  completedWith: MessageRecord | undefined;
  /** How often TXREQ was repeated. */
  repeats = 0;

  constructor(transfer: TransferRecord, path: LegRecord, transferee: TransferEnd, target: TransferEnd) {
    this.transfer = transfer;
    this.path = path;
    this.transferee = transferee;
    this.target = target;
  }

  get ends(): readonly [TransferEnd, TransferEnd] {
    return [this.transferee, this.target];
  }

  other(end: TransferEnd): TransferEnd {
    return end === this.target ? this.transferee : this.target;
  }

  endOf(leg: LegRecord): TransferEnd | undefined {
    return this.ends.find((end) => end.leg === leg);
  }

  /** The end whose frames on the new path have this key. */
  keyOf(end: TransferEnd): string {
    return endKey(end.address, end.number, this.other(end).address);
  }

  /** Which side of the path an end is. */
  sideOf(end: TransferEnd): Side {
    return this.path.sideOf(end.address, end.number);
  }

  /** Voice frames that an end has sent straight to the other. */
  directVoice(end: TransferEnd): number {
    return this.path[this.sideOf(end)].voice;
  }

  /** Whether the other end has the first full voice frame of this one: before that it plays nothing (IAX2 reference 1.3). */
  isHeard(end: TransferEnd): boolean {
    const { newest, voice } = this.path[this.sideOf(end)];
    for (const [title, frame] of newest) if (title.startsWith('VOICE')) return frame.acknowledgedBy !== undefined;
    return voice > 0;
  }

  /** Whether the end has sent anything on the new path that only one that was moved sends. */
  hasMoved(end: TransferEnd): boolean {
    return this.path[this.sideOf(end)].sent.size > 0 || this.directVoice(end) > 0;
  }

  get isOpen(): boolean {
    return this.completed === undefined && !this.transfer.isDecided;
  }
}
