import type { Milliseconds } from '../../core';
import { RtpPacket } from '../../media';
import { formatAddress, type SocketAddress } from '../../net';
import type { CallRecord, Side } from '../call';
import type { MessageRecord, TracePacket } from '../message';
import type { SdpMedia } from '../sdp-media';
import { Announcements, type MediaAddress } from './announcements';
import { resolveEnds } from './ends';
import { type Ends, StreamRecord } from './stream';

/** So many pairs of addresses that nobody has announced. */
const mostCandidates = 1_024;
/** Media may come before its SDP, and still comes then; what has stopped was of a call that is not in the trace. */
const stillComes: Milliseconds = 2_000;
/** Sources between two addresses; who sends more changes it with every packet. */
const mostSources = 64;
/** All streams of a trace. */
const mostStreams = 50_000;
/** Once in so many packets an unknown pair is looked for by its ports alone. */
const portsLookedAt = 16;
/** What comes with no longer a pause than this comes from who sent what was before. */
const noPause: Milliseconds = 1_000;

/** All that goes from one address to another. */
interface Pair {
  readonly source: SocketAddress;
  readonly destination: SocketAddress;
  readonly key: string;
  /** By SSRC: the newest stream of each. */
  readonly streams: Map<number, StreamRecord>;
  /** Undefined as long as no SDP names it. */
  ends: Ends | undefined;
  /** Whether SDP has named both of its addresses, or only one. */
  isSure: boolean;
  from: MediaAddress | undefined;
  to: MediaAddress | undefined;
  packets: number;
}

/**
 * Finds RTP among the datagrams of a capture: what goes to or comes from an address that an SDP of the trace announces. Nothing
 * else is taken for anybody's voice.
 */
export class RtpStreams {
  readonly #announcements = new Announcements();
  readonly #pairs = new Map<string, Pair>();
  /** Pairs by either of their addresses. */
  readonly #byAddress = new Map<string, Set<Pair>>();
  /** Of pairs that nobody has announced, the oldest first. */
  readonly #candidates = new Map<string, Pair>();
  readonly #onNew: (stream: StreamRecord) => void;
  readonly #onPlaced: (stream: StreamRecord) => void;
  #count = 0;

  /** `onNew` is told each stream of a call once, `onPlaced` each time it turns out whose it is. */
  constructor(onNew: (stream: StreamRecord) => void, onPlaced: (stream: StreamRecord) => void) {
    this.#onNew = onNew;
    this.#onPlaced = onPlaced;
  }

  /** Whether a datagram is RTP of an address that was announced; it has then been counted. */
  take(packet: TracePacket, after: number): boolean {
    if (!looksLikeRtp(packet.bytes)) return false;
    const key = keyOf(packet);
    const pair = this.#pairs.get(key) ?? this.#announced(packet, key);
    return pair !== undefined && this.#receive(pair, packet, after);
  }

  /** A datagram that is nothing else: it may be RTP whose SDP is still to come. */
  consider(packet: TracePacket, after: number): void {
    if (!looksLikeRtp(packet.bytes)) return;
    const key = keyOf(packet);
    const pair = this.#candidates.get(key) ?? this.#addCandidate(packet, key);
    if (!this.#receive(pair, packet, after) || pair.packets % portsLookedAt !== 0) return;
    const found = this.#announcements.findByPorts(packet.source.port, packet.destination.port);
    if (found !== undefined) this.#promote(pair, found.source, found.destination, packet.at);
  }

  /** A message has been placed; what it says of media counts from now on, and for what has just begun. */
  learn(record: MessageRecord): void {
    for (const address of this.#announcements.learn(record)) {
      for (const pair of this.#byAddress.get(formatAddress(address)) ?? []) {
        if (pair.ends !== undefined) this.#resolve(pair);
        else this.#promote(pair, undefined, undefined, record.at);
      }
    }
  }

  /** What a side of a call has said of its audio last. */
  audioOf(call: CallRecord, side: Side): SdpMedia | undefined {
    return this.#announcements.audioOf(call, side);
  }

  #announced(packet: TracePacket, key: string): Pair | undefined {
    const to = this.#announcements.find(packet.destination);
    const from = this.#announcements.find(packet.source);
    if ((to === undefined && from === undefined) || this.#count >= mostStreams) return undefined;
    const pair = newPair(packet, key);
    this.#index(pair);
    this.#pairs.set(key, pair);
    this.#resolve(pair);
    return pair;
  }

  #addCandidate(packet: TracePacket, key: string): Pair {
    const [oldest] = this.#candidates.values();
    if (oldest !== undefined && this.#candidates.size >= mostCandidates) this.#forget(oldest);
    const pair = newPair(packet, key);
    this.#index(pair);
    this.#candidates.set(key, pair);
    return pair;
  }

  #index(pair: Pair): void {
    for (const address of [pair.source, pair.destination]) {
      const text = formatAddress(address);
      const known = this.#byAddress.get(text);
      if (known === undefined) this.#byAddress.set(text, new Set([pair]));
      else known.add(pair);
    }
  }

