import { type MediaStream, nameIn, type Spell, type TraceModel } from '../trace';
import type { StreamRow } from './row';

/** A bar, and the index of the message that it stands behind. */
export interface Bar {
  readonly row: StreamRow;
  readonly after: number;
}

/** What a single packet would show is no stream (RFC 3550 appendix A.1, MIN_SEQUENTIAL). */
const leastPackets = 2;

/** The bars of a capture's media, one for each time without a pause: that it was sent, for nobody knows who heard it. */
export function* barsOf(model: TraceModel): Generator<Bar> {
  for (const stream of model.streams) {
    for (const spell of stream.spells) {
      const row = barOf(model, stream, spell);
      if (row !== undefined) yield { row, after: Math.max(0, spell.after) };
    }
  }
}

/** The bars of a capture that is still being read. */
export class CapturedBars {
  readonly #model: TraceModel;
  readonly #known = new Map<Spell, { readonly packets: number; readonly row: StreamRow }>();
  #isComplete = false;

  constructor(model: TraceModel) {
    this.#model = model;
  }

  /** Those that are new or have changed, with the row that they take the place of. */
  *update(): Generator<Bar & { readonly before: StreamRow | undefined }> {
    if (this.#isComplete) return;
    this.#isComplete = this.#model.isOver;
    for (const stream of this.#model.streams) {
      for (const spell of stream.spells) {
        const known = this.#known.get(spell);
        if (known?.packets === spell.packets) continue;
        const row = barOf(this.#model, stream, spell);
        if (row === undefined) continue;
        this.#known.set(spell, { packets: spell.packets, row });
        yield { row, after: Math.max(0, spell.after), before: known?.row };
      }
    }
  }
}

/** Undefined when the trace has no lane for one of the two, or the same for both. */
function barOf(model: TraceModel, stream: MediaStream, spell: Spell): StreamRow | undefined {
  if (spell.packets < leastPackets) return undefined;
  const from = model.findParticipant(stream.speakerAt)?.id;
  const to = model.findParticipant(stream.listenerAt)?.id;
  if (from === undefined || to === undefined || from === to) return undefined;
  return { kind: 'stream', at: spell.since, from, to, text: wordsOf(stream, spell), until: spell.until };
}

/** `Alice sends audio to Bob, 12.3 s, G.711 u-law, 0.4 % lost`. */
function wordsOf({ speaker, listener, kind, codec, isEncrypted, isSilent }: MediaStream, { since, until, packets, lost }: Spell): string {
  const what = kind === 'video' ? 'video' : isSilent ? 'silence' : 'audio';
  const parts = [
    `${nameIn(speaker)} sends ${isEncrypted ? 'encrypted ' : ''}${what} to ${nameIn(listener)}`,
    `${((until - since) / 1000).toFixed(1)} s`,
    ...(codec === '' ? [] : [codec]),
    ...(lost === undefined || lost === 0 ? [] : [lossOf(lost, packets)]),
  ];
  return parts.join(', ');
}

function lossOf(lost: number, packets: number): string {
  const share = (100 * lost) / (lost + packets);
  if (share < 0.05) return `${lost} ${lost === 1 ? 'packet' : 'packets'} lost`;
  return `${share.toFixed(1)} % lost`;
}
