import type { LawFormat } from './audio-stream';
import type { Attribute, MediaDescription, SessionDescription } from './description';
import type { FlowLine } from './direction';

/** What stays the same in all our descriptions of one session (RFC 3264 section 8). */
export interface LocalParty {
  /** The username of `o=`. */
  readonly origin: string;
  readonly sessionId: number;
  /** Where we take audio: an IPv4 or IPv6 address without brackets, and the RTP port. */
  readonly address: string;
  readonly port: number;
}

/** Our audio stream as one description states it. */
export interface LocalStream {
  readonly flow: FlowLine;
  readonly laws: readonly LawFormat[];
  readonly dtmfPayloadType: number | undefined;
}

/** An `m=` line that keeps its place for the whole session (RFC 3264 section 8). */
export type MediaSlot = Pick<MediaDescription, 'media' | 'protocol' | 'formats'>;

/** Our session with our audio in one slot; every other slot is refused by port 0. */
export function describeLocal(
  party: LocalParty,
  version: number,
  slots: readonly MediaSlot[],
  audio: { readonly slot: number; readonly stream: LocalStream | undefined },
): SessionDescription {
  const addressType = party.address.includes(':') ? 'IP6' : 'IP4';
  const nullAddress = addressType === 'IP6' ? '::' : '0.0.0.0';
  return {
    origin: {
      username: party.origin,
      sessionId: String(party.sessionId),
      sessionVersion: String(version),
      networkType: 'IN',
      addressType,
      address: party.address,
    },
    name: '-',
    information: undefined,
    uri: undefined,
    emails: [],
    phones: [],
    connection: {
      networkType: 'IN',
      addressType,
      address: audio.stream?.flow.nullAddress === true ? nullAddress : party.address,
    },
    bandwidths: [],
    timings: [{ start: '0', stop: '0', repeats: [] }],
    zones: undefined,
    key: undefined,
    attributes: [],
    media: slots.map((slot, index) =>
      index === audio.slot && audio.stream !== undefined ? describeAudio(party.port, audio.stream) : refuse(slot),
    ),
  };
}

function describeAudio(port: number, { flow, laws, dtmfPayloadType }: LocalStream): MediaDescription {
  const attributes: Attribute[] = laws.map(({ law, payloadType }) => ({
    name: 'rtpmap',
    value: `${payloadType} ${law.toUpperCase()}/8000`,
  }));
  if (dtmfPayloadType !== undefined) {
    // RFC 4733 section 2.4.1: the events of a telephone's keys.
    attributes.push({ name: 'rtpmap', value: `${dtmfPayloadType} telephone-event/8000` });
    attributes.push({ name: 'fmtp', value: `${dtmfPayloadType} 0-15` });
  }
  attributes.push({ name: 'ptime', value: '20' });
  if (flow.direction !== undefined) attributes.push({ name: flow.direction, value: undefined });
  const numbers = [
    ...laws.map(({ payloadType }) => payloadType),
    ...(dtmfPayloadType === undefined ? [] : [dtmfPayloadType]),
  ];
  // RFC 3264 section 5.1: even a sendonly or inactive stream has its real port.
  return { ...emptyMedia, media: 'audio', port, protocol: 'RTP/AVP', formats: numbers.map(String), attributes };
}

/** RFC 3264 section 6: a refused stream keeps its line, with port 0 and at least one format. */
function refuse(slot: MediaSlot): MediaDescription {
  return { ...emptyMedia, media: slot.media, port: 0, protocol: slot.protocol, formats: slot.formats.slice(0, 1) };
}

const emptyMedia = {
  portCount: undefined,
  information: undefined,
  connections: [],
  bandwidths: [],
  key: undefined,
  attributes: [],
} as const satisfies Partial<MediaDescription>;
