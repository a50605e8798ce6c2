import type { Milliseconds } from '../../core';
import { codecName, frameTypes, type FullFrame } from '../../iax';
import { type CallRecord, otherSide, type Side } from '../call';
import type { LegEndRecord, LegRecord } from '../iax';
import type { MessageRecord } from '../message';
import { StreamRecord } from './stream';

interface Voice {
  readonly leg: LegRecord;
  readonly side: Side;
}

/** The voice of IAX2 legs as streams: one for each end and call (RFC 5456 section 8.1). Nothing numbers it, so nothing is known to be lost. */
export class IaxVoice {
  readonly #streams = new Map<LegEndRecord, StreamRecord>();
  /** What the last full voice frame of each end has named. */
  readonly #encodings = new WeakMap<LegEndRecord, string>();
  readonly #heldAt = new WeakMap<CallRecord, Milliseconds>();
  readonly #onNew: (stream: StreamRecord) => void;

  constructor(onNew: (stream: StreamRecord) => void) {
    this.#onNew = onNew;
  }

  /** A call has been put on hold, or taken up again. */
  onHold(call: CallRecord, at: Milliseconds): void {
    this.#heldAt.set(call, at);
  }

  onFrame({ record, frame, leg, side }: Voice & { readonly record: MessageRecord; readonly frame: FullFrame }): void {
    if (frame.type !== frameTypes.voice) return;
    this.#encodings.set(leg[side], codecName(frame.subclass) ?? '');
    this.onMedia({ leg, side, data: frame.data }, record.at, record.index);
  }

  onMedia({ leg, side, data }: Voice & { readonly data: Uint8Array }, at: Milliseconds, after: number): void {
    const { call } = leg;
    if (call === undefined) return;
    const end = leg[side];
    let stream = this.#streams.get(end);
    if (stream === undefined || stream.roles[0]?.call !== call) {
      stream = this.#open(leg, side, call);
      this.#streams.set(end, stream);
      this.#onNew(stream);
    }
    stream.onVoice(data, this.#encodings.get(end) ?? '', at, after, this.#heldAt.get(call) ?? 0);
  }

  #open(leg: LegRecord, side: Side, call: CallRecord): StreamRecord {
    const [from, to] = [leg[side].address, leg[otherSide(side)].address];
    const stream = new StreamRecord('iax2', from, to, undefined);
    stream.place({
      roles: [{ call, speaker: side }],
      speaker: call[side],
      listener: call[otherSide(side)],
      speakerAt: from,
      listenerAt: to,
      kind: 'audio',
      isEncrypted: false,
      encodings: undefined,
    });
    return stream;
  }
}