  #forget(pair: Pair): void {
    this.#candidates.delete(pair.key);
    for (const address of [pair.source, pair.destination]) {
      const text = formatAddress(address);
      const known = this.#byAddress.get(text);
      known?.delete(pair);
      if (known?.size === 0) this.#byAddress.delete(text);
    }
  }

  /** A candidate has turned out to be somebody's. What has stopped before belongs to a call that is not in the trace. */
  #promote(pair: Pair, from: MediaAddress | undefined, to: MediaAddress | undefined, now: Milliseconds): void {
    this.#candidates.delete(pair.key);
    this.#pairs.set(pair.key, pair);
    pair.from = from;
    pair.to = to;
    for (const [ssrc, stream] of pair.streams) if (now - stream.until > stillComes) pair.streams.delete(ssrc);
    this.#resolve(pair);
    for (const stream of pair.streams.values()) this.#place(stream, pair);
  }

  #resolve(pair: Pair): void {
    pair.from ??= this.#announcements.find(pair.source);
    pair.to ??= this.#announcements.find(pair.destination);
    const resolved = resolveEnds(pair.from, pair.to);
    if (resolved === undefined) return;
    pair.ends = resolved.ends;
    pair.isSure = resolved.isSure;
    for (const stream of pair.streams.values()) if (stream.isPlaced && isOfOneCall(stream.ends, resolved.ends)) this.#place(stream, pair);
  }

  /** Whether it is an RTP packet indeed. */
  #receive(pair: Pair, { bytes, source, destination, at }: TracePacket, after: number): boolean {
    const packet = RtpPacket.parse(bytes);
    if (packet === undefined) return false;
    pair.packets += 1;
    const { ssrc } = packet;
    let stream = pair.streams.get(ssrc);
    if (stream === undefined || this.#hasMoved(stream, pair, at)) {
      if (pair.streams.size >= mostSources || this.#count >= mostStreams) return true;
      stream = new StreamRecord('rtp', source, destination, ssrc);
      pair.streams.set(ssrc, stream);
      if (pair.ends !== undefined) this.#place(stream, pair);
    }
    stream.onRtp(packet, at, after, Math.max(pair.from?.announcedAt ?? 0, pair.to?.announcedAt ?? 0));
    return true;
  }

  /** Whether the same source goes on for another call than before. */
  #hasMoved(stream: StreamRecord, { ends, isSure }: Pair, at: Milliseconds): boolean {
    if (ends === undefined || !stream.isPlaced || stream.ends === ends || isOfOneCall(stream.ends, ends)) return false;
    return isSure || at - stream.until >= noPause;
  }

  #place(stream: StreamRecord, { ends }: Pair): void {
    if (ends === undefined) return;
    const isNew = !stream.isPlaced;
    stream.place(ends);
    if (isNew) {
      this.#count += 1;
      this.#onNew(stream);
    }
    this.#onPlaced(stream);
  }
}

/**
 * Version 2, and no RTCP: its packet types stand where RTP has its marker and payload type (RFC 5761 section 4). STUN and DTLS
 * begin with other bits (RFC 7983).
 */
function looksLikeRtp(bytes: Uint8Array): boolean {
  if (bytes.length < 12 || ((bytes[0] ?? 0) & 0xc0) !== 0x80) return false;
  const type = (bytes[1] ?? 0) & 0x7f;
  return type < 64 || type > 95;
}

function keyOf({ source, destination }: TracePacket): string {
  return `${source.host} ${source.port} ${destination.host} ${destination.port}`;
}

function newPair({ source, destination }: TracePacket, key: string): Pair {
  return { source, destination, key, streams: new Map<number, StreamRecord>(), ends: undefined, isSure: false, from: undefined, to: undefined, packets: 0 };
}

function isOfOneCall(a: Ends, b: Ends): boolean {
  return a.roles.some(({ call, speaker }) => b.roles.some((other) => other.call === call && other.speaker === speaker));
}
