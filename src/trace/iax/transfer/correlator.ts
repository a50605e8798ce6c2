import type { Directory } from '../../directory';
import type { Horizon } from '../../horizon';
import type { MessageRecord } from '../../message';
import type { TransferKind } from '../../transfer';
import type { TransferParties, TransferRecord } from '../../transfer-record';
import type { Bridges } from '../bridges';
import type { IaxCalls } from '../calls';
import type { LegRecord } from '../leg';
import type { LegTable, PlacedFrame } from '../leg-table';

/** What a correlator of IAX2 may use of the model. */
export interface IaxCorrelatorContext {
  readonly legs: LegTable;
  readonly calls: IaxCalls;
  readonly bridges: Bridges;
  readonly directory: Directory;
  /** Begins a transfer with the frame that asks for it. */
  open(kind: TransferKind, message: MessageRecord, parties: TransferParties): TransferRecord;
  /** Attaches a frame to a transfer, which is then judged again. */
  attach(transfer: TransferRecord, message: MessageRecord): void;
  /** Has a transfer judged again: something has happened that is no message. */
  review(transfer: TransferRecord): void;
}

/** Finds the transfers of one of IAX2's two systems. It sees all frames that can be read, but what is sent again. */
export interface IaxCorrelator {
  onFrame(placed: PlacedFrame): void;
  /** Voice on a leg. */
  onMedia?(leg: LegRecord): void;
  forget?(horizon: Horizon): void;
}

