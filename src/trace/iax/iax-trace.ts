import { decodeFrame, type IaxFrame, IaxFrameError } from '../../iax';
import type { CallRecord } from '../call';
import type { CallChange } from '../call-table';
import type { Chronicle } from '../chronicle';
import type { Directory } from '../directory';
import type { Horizon } from '../horizon';
import type { MessageRecord, TracePacket } from '../message';
import { Bridges } from './bridges';
import { IaxCalls } from './calls';
import type { TraceLeg } from './leg';
import { LegTable, type PlacedFrame, type Voice } from './leg-table';
import { type IaxCorrelator, type IaxCorrelatorContext, iaxCorrelators } from './transfer';

/** What the reading of IAX2 uses of the model. */
export interface IaxTraceContext extends Pick<IaxCorrelatorContext, 'open' | 'attach' | 'review'> {
  readonly directory: Directory;
  /** All calls of the trace, of whatever protocol. */
  readonly calls: Chronicle<CallRecord>;
  onChange(change: CallChange): void;
}

/** The IAX2 half of a model: legs, calls and transfers, out of frames. */
export class IaxTrace {
  readonly #directory: Directory;
  readonly #legs = new LegTable();
  readonly #bridges = new Bridges();
  readonly #calls: IaxCalls;
  readonly #attach: IaxTraceContext['attach'];
  readonly #correlators: readonly IaxCorrelator[];

  constructor(context: IaxTraceContext) {
    const { directory } = context;
    const bridges = this.#bridges;
    this.#directory = directory;
    this.#attach = (transfer, message) => context.attach(transfer, message);
    this.#calls = new IaxCalls(context.calls, directory, bridges, (change) => context.onChange(change));
    const forCorrelators: IaxCorrelatorContext = {
      legs: this.#legs,
      calls: this.#calls,
      bridges,
      directory,
      open: (kind, message, parties) => context.open(kind, message, parties),
      attach: this.#attach,
      review: (transfer) => context.review(transfer),
    };
    this.#correlators = iaxCorrelators.map((create) => create(forCorrelators));
  }

  get legTable(): LegTable {
    return this.#legs;
  }

  get legs(): readonly TraceLeg[] {
    return this.#legs.list;
  }

  forget(horizon: Horizon): void {
    this.#legs.forget(horizon);
    this.#bridges.forget(horizon);
    for (const correlator of this.#correlators) correlator.forget?.(horizon);
  }

  /** Reads a message's octets; those that are no full frame, or one with cut elements, get an error. */
  read(record: MessageRecord): void {
    try {
      const frame = decodeFrame(record.bytes);
      if (frame.kind === 'full') record.iax = frame;
      record.error = frame.kind === 'full' ? frame.fault : undefined;
    } catch (error) {
      if (!(error instanceof IaxFrameError)) throw error;
      record.error = error.fault;
    }
  }

  /** Runs a full frame through the tables, each of which may build on what those before found out. */
  place(record: MessageRecord): PlacedFrame | undefined {
    this.#directory.participantAt(record.source);
    this.#directory.participantAt(record.destination);
    const frame = record.iax;
    if (frame === undefined) return undefined;
    const placed = this.#legs.place(record, frame);
    if (record.retransmissionOf !== undefined) {
      record.call = placed.leg.call;
      for (const transfer of record.retransmissionOf.transfers) this.#attach(transfer, record);
      return placed;
    }
    this.#calls.onFrame(placed);
    if (frame.fault === undefined && !placed.isMisaddressed) for (const correlator of this.#correlators) correlator.onFrame(placed);
    return placed;
  }

  /** A media frame; it becomes no message. */
  onMedia({ source, destination, at }: Pick<TracePacket, 'source' | 'destination' | 'at'>, frame: Exclude<IaxFrame, { readonly kind: 'full' }>): readonly Voice[] {
    const voices = this.#legs.onMedia(source, destination, frame, at);
    for (const { leg } of voices) for (const correlator of this.#correlators) correlator.onMedia?.(leg);
    return voices;
  }
}
