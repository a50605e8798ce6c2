import type { Milliseconds } from '../core';
import { formatAddress } from '../net';
import type { Horizon } from './horizon';
import { MessageRecord, type TracePacket } from './message';

/**
 * Identical packets of a stranger's capture this close together are one packet recorded twice: nothing is sent again so
 * soon (T1 is 500 ms).
 */
const sameCapture: Milliseconds = 5;

/** Where a packet was recorded. */
export type Vantage = 'sender' | 'receiver' | 'stranger';

export interface Arrival {
  readonly record: MessageRecord;
  /** Whether this is the message's first record. */
  readonly isNew: boolean;
}

/**
 * Joins the records of one packet: the sender's and the receiver's have the same source, destination and bytes. What is
 * recorded once more was sent again, or doubled by the network.
 */
export class Intake {
  /** Those kept, in order. */
  readonly messages: MessageRecord[] = [];
  readonly #byPacket = new Map<string, MessageRecord[]>();
  #first: number;

  /** `first` is the index of the first message. */
  constructor(first = 0) {
    this.#first = first;
  }

  /** Index of the first message kept; that of the next one when none is. */
  get first(): number {
    return this.#first;
  }

  /** Index of the next message. */
  get end(): number {
    return this.#first + this.messages.length;
  }

  at(index: number): MessageRecord | undefined {
    return this.messages[index - this.#first];
  }

  forget(horizon: Horizon): void {
    const count = Math.max(0, Math.min(horizon.before, this.end) - this.#first);
    this.messages.splice(0, count);
    this.#first += count;
    for (const [key, records] of this.#byPacket) {
      if (!records.some((record) => horizon.hasPassed(record))) continue;
      const left = records.filter((record) => !horizon.hasPassed(record));
      if (left.length > 0) this.#byPacket.set(key, left);
      else this.#byPacket.delete(key);
    }
  }

  take(packet: TracePacket, vantage: Vantage, seq: number | undefined): Arrival {
    const key = `${formatAddress(packet.source)}>${formatAddress(packet.destination)}#${hash(packet.bytes)}`;
    const known = this.#byPacket.get(key)?.filter((record) => Buffer.compare(record.bytes, packet.bytes) === 0) ?? [];
    if (vantage === 'receiver') {
      const sent = known.findLast((record) => record.sentSeq !== undefined);
      if (sent !== undefined) return { record: receive(sent, packet.at, seq), isNew: false };
    }
    const last = known.at(-1);
    if (vantage === 'stranger' && last !== undefined && packet.at - last.at < sameCapture) {
      last.copies += 1;
      return { record: last, isNew: false };
    }
    const record = new MessageRecord(this.end, packet);
    record.retransmissionOf = known[0];
    if (vantage === 'receiver') {
      record.receivedAt = packet.at;
      record.receivedSeq = seq;
    } else {
      record.sentSeq = seq;
    }
    this.messages.push(record);
    const list = this.#byPacket.get(key);
    if (list === undefined) this.#byPacket.set(key, [record]);
    else list.push(record);
    return { record, isNew: true };
  }
}

/** The newest sending not yet received is the likeliest; when it has been, the network has doubled it. */
function receive(newest: MessageRecord, at: Milliseconds, seq: number | undefined): MessageRecord {
  if (newest.receivedAt === undefined) {
    newest.receivedAt = at;
    newest.receivedSeq = seq;
  } else {
    newest.copies += 1;
  }
  return newest;
}

/** FNV-1a over the octets: short enough to be a key, and what collides is compared in full. */
function hash(bytes: Uint8Array): number {
  let value = 0x811c9dc5;
  for (const octet of bytes) value = Math.imul(value ^ octet, 0x01000193);
  return value >>> 0;
}
