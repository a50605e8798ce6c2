import type { ParsedMedia, ParsedSession } from './description';
import type { Direction, FlowLine } from './direction';
import { SdpError } from './error';

/** The two laws of G.711, by their names in SDP, in lower case. */
export type Law = 'pcmu' | 'pcma';

/** A law and the payload number that stands for it. */
export interface LawFormat {
  readonly law: Law;
  readonly payloadType: number;
}

/** One audio stream as a description gives it. */
export interface AudioStream {
  readonly address: string;
  readonly port: number;
  readonly flow: FlowLine;
  /** The laws of the stream, in the describer's order of preference. */
  readonly laws: readonly LawFormat[];
  /** The payload number of `telephone-event/8000` (RFC 4733). */
  readonly dtmfPayloadType: number | undefined;
  /** Every payload number that the stream binds to a codec. */
  readonly payloadTypes: readonly number[];
}

/** Whether an `m=` line is one that this engine can take part in: audio over plain RTP, not refused by port 0. */
export function isUsableAudio(media: ParsedMedia): boolean {
  return media.media === 'audio' && media.protocol.toUpperCase() === 'RTP/AVP' && media.port !== 0;
}

/**
 * Reads an audio stream.
 *
 * @throws SdpError when it has no connection address (RFC 8866 section 5.7).
 */
export function readAudioStream(session: ParsedSession, media: ParsedMedia): AudioStream {
  // RFC 8866 section 5.7: the media-level c= overrides the session-level one.
  const connection = media.connections[0] ?? session.connection;
  if (connection === undefined) {
    throw new SdpError('CL2003', 'The stream has no c= line: nobody knows where to send.', media.range);
  }
  const codecs = readCodecs(media);
  return {
    address: connection.address,
    port: media.port,
    // RFC 8866 section 6.7: a session-level direction holds for media without their own.
    flow: {
      direction: readDirection(media.attributes) ?? readDirection(session.attributes),
      nullAddress: isNullAddress(connection.address),
    },
    laws: codecs.flatMap(({ name, payloadType }): LawFormat[] => {
      const law = laws.get(name);
      return law === undefined ? [] : [{ law, payloadType }];
    }),
    dtmfPayloadType: codecs.find(({ name }) => name === 'telephone-event/8000')?.payloadType,
    payloadTypes: codecs.map(({ payloadType }) => payloadType),
  };
}

/** 0.0.0.0, or `::` in any spelling (RFC 3264 section 8.4, RFC 6157 section 5.2). */
export function isNullAddress(address: string): boolean {
  return address === '0.0.0.0' || (address.length <= 39 && /^[0:]*::[0:]*$|^0+(:0+){7}$/.test(address));
}

/** Static payload types need no `a=rtpmap` (RFC 3551 table 4). */
const staticCodecs: ReadonlyMap<number, string> = new Map([
  [0, 'pcmu/8000'],
  [8, 'pcma/8000'],
]);

const laws: ReadonlyMap<string, Law> = new Map([
  ['pcmu/8000', 'pcmu'],
  ['pcma/8000', 'pcma'],
]);

/** The numbers that both laws always have (RFC 3551 table 4). */
export const staticPayloadTypes = { pcmu: 0, pcma: 8 } as const satisfies Record<Law, number>;

function readCodecs(media: ParsedMedia): { name: string; payloadType: number }[] {
  const mapped = new Map<number, string>();
  for (const { name, value } of media.attributes) {
    // `a=rtpmap:<number> <encoding>/<clock rate>[/<channels>]`, names without case (RFC 8866 section 6.6).
    const match = name === 'rtpmap' ? /^(\d{1,3})\s+([^\s/]+\/\d+)(?:\/1)?\s*$/.exec(value ?? '') : null;
    if (match?.[1] === undefined || match[2] === undefined) continue;
    const payloadType = Number(match[1]);
    if (!mapped.has(payloadType)) mapped.set(payloadType, match[2].toLowerCase());
  }
  return media.formats.flatMap((format) => {
    const payloadType = /^\d{1,3}$/.test(format) ? Number(format) : 128;
    const name = mapped.get(payloadType) ?? staticCodecs.get(payloadType);
    // RTP has seven bits for the number (RFC 3550 section 5.1).
    return name === undefined || payloadType > 127 ? [] : [{ name, payloadType }];
  });
}

function readDirection(attributes: ParsedMedia['attributes']): Direction | undefined {
  for (const { name } of attributes) {
    if (name === 'sendrecv' || name === 'sendonly' || name === 'recvonly' || name === 'inactive') return name;
  }
  return undefined;
}
