import type { Milliseconds } from '../../core';
import type { CallRecord, Side } from '../call';
import type { CallChange } from '../call-table';
import type { PlacedFrame, Voice } from '../iax';
import type { MessageRecord, TracePacket } from '../message';
import type { SdpMedia } from '../sdp-media';
import { IaxVoice } from './iax-voice';
import { RtpStreams } from './rtp-streams';
import type { StreamRecord } from './stream';

/** All media of a stranger's capture, as streams. */
export class TraceMedia {
  /** In the order in which it was known whose they are. */
  readonly streams: StreamRecord[] = [];
  readonly #byCall = new Map<CallRecord, StreamRecord[]>();
  readonly #rtp = new RtpStreams((stream) => this.#add(stream), (stream) => this.#file(stream));
  readonly #iax = new IaxVoice((stream) => {
    this.#add(stream);
    this.#file(stream);
  });

  /** Whether a datagram is RTP that SDP has announced; it has then been counted. `after` is the index of the last message. */
  take(packet: TracePacket, after: number): boolean {
    return packet.transport === 'udp' && this.#rtp.take(packet, after);
  }

  /** A datagram that is nothing else. */
  consider(packet: TracePacket, after: number): void {
    this.#rtp.consider(packet, after);
  }

  onMessage(record: MessageRecord): void {
    this.#rtp.learn(record);
  }

  onFrame(placed: PlacedFrame): void {
    this.#iax.onFrame(placed);
  }

  onVoice(voice: Voice, at: Milliseconds, after: number): void {
    this.#iax.onMedia(voice, at, after);
  }

  onChange({ kind, call, message }: CallChange): void {
    if (kind === 'held' || kind === 'resumed') this.#iax.onHold(call, message.at);
  }

  /** The audio that a side of a call has sent. */
  audioOf(call: CallRecord, speaker: Side): readonly StreamRecord[] {
    const streams = this.#byCall.get(call) ?? [];
    return streams.filter(({ kind, roles }) => kind === 'audio' && roles.some((role) => role.call === call && role.speaker === speaker));
  }

  /** What a side of a call has said of its audio last. */
  saidOf(call: CallRecord, side: Side): SdpMedia | undefined {
    return this.#rtp.audioOf(call, side);
  }

  #add(stream: StreamRecord): void {
    this.streams.push(stream);
    stream.name(`s${this.streams.length}`);
  }

  #file(stream: StreamRecord): void {
    for (const { call } of stream.roles) {
      const known = this.#byCall.get(call);
      if (known === undefined) this.#byCall.set(call, [stream]);
      else if (!known.includes(stream)) known.push(stream);
    }
  }
}
