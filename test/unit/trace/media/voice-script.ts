import { buildRtp, encodeSamples } from '../../../../src/media';
import { TraceModel, type TraceOptions, type TracePacket } from '../../../../src/trace';
import { addresses, type CallScript, type Person } from '../call-script';

/** Where the phones of a {@link CallScript} want their audio, in every call. */
export function mediaOf(person: Person): TracePacket['source'] {
  return { host: addresses[person].host, port: 4000 };
}

/** A frame of a tone, loud enough for anybody. */
export const tone = encodeSamples(Array.from({ length: 160 }, (_, index) => 8_000 * Math.sin(index / 3)), 'pcmu');
/** A frame of nothing at all. */
export const silence = new Uint8Array(160).fill(0xff);

export interface VoiceOptions {
  readonly source: TracePacket['source'];
  readonly destination: TracePacket['source'];
  readonly since: number;
  /** One packet each 20 ms up to here. */
  readonly until: number;
  readonly ssrc?: number;
  readonly payload?: Uint8Array;
  readonly payloadType?: number;
  readonly firstSequence?: number;
}

export function voice({ source, destination, since, until, ssrc = 1, payload = tone, payloadType = 0, firstSequence = 100 }: VoiceOptions): TracePacket[] {
  const packets: TracePacket[] = [];
  for (let index = 0; since + 20 * index < until; index++) {
    const bytes = buildRtp({ payloadType, sequence: (firstSequence + index) & 0xffff, timestamp: 160 * index, ssrc, payload });
    packets.push({ at: since + 20 * index, transport: 'udp', source, destination, bytes });
  }
  return packets;
}

/** The voice of one phone of a script to another. */
export function voiceBetween(from: Person, to: Person, since: number, until: number, options: Partial<VoiceOptions> = {}): TracePacket[] {
  return voice({ source: mediaOf(from), destination: mediaOf(to), since, until, ssrc: from.charCodeAt(0), ...options });
}

/** What a capture of a script and these packets is read as. */
export function capturedWith(script: CallScript, media: readonly TracePacket[], options?: TraceOptions): TraceModel {
  const signalling = script.packets.map(({ at, transport, source, destination, bytes }) => ({ at, transport, source, destination, bytes }));
  const all = [...signalling, ...media].sort((a, b) => a.at - b.at);
  const start = all[0]?.at ?? 0;
  const model = new TraceModel({ ...options, isCapture: true });
  for (const packet of all) model.feedPacket({ ...packet, at: packet.at - start });
  model.finish();
  return model;
}
