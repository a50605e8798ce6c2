import type { Milliseconds } from '../../core';
import { formatAddress, sameAddress, type SocketAddress } from '../../net';
import type { CallRecord, Side, TraceCall } from '../call';
import type { MessageRecord, TraceMessage } from '../message';
import type { TransferRecord } from '../transfer-record';

/** What a leg was opened for. A `path` is what the ends of a transfer try between them; it becomes a call when they are moved. */
export type LegPurpose = 'call' | 'registration' | 'poke' | 'path' | 'unknown';

/** One end of a leg: where it is, and its own number of the call there (RFC 5456 section 3). */
export interface LegEnd {
  readonly address: SocketAddress;
  /** Undefined until it has said one. */
  readonly number: number | undefined;
  /** Voice frames of this end, full, mini and in trunks. */
  readonly voice: number;
}

/**
 * Frames between two addresses with one call number at each: the unit of IAX2's sequence numbers. A call has one leg for each
 * host that it goes through, and a native transfer moves it to another.
 */
export interface TraceLeg {
  /** `l1`, `l2`, ... in the order of their first frame. */
  readonly id: string;
  readonly purpose: LegPurpose;
  /** The end that sent the first frame, and the other. */
  readonly caller: LegEnd;
  readonly callee: LegEnd;
  readonly call: TraceCall | undefined;
  /** Its frames, in order, and those sent again. */
  readonly messages: readonly TraceMessage[];
}

/** The model's own, growing form of a {@link LegEnd}. */
export class LegEndRecord implements LegEnd {
  readonly address: SocketAddress;
  number: number | undefined;
  voice = 0;
  voiceSince: Milliseconds | undefined;
  /** Its frames that nobody has acknowledged, in order. */
  outstanding: MessageRecord[] = [];
  /** Its counted frames by outgoing sequence number; a number used again takes the place of the one before. */
  readonly sent = new Map<number, MessageRecord>();
  /** Its newest frame of each title. */
  readonly newest = new Map<string, MessageRecord>();
  /** The one of each title before the newest. */
  readonly before = new Map<string, MessageRecord>();
  /** It has asked the other to send no media (QUELCH), or said that it holds (HOLD): two things (IAX2 reference 5.2). */
  asksForSilence = false;
  saysHold = false;
  /** Its last QUELCH or HOLD that is not taken back. */
  heldWith: MessageRecord | undefined;

  constructor(address: SocketAddress, number: number | undefined) {
    this.address = address;
    this.number = number;
  }

  get holds(): boolean {
    return this.asksForSilence || this.saysHold;
  }

  /** A request repeated with a call token begins its stream anew (IAX2 reference 4.3). */
  restart(): void {
    this.outstanding = [];
    this.sent.clear();
  }
}

/** The model's own, growing form of a {@link TraceLeg}. */
export class LegRecord implements TraceLeg {
  readonly id: string;
  readonly caller: LegEndRecord;
  readonly callee: LegEndRecord;
  readonly messages: MessageRecord[] = [];
  purpose: LegPurpose;
  call: CallRecord | undefined;
  /** Its call was moved away by TXREL: who was in the middle has no more to say here. */
  released: MessageRecord | undefined;
  /** ACCEPT was sent: the leg is up, whether or not anybody has answered (IAX2 reference 5.1). */
  accepted: MessageRecord | undefined;
  /** The callee has said BUSY or CONGESTION; its caller's HANGUP only follows that. */
  refused = false;
  /** HANGUP, REJECT, INVAL or the like has ended it. */
  ended: MessageRecord | undefined;
  /** Its beginning is not in the trace. */
  isPartial = false;
  /** Which ends have been seen to send. */
  readonly seen: Record<Side, boolean> = { caller: false, callee: false };
  /** The newest transfer whose ends try it. */
  triedBy: TransferRecord | undefined;
  /** When its last frame was sent, of signalling or media. */
  usedAt: Milliseconds;

  constructor(id: string, purpose: LegPurpose, caller: LegEndRecord, callee: LegEndRecord, openedAt: Milliseconds) {
    this.usedAt = openedAt;
    this.id = id;
    this.purpose = purpose;
    this.caller = caller;
    this.callee = callee;
  }

  /** Who holds whom: `caller` means that the caller has put the callee on hold. */
  get held(): Readonly<Record<Side, boolean>> {
    return { caller: this.caller.holds, callee: this.callee.holds };
  }

  /** The end that a frame with this source and this source call number comes from. Two ends may share an address. */
  sideOf(source: SocketAddress, number: number): Side {
    if (!sameAddress(source, this.caller.address)) return 'callee';
    if (!sameAddress(source, this.callee.address)) return 'caller';
    return number === this.caller.number ? 'caller' : 'callee';
  }

  /** The end that is not at this address, for one in the middle who asks for the other. */
  farFrom(address: SocketAddress): Side {
    return sameAddress(address, this.caller.address) ? 'callee' : 'caller';
  }
}

/** How the lookup tables name an end that sends: its address, its number and where it sends. */
export function endKey(source: SocketAddress, number: number, destination: SocketAddress): string {
  return `${formatAddress(source)}#${number}>${formatAddress(destination)}`;
}
