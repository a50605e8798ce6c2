import type { Milliseconds } from '../../core';
import { type RtpPacket, SequenceTracker } from '../../media';
import type { SocketAddress } from '../../net';
import type { CallRecord, Side, TraceCall } from '../call';
import type { Party } from '../party';
import { codecTitle, encodingOf, isAside, lawOf } from './codec';
import { isSilence } from './level';

/** A time in which a stream flowed without a pause: hold ends it, and so does a long silence. */
export interface Spell {
  readonly since: Milliseconds;
  /** Of its newest packet. */
  readonly until: Milliseconds;
  readonly packets: number;
  /** Undefined where the protocol does not number its media (IAX2). */
  readonly lost: number | undefined;
  /** Index of the last message before it; -1 when there was none. */
  readonly after: number;
}

/** The call that a stream belongs to, and who of it speaks. */
export interface StreamRole {
  readonly call: TraceCall;
  readonly speaker: Side;
}

/**
 * Media on its way from one address to another, as a stranger's capture shows it: that it was sent, never that somebody heard
 * it. Of RTP a stream is one source (SSRC) between two addresses in one call (RFC 3550 section 3), of IAX2 one end of a leg.
 */
export interface MediaStream {
  /** `s1`, `s2`, ... */
  readonly id: string;
  readonly protocol: 'rtp' | 'iax2';
  readonly kind: 'audio' | 'video';
  readonly source: SocketAddress;
  readonly destination: SocketAddress;
  readonly ssrc: number | undefined;
  /** In the order of their first packet. */
  readonly payloadTypes: readonly number[];
  /** `G.711 u-law`; empty when nobody said. */
  readonly codec: string;
  readonly since: Milliseconds;
  /** Of its newest packet. */
  readonly until: Milliseconds;
  /** All that came, duplicates too. */
  readonly packets: number;
  /** By sequence numbers; undefined where there are none. */
  readonly lost: number | undefined;
  /** SRTP: what it carries cannot be read. */
  readonly isEncrypted: boolean;
  /** All of it is silence or comfort noise. False where its sound cannot be read. */
  readonly isSilent: boolean;
  readonly spells: readonly Spell[];
  /** Its call first; media that a server sent past itself belongs to each of its calls. */
  readonly roles: readonly StreamRole[];
  readonly speaker: Party;
  readonly listener: Party;
  /** Where the signalling of the two is, in whose lanes the stream is drawn: media may go elsewhere. */
  readonly speakerAt: SocketAddress;
  readonly listenerAt: SocketAddress;
}

export interface RecordedRole extends StreamRole {
  readonly call: CallRecord;
}

/** Who sends to whom, as far as SDP and legs tell. */
export interface Ends {
  readonly roles: readonly [RecordedRole, ...RecordedRole[]];
  readonly speaker: Party;
  readonly listener: Party;
  readonly speakerAt: SocketAddress;
  readonly listenerAt: SocketAddress;
  readonly kind: 'audio' | 'video';
  readonly isEncrypted: boolean;
  readonly encodings: ReadonlyMap<number, string> | undefined;
}

/** A pause as long as this ends a spell: no silence suppression waits longer to say that it is there. */
const longPause: Milliseconds = 10_000;
/** As does one of this, if offer and answer were changed meanwhile. */
const holdPause: Milliseconds = 1_000;
/** More spells are told as one. */
const mostSpells = 200;
/** So many in a hundred packets may be loud in what is called silence: a click at its beginning. */
const loudShare = 0.02;

type MutableSpell = { -readonly [Key in keyof Spell]: Spell[Key] };

/** The model's own, growing form of a {@link MediaStream}. It keeps numbers and no packets. */
export class StreamRecord implements MediaStream {
  readonly protocol: 'rtp' | 'iax2';
  readonly source: SocketAddress;
  readonly destination: SocketAddress;
  readonly ssrc: number | undefined;
  readonly spells: MutableSpell[] = [];
  readonly #tracker = new SequenceTracker();
  readonly #counts = new Map<number, number>();
  #id = '';
  #ends: Ends | undefined;
  #packets = 0;
  #measured = 0;
  #loud = 0;
  #lostBefore = 0;
  #codec: string | undefined;

