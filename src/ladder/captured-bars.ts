import { english, type Say } from '../core';
import { type MediaStream, nameIn, type Spell, type TraceModel } from '../trace';
import type { StreamRow } from './row';

/** A bar, and the index of the message that it stands behind. */
export interface Bar {
  readonly row: StreamRow;
  readonly after: number;
}

/**
 * Behind which message a bar stands: the last before it of all, or of its own call, where messages of others may be left out.
 */
export type BarPlace = 'in time' | 'in its call';

/** So far back the last message of a call is looked for; its first one is always known. */
const mostLookedAt = 2_000;

/** What a single packet would show is no stream (RFC 3550 appendix A.1, MIN_SEQUENTIAL). */
const leastPackets = 2;

/** The bars of a capture's media, one for each time without a pause: that it was sent, for nobody knows who heard it. */
export function* barsOf(model: TraceModel, place: BarPlace): Generator<Bar> {
  for (const stream of model.streams) {
    for (const spell of stream.spells) {
      const row = barOf(model, stream, spell, english);
      if (row !== undefined) yield { row, after: placeOf(model, stream, spell, place) };
    }
  }
}

/** The bars of a capture that is still being read. */
export class CapturedBars {
  readonly #model: TraceModel;
  readonly #place: BarPlace;
  readonly #say: Say;
  readonly #known = new Map<Spell, { readonly packets: number; readonly row: StreamRow }>();
  #isComplete = false;

  constructor(model: TraceModel, place: BarPlace, say: Say) {
    this.#model = model;
    this.#place = place;
    this.#say = say;
  }

  /** Those that are new or have changed, with the row that they take the place of. */
  *update(): Generator<Bar & { readonly before: StreamRow | undefined }> {
    if (this.#isComplete) return;
    this.#isComplete = this.#model.isOver;
    for (const stream of this.#model.streams) {
      for (const spell of stream.spells) {
        const known = this.#known.get(spell);
        if (known?.packets === spell.packets) continue;
        const row = barOf(this.#model, stream, spell, this.#say);
        if (row === undefined) continue;
        this.#known.set(spell, { packets: spell.packets, row });
        yield { row, after: placeOf(this.#model, stream, spell, this.#place), before: known?.row };
      }
    }
  }
}

/** Undefined when the trace has no lane for one of the two, or the same for both. */
function barOf(model: TraceModel, stream: MediaStream, spell: Spell, say: Say): StreamRow | undefined {
  if (spell.packets < leastPackets) return undefined;
  const from = model.findParticipant(stream.speakerAt)?.id;
  const to = model.findParticipant(stream.listenerAt)?.id;
  if (from === undefined || to === undefined || from === to) return undefined;
  const call = stream.roles[0]?.call;
  const text = wordsOf(stream, spell, say);
  return { kind: 'stream', at: spell.since, from, to, text, until: spell.until, callId: call?.id, transferIds: call?.transfers.map(({ id }) => id) };
}

/** The index of the message that a bar stands behind. */
function placeOf({ messages, firstIndex }: TraceModel, { roles }: MediaStream, { after }: Spell, place: BarPlace): number {
  const last = Math.max(0, after);
  if (place === 'in time') return last;
  for (let index = last; index >= Math.max(0, last - mostLookedAt); index -= 1) {
    const call = messages[index - firstIndex]?.call;
    if (call !== undefined && roles.some((role) => role.call === call)) return index;
  }
  return Math.min(last, roles[0]?.call.invite.index ?? 0);
}

/** `Alice sends audio to Bob, 12.3 s, G.711 u-law, 0.4 % lost`. */
function wordsOf(stream: MediaStream, { since, until, packets, lost }: Spell, say: Say): string {
  const parts = [
    sendingOf(stream, say),
    say('{0} s', ((until - since) / 1000).toFixed(1)),
    ...(stream.codec === '' ? [] : [stream.codec]),
    ...(lost === undefined || lost === 0 ? [] : [lossOf(lost, packets, say)]),
  ];
  return parts.join(', ');
}

function sendingOf({ speaker, listener, kind, isEncrypted, isSilent }: MediaStream, say: Say): string {
  const [from, to] = [nameIn(speaker), nameIn(listener)];
  if (kind === 'video') return isEncrypted ? say('{0} sends encrypted video to {1}', from, to) : say('{0} sends video to {1}', from, to);
  if (isEncrypted) return say('{0} sends encrypted audio to {1}', from, to);
  return isSilent ? say('{0} sends silence to {1}', from, to) : say('{0} sends audio to {1}', from, to);
}

function lossOf(lost: number, packets: number, say: Say): string {
  const share = (100 * lost) / (lost + packets);
  if (share >= 0.05) return say('{0} % lost', share.toFixed(1));
  return lost === 1 ? say('1 packet lost') : say('{0} packets lost', lost);
}
