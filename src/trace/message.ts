import type { ByteRange, Milliseconds } from '../core';
import { formatAddress, type SocketAddress } from '../net';
import type { SipMessage } from '../sip';
import type { FullFrame } from '../iax';
import type { CallRecord, DialogRecord, Side, TraceCall, TraceDialog } from './call';
import type { LegRecord, TraceLeg } from './iax';
import type { TraceTransaction, TransactionRecord } from './transaction';
import type { Transfer } from './transfer';
import type { TransferRecord } from './transfer-record';

/** A packet of a stranger's capture: nobody knows who recorded it, only where it went and what it said. */
export interface TracePacket {
  /** Since the capture's start. */
  readonly at: Milliseconds;
  readonly transport: string;
  readonly source: SocketAddress;
  readonly destination: SocketAddress;
  readonly bytes: Uint8Array;
  /** Names of the two ends, where the capture knows them. */
  readonly sender?: string;
  readonly receiver?: string;
  /** Whether the capture knows that it never arrived. */
  readonly lost?: boolean;
}

/** Why a message could not be read as SIP or IAX2, and where in it the reading stopped. */
export interface MessageError {
  readonly code: string;
  readonly range: ByteRange;
  readonly text: string;
}

/** One message on the wire: what its sender recorded and what its receiver recorded, joined. */
export interface TraceMessage {
  /** `m1`, `m2`, ... in the order of their first record; stable. */
  readonly id: string;
  /** Its place in the whole trace, counted from 0; it stays when messages before it are forgotten. */
  readonly index: number;
  readonly at: Milliseconds;
  /** When the receiver recorded it; undefined as long as it did not, and always in a stranger's capture. */
  readonly receivedAt: Milliseconds | undefined;
  readonly transport: string;
  readonly source: SocketAddress;
  readonly destination: SocketAddress;
  readonly bytes: Uint8Array;
  /** How often the same packet was recorded again without having been sent again: the network's duplicates. */
  readonly copies: number;
  /**
   * The first sending of the same message (RFC 3261 section 17: the same transaction, sent again; IAX2: the R bit).
   */
  readonly retransmissionOf: TraceMessage | undefined;
  /** The message read; undefined when it cannot be read as SIP. */
  readonly sip: SipMessage | undefined;
  /** The frame read, of a message whose transport is `iax2`: media frames are no messages. */
  readonly iax: FullFrame | undefined;
  readonly error: MessageError | undefined;
  readonly transaction: TraceTransaction | undefined;
  /** Of an IAX2 frame. */
  readonly leg: TraceLeg | undefined;
  /** The earlier IAX2 frame that this one answers, completes or takes back: an ACK its frame, a TXREL its TXREQ. */
  readonly answers: TraceMessage | undefined;
  /** The IAX2 frame that first acknowledged this one, as an ACK or by its incoming sequence number. */
  readonly acknowledgedBy: TraceMessage | undefined;
  readonly dialog: TraceDialog | undefined;
  readonly call: TraceCall | undefined;
  /** For an offer within a call: that it puts the other side on hold, or takes it up again. */
  readonly offers: 'hold' | 'resume' | undefined;
  /** The transfers this message belongs to. */
  readonly transfers: readonly Transfer[];
  /** Journal numbers of the sender's and of the receiver's record. */
  readonly sentSeq: number | undefined;
  readonly receivedSeq: number | undefined;
}

/** What a correlator asks of a message again and again, read once. */
export interface MessageFacts {
  readonly callId: string;
  readonly fromTag: string;
  readonly toTag: string;
  readonly sequence: number;
  /** The request's own method, or that of the request answered. */
  readonly method: string;
  /** Undefined for a request. */
  readonly status: number | undefined;
  readonly branch: string;
  readonly sentBy: string;
  /** How many Via header fields: more than one, and a proxy has passed the request on. */
  readonly hops: number;
}

/** The model's own, growing form of a {@link TraceMessage}. */
export class MessageRecord implements TraceMessage {
  readonly id: string;
  readonly index: number;
  readonly at: Milliseconds;
  readonly transport: string;
  readonly source: SocketAddress;
  readonly destination: SocketAddress;
  readonly bytes: Uint8Array;
  readonly transfers: TransferRecord[] = [];
  receivedAt: Milliseconds | undefined;
  copies = 0;
  readonly saidLost: boolean;
  retransmissionOf: MessageRecord | undefined;
  sip: SipMessage | undefined;
  iax: FullFrame | undefined;
  leg: LegRecord | undefined;
  /** Which end of its leg has sent it. */
  side: Side | undefined;
  answers: MessageRecord | undefined;
  acknowledgedBy: MessageRecord | undefined;
  error: MessageError | undefined;
  facts: MessageFacts | undefined;
  transaction: TransactionRecord | undefined;
  dialog: DialogRecord | undefined;
  call: CallRecord | undefined;
  offers: 'hold' | 'resume' | undefined;
  sentSeq: number | undefined;
  receivedSeq: number | undefined;

  constructor(index: number, packet: TracePacket) {
    this.id = `m${index + 1}`;
    this.index = index;
    this.at = packet.at;
    this.transport = packet.transport;
    this.source = packet.source;
    this.destination = packet.destination;
    this.bytes = packet.bytes;
    this.saidLost = packet.lost === true;
  }
}

/**
 * The facts of a message, or undefined when a header that places it (RFC 3261 section 8.1.1) is missing or malformed.
 */
export function readFacts(sip: SipMessage): MessageFacts | undefined {
  return attempt(() => {
    const { topVia, cseq } = sip;
    return {
      callId: sip.callId,
      fromTag: sip.fromTag ?? '',
      toTag: sip.toTag ?? '',
      sequence: cseq.sequence,
      method: sip.kind === 'request' ? sip.method : cseq.method,
      status: sip.kind === 'response' ? sip.status : undefined,
      branch: topVia.branch ?? '',
      // Without a port, 5060 (RFC 3261 section 18.2.2).
      sentBy: formatAddress({ host: topVia.host, port: topVia.port ?? 5060 }),
      hops: sip.vias.length,
    };
  });
}

/** What `read` returns, or undefined when it throws: for header values that a stranger may have malformed. */
export function attempt<Result>(read: () => Result): Result | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