  constructor(protocol: 'rtp' | 'iax2', source: SocketAddress, destination: SocketAddress, ssrc: number | undefined) {
    this.protocol = protocol;
    this.source = source;
    this.destination = destination;
    this.ssrc = ssrc;
  }

  /** Gives it its place among the trace's streams, now that it is known whose it is. */
  name(id: string): void {
    this.#id = id;
  }

  /** Whose it is, or who it has turned out to be. */
  place(ends: Ends): void {
    this.#ends = ends;
  }

  get ends(): Ends {
    if (this.#ends === undefined) throw new Error('A stream without a call is nobody’s to ask for.');
    return this.#ends;
  }

  get isPlaced(): boolean {
    return this.#ends !== undefined;
  }

  get id(): string {
    return this.#id;
  }

  get kind(): 'audio' | 'video' {
    return this.ends.kind;
  }

  get roles(): readonly RecordedRole[] {
    return this.ends.roles;
  }

  get speaker(): Party {
    return this.ends.speaker;
  }

  get listener(): Party {
    return this.ends.listener;
  }

  get speakerAt(): SocketAddress {
    return this.ends.speakerAt;
  }

  get listenerAt(): SocketAddress {
    return this.ends.listenerAt;
  }

  get isEncrypted(): boolean {
    return this.ends.isEncrypted;
  }

  get payloadTypes(): readonly number[] {
    return [...this.#counts.keys()];
  }

  /** That of most of its packets; keys and comfort noise only when there is nothing else. */
  get codec(): string {
    if (this.#codec !== undefined) return this.#codec;
    const said = this.#ends?.encodings;
    const types = [...this.#counts].sort((a, b) => b[1] - a[1]).map(([type]) => encodingOf(type, said));
    return codecTitle(types.find((encoding) => !isAside(encoding)) ?? types[0] ?? '');
  }

  get since(): Milliseconds {
    return this.spells[0]?.since ?? 0;
  }

  get until(): Milliseconds {
    return this.spells.at(-1)?.until ?? 0;
  }

  get packets(): number {
    return this.#packets;
  }

  get lost(): number | undefined {
    return this.protocol === 'rtp' ? this.#tracker.lost : undefined;
  }

  get isSilent(): boolean {
    return !this.isEncrypted && this.#measured > 0 && this.#loud <= this.#measured * loudShare;
  }

  /** A packet came; `renegotiatedAt` is when its call's media were last agreed on. */
  onRtp(packet: RtpPacket, at: Milliseconds, after: number, renegotiatedAt: Milliseconds): void {
    const { payloadType } = packet;
    this.#tracker.accept(packet.sequence);
    this.#counts.set(payloadType, (this.#counts.get(payloadType) ?? 0) + 1);
    this.#count(at, after, renegotiatedAt);
    const encoding = encodingOf(payloadType, this.#ends?.encodings);
    if (this.#ends?.isEncrypted === true) return;
    if (encoding === 'CN') this.#measured += 1;
    else this.#measure(packet.payload, encoding);
  }

  /** A voice frame of IAX2 came, whose codec its leg has named. */
  onVoice(payload: Uint8Array, encoding: string, at: Milliseconds, after: number, heldAt: Milliseconds): void {
    this.#codec = codecTitle(encoding);
    this.#count(at, after, heldAt);
    this.#measure(payload, encoding);
  }

  #measure(payload: Uint8Array, encoding: string): void {
    const law = lawOf(encoding);
    if (law === undefined) return;
    this.#measured += 1;
    if (!isSilence(payload, law)) this.#loud += 1;
  }

  #count(at: Milliseconds, after: number, renegotiatedAt: Milliseconds): void {
    this.#packets += 1;
    const lost = this.lost;
    const last = this.spells.at(-1);
    const pause = last === undefined ? 0 : at - last.until;
    const isPaused = pause >= longPause || (pause >= holdPause && last !== undefined && renegotiatedAt >= last.until);
    if (last === undefined || (isPaused && this.spells.length < mostSpells)) {
      this.#lostBefore = lost ?? 0;
      this.spells.push({ since: at, until: at, packets: 1, lost: lost === undefined ? undefined : 0, after });
      return;
    }
    last.until = Math.max(last.until, at);
    last.packets += 1;
    if (lost !== undefined) last.lost = Math.max(0, lost - this.#lostBefore);
  }
}
