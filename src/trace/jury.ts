import type { Milliseconds } from '../core';
import { type Evidence, judge } from './judge';
import type { TransferRecord } from './transfer-record';

interface Adjourned {
  readonly due: Milliseconds;
  readonly transfer: TransferRecord;
}

/**
 * Sees to it that transfers are judged when something about them has changed or their time has come, and not otherwise.
 */
export class Jury {
  readonly #evidence: Evidence;
  readonly #settleTime: Milliseconds;
  readonly #onChange: (transfer: TransferRecord) => void;
  /** Something new about these. */
  readonly #summoned = new Set<TransferRecord>();
  /** Their signalling is done; they wait for the media to follow. */
  readonly #listening = new Set<TransferRecord>();
  /** In the order of `due`: each is one settling time after the moment it was adjourned, more or less. */
  readonly #adjourned: Adjourned[] = [];

  constructor(evidence: Evidence, settleTime: Milliseconds, onChange: (transfer: TransferRecord) => void) {
    this.#evidence = evidence;
    this.#settleTime = settleTime;
    this.#onChange = onChange;
  }

  summon(transfer: TransferRecord): void {
    this.#summoned.add(transfer);
  }

  /** Judges all that something is new about. */
  deliberate(now: Milliseconds): void {
    for (const transfer of this.#summoned) {
      this.#judge(transfer, now, false);
      this.#onChange(transfer);
    }
    this.#summoned.clear();
  }

  onHearing(now: Milliseconds): void {
    for (const transfer of this.#listening) this.#judgeAgain(transfer, now, false);
  }

  advance(now: Milliseconds): void {
    while ((this.#adjourned[0]?.due ?? Number.POSITIVE_INFINITY) <= now) {
      const next = this.#adjourned.shift();
      if (next !== undefined) this.#judgeAgain(next.transfer, now, false);
    }
  }

  finish(now: Milliseconds, transfers: readonly TransferRecord[]): void {
    for (const transfer of transfers) this.#judgeAgain(transfer, now, true);
  }

  #judgeAgain(transfer: TransferRecord, now: Milliseconds, over: boolean): void {
    if (transfer.isDecided) return;
    if (this.#judge(transfer, now, over)) this.#onChange(transfer);
  }

  /** Whether it is decided now. */
  #judge(transfer: TransferRecord, now: Milliseconds, over: boolean): boolean {
    const due = judge(transfer, this.#evidence, { now, over, settleTime: this.#settleTime });
    if (!transfer.isDecided && transfer.signalledAt !== undefined) this.#listening.add(transfer);
    else this.#listening.delete(transfer);
    if (due !== undefined && due > now) this.#adjourn({ due, transfer });
    return transfer.isDecided;
  }

  /** One entry a transfer and due time; nearly always the last place is the right one. */
  #adjourn(item: Adjourned): void {
    let index = this.#adjourned.length;
    while (index > 0 && (this.#adjourned[index - 1]?.due ?? 0) > item.due) index -= 1;
    for (let same = index - 1; this.#adjourned[same]?.due === item.due; same -= 1) {
      if (this.#adjourned[same]?.transfer === item.transfer) return;
    }
    this.#adjourned.splice(index, 0, item);
  }
}
