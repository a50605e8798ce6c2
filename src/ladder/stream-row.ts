import { english, type Say } from '../core';
import { nameIn, type TraceModel, type VoiceStream } from '../trace';
import type { StreamRow } from './row';

/** The bar of a voice between the lanes of who speaks and who hears; undefined when the trace has no lane for one of them. */
export function streamRow(model: TraceModel, { listener, speaker, since, until }: VoiceStream, say: Say = english): StreamRow | undefined {
  const laneOf = (phone: string): string | undefined => model.participants.find((one) => one.phone === phone)?.id;
  const from = laneOf(speaker);
  const to = laneOf(listener);
  if (from === undefined || to === undefined) return undefined;
  const names = [nameIn({ name: listener }), nameIn({ name: speaker })];
  const text = until === undefined ? say('{0} hears {1}', ...names) : say('{0} hears {1}, {2} s', ...names, ((until - since) / 1000).toFixed(1));
  return { kind: 'stream', at: since, from, to, text, until };
}
