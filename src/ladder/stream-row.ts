import { nameIn, type TraceModel, type VoiceStream } from '../trace';
import type { StreamRow } from './row';

/** The bar of a voice between the lanes of who speaks and who hears; undefined when the trace has no lane for one of them. */
export function streamRow(model: TraceModel, { listener, speaker, since, until }: VoiceStream): StreamRow | undefined {
  const laneOf = (phone: string): string | undefined => model.participants.find((one) => one.phone === phone)?.id;
  const from = laneOf(speaker);
  const to = laneOf(listener);
  if (from === undefined || to === undefined) return undefined;
  const lasted = until === undefined ? '' : `, ${((until - since) / 1000).toFixed(1)} s`;
  const text = `${nameIn({ name: listener })} hears ${nameIn({ name: speaker })}${lasted}`;
  return { kind: 'stream', at: since, from, to, text, until };
}
