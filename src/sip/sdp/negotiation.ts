import {
  type AudioStream,
  isUsableAudio,
  type Law,
  type LawFormat,
  readAudioStream,
  staticPayloadTypes,
} from './audio-stream';
import type { ParsedMedia, ParsedSession } from './description';
import { flowToAnswer, flowToOffer, type HoldStyle, holdInAnswer, holdInOffer, receives, sends } from './direction';
import { SdpError } from './error';
import { formatSdp } from './format';
import { describeLocal, type LocalParty, type LocalStream, type MediaSlot } from './local-description';
import { parseSdp } from './parse';

export interface MediaNegotiationOptions extends LocalParty {
  /** The laws we take, the most wanted first. At least one. */
  readonly laws: readonly Law[];
}

/** What the last complete offer and answer agreed on. */
export interface NegotiatedMedia {
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** The law we send, under the number the peer gave it. */
  readonly law: Law;
  readonly payloadType: number;
  /** The number for the telephone events we send, and for those we get; `undefined` where one side takes none. */
  readonly dtmfPayloadType: number | undefined;
  readonly dtmfReceivePayloadType: number | undefined;
  readonly mayWeSend: boolean;
  readonly doWeReceive: boolean;
  readonly heldByPeer: boolean;
  readonly heldByUs: boolean;
  readonly peerHoldStyle: HoldStyle | undefined;
}

/** What both sides agreed on, and what has to be remembered from one exchange to the next. Replaced as a whole. */
interface Session {
  readonly slots: readonly MediaSlot[];
  readonly audioSlot: number;
  readonly peerHold: HoldStyle | undefined;
  readonly dtmfPayloadType: number;
  /** Every payload number that either side has bound: it keeps its codec for the session (RFC 3264 section 8.3.2). */
  readonly boundNumbers: ReadonlySet<number>;
  readonly media: NegotiatedMedia | undefined;
}

type Pending =
  | { readonly by: 'none' }
  | { readonly by: 'local'; readonly offer: string; readonly stream: LocalStream; readonly hold: boolean }
  | {
      readonly by: 'remote';
      readonly slots: readonly MediaSlot[];
      readonly audioSlot: number;
      readonly stream: AudioStream | undefined;
    };

/** Both sides' last word on the stream. */
interface Agreement {
  readonly ours: LocalStream;
  readonly theirs: AudioStream & { readonly laws: readonly [LawFormat] };
  readonly heldByUs: boolean;
  readonly peerHold: HoldStyle | undefined;
}

/**
 * The offer/answer state of one dialog (RFC 3264): one audio stream in G.711 with telephone events. Each side's hold is
 * its own: `localHold` is our wish, the peer's is read out of what it says. It sends nothing itself; who may offer when
 * is RFC 3261's and RFC 6337's matter, `offerPending` is what they ask.
 */
export class MediaNegotiation {
  /** Our wish. It reaches the peer with the next offer or answer. */
  localHold = false;
  /** How a hold of ours is written. */
  holdStyle: HoldStyle = 'sendonly';

  readonly #options: MediaNegotiationOptions;
  #session: Session;
  #pending: Pending = { by: 'none' };
  /** The wish that the last agreement carried. */
  #agreedHold: boolean | undefined;
  #version = 0;
  #lastBody = '';

  constructor(options: MediaNegotiationOptions) {
    this.#options = options;
    this.#session = {
      slots: [{ media: 'audio', protocol: 'RTP/AVP', formats: ['0'] }],
      audioSlot: 0,
      peerHold: undefined,
      dtmfPayloadType: firstDtmfPayloadType,
      boundNumbers: new Set(),
      media: undefined,
    };
  }

  /** Whose offer waits for its answer. Not `none`: an offer of ours must wait, one of theirs gets 491 or 500. */
  get offerPending(): 'none' | 'local' | 'remote' {
    return this.#pending.by;
  }

  /** The stream as last agreed; `undefined` before, and when either side has removed it by port 0. */
  get media(): NegotiatedMedia | undefined {
    return this.#session.media;
  }

  /**
   * Our offer, by our wish and the peer's last word. While it waits for its answer the same text comes back, as a
   * request resent with credentials needs it. `full` is for the 2xx to an INVITE without SDP, which asks for all that
   * we can do: the peer's hold, if any, is for its answer to repeat (RFC 3261 section 14.2).
   *
   * @throws SdpError (500) while the peer's offer is unanswered.
   */
  createOffer({ full = false }: { readonly full?: boolean } = {}): string {
    if (this.#pending.by === 'local') return this.#pending.offer;
    if (this.#pending.by === 'remote') throw outOfTurn('An offer of the peer waits for our answer.', 500);
    const { laws } = this.#options;
    const { media, peerHold, dtmfPayloadType } = this.#session;
    // The agreed law stays first: a hold must not change the codec.
    const ordered = media === undefined ? laws : [media.law, ...laws.filter((law) => law !== media.law)];
    const stream: LocalStream = {
      flow: flowToOffer({ hold: this.localHold, style: this.holdStyle }, peerHold !== undefined && !full),
      laws: ordered.map((law): LawFormat => ({ law, payloadType: staticPayloadTypes[law] })),
      dtmfPayloadType,
    };
    const offer = this.#write(this.#session.slots, this.#session.audioSlot, stream);
    this.#pending = { by: 'local', offer, stream, hold: this.localHold };
    return offer;
  }

  /**
   * Takes the peer's offer and answers it at once.
   *
   * @throws SdpError for what deserves 488, and out of turn 491 or 500; the state is then as before.
   */
  receiveOffer(body: Uint8Array | string): { readonly answer: string } {
    this.takeOffer(body);
    return { answer: this.createAnswer() };
  }

  /**
   * Takes the peer's offer, to be answered later by {@link createAnswer}, as while a phone rings.
   *
   * @throws SdpError like {@link receiveOffer}.
   */
  takeOffer(body: Uint8Array | string): void {
    // RFC 3261 section 14.2, RFC 3311 section 5.2.
    if (this.#pending.by === 'local') throw outOfTurn('Our own offer waits for its answer.', 491);
    if (this.#pending.by === 'remote') throw outOfTurn('An earlier offer of the peer waits for our answer.', 500);
    const session = parseSdp(body);
    const audioSlot = this.#chooseAudio(session);
    const media = session.media[audioSlot];
    this.#pending = {
      by: 'remote',
      slots: session.media,
      audioSlot,
      stream: media === undefined || media.port === 0 ? undefined : readAudioStream(session, media),
    };
  }

  /** The answer to the offer taken, by our wish as it is now. */
  createAnswer(): string {
    const pending = this.#pending;
    if (pending.by !== 'remote') throw outOfTurn('No offer of the peer waits for an answer.', 500);
    const { slots, audioSlot, stream: theirs } = pending;
    this.#pending = { by: 'none' };
    this.#agreedHold = this.localHold;

    // RFC 3264 section 6.1: the offerer's order of preference decides.
    const law = theirs?.laws.find((format) => this.#options.laws.includes(format.law));
    if (theirs === undefined || law === undefined) {
      const answer = this.#write(slots, audioSlot, undefined);
      this.#session = { ...this.#session, slots, audioSlot, peerHold: undefined, media: undefined };
      return answer;
    }
    const ours: LocalStream = {
      flow: flowToAnswer(theirs.flow, { hold: this.localHold, style: this.holdStyle }),
      laws: [law],
      dtmfPayloadType: theirs.dtmfPayloadType,
    };
    this.#session = this.#agree(slots, audioSlot, {
      ours,
      theirs: { ...theirs, laws: [law] },
      heldByUs: this.localHold,
      peerHold: holdInOffer(theirs.flow),
    });
    return this.#write(slots, audioSlot, ours);
  }

  /**
   * Takes the answer to our offer. Without an offer out it is a repetition, and ignored: the first session description
   * after an offer is the answer, later ones are not looked at (RFC 3261 section 13.2.1).
   *
   * @throws SdpError when it cannot be used; the offer is then over and the state as before.
   */
  receiveAnswer(body: Uint8Array | string): void {
    const pending = this.#pending;
    if (pending.by !== 'local') return;
    try {
      const session = parseSdp(body);
      const { slots, audioSlot, peerHold } = this.#session;
      // RFC 3264 section 6: the answer has the same m-lines in the same order.
      const media = session.media[audioSlot];
      if (session.media.length !== slots.length || media === undefined) {
        const counts = `${session.media.length} m-lines answer ${slots.length}`;
        throw new SdpError('CL2003', `${counts}: an answer has as many as its offer.`, session.range);
      }
      if (media.port === 0) {
        this.#session = { ...this.#session, peerHold: undefined, media: undefined };
      } else {
        const theirs = readAudioStream(session, media);
        const law = theirs.laws.find((answered) => pending.stream.laws.some((offered) => offered.law === answered.law));
        if (!isUsableAudio(media) || law === undefined) throw noCommonMedia(media);
        const peerHoldNow = holdInAnswer(pending.stream.flow, theirs.flow, peerHold);
        this.#session = this.#agree(slots, audioSlot, {
          ours: pending.stream,
          theirs: { ...theirs, laws: [law] },
          heldByUs: pending.hold,
          peerHold: peerHoldNow,
        });
      }
    } catch (error) {
      this.abandonOffer();
      throw error;
    }
    this.#pending = { by: 'none' };
    this.#agreedHold = pending.hold;
  }

  /**
   * The pending offer, ours or theirs, was refused or withdrawn: all is as before it (RFC 3261 section 14.1). The wish
   * that our offer carried is taken back too, so whoever tries again after a 491 sets `localHold` again. Only the
   * version of `o=` does not go back, since the peer has seen it.
   */
  abandonOffer(): void {
    if (this.#pending.by === 'local') this.localHold = this.#agreedHold ?? this.localHold;
    this.#pending = { by: 'none' };
  }

  /** For one more early dialog of a forked INVITE: the same session and the same offer out, answered on its own. */
  fork(): MediaNegotiation {
    const copy = this.fresh(this.#options);
    copy.localHold = this.localHold;
    copy.#session = this.#session;
    copy.#pending = this.#pending;
    copy.#agreedHold = this.#agreedHold;
    copy.#version = this.#version;
    copy.#lastBody = this.#lastBody;
    return copy;
  }

  /** For a new dialog: a new session of the same party, which holds nobody and offers sendrecv. */
  fresh(changes: Partial<MediaNegotiationOptions> = {}): MediaNegotiation {
    const copy = new MediaNegotiation({ ...this.#options, sessionId: this.#options.sessionId + 1, ...changes });
    copy.holdStyle = this.holdStyle;
    return copy;
  }

  /** The slot of our audio in an offer: where it was, else the first that fits. */
  #chooseAudio(session: ParsedSession): number {
    const fits = (media: ParsedMedia | undefined): boolean =>
      media !== undefined &&
      isUsableAudio(media) &&
      readAudioStream(session, media).laws.some(({ law }) => this.#options.laws.includes(law));
    const { audioSlot, media } = this.#session;
    if (fits(session.media[audioSlot])) return audioSlot;
    const found = session.media.findIndex(fits);
    if (found !== -1) return found;
    // RFC 3264 section 8.2: port 0 in an established session removes the stream; it is no hold and no failure.
    if (media !== undefined && session.media[audioSlot]?.port === 0) return audioSlot;
    throw noCommonMedia(session.media[0] ?? session);
  }

  #agree(slots: readonly MediaSlot[], audioSlot: number, { ours, theirs, heldByUs, peerHold }: Agreement): Session {
    const [format] = theirs.laws;
    const boundNumbers = new Set([...this.#session.boundNumbers, ...theirs.payloadTypes]);
    return {
      slots,
      audioSlot,
      peerHold,
      dtmfPayloadType: ours.dtmfPayloadType ?? freeDtmfPayloadType(this.#session.dtmfPayloadType, boundNumbers),
      boundNumbers,
      media: {
        remoteAddress: theirs.address,
        remotePort: theirs.port,
        law: format.law,
        payloadType: format.payloadType,
        dtmfPayloadType: ours.dtmfPayloadType === undefined ? undefined : theirs.dtmfPayloadType,
        dtmfReceivePayloadType: theirs.dtmfPayloadType === undefined ? undefined : ours.dtmfPayloadType,
        mayWeSend: sends(ours.flow.direction) && receives(theirs.flow.direction) && !theirs.flow.nullAddress,
        doWeReceive: receives(ours.flow.direction) && sends(theirs.flow.direction) && !ours.flow.nullAddress,
        heldByPeer: peerHold !== undefined,
        heldByUs,
        peerHoldStyle: peerHold,
      },
    };
  }

  /** RFC 3264 section 8: the version of `o=` grows by one when anything else changes, and only then. */
  #write(slots: readonly MediaSlot[], audioSlot: number, stream: LocalStream | undefined): string {
    const audio = { slot: audioSlot, stream };
    const body = formatSdp(describeLocal(this.#options, 0, slots, audio));
    if (body !== this.#lastBody) this.#version += 1;
    this.#lastBody = body;
    return formatSdp(describeLocal(this.#options, this.#version, slots, audio));
  }
}

/** The number that most of the field uses for telephone events. */
const firstDtmfPayloadType = 101;

/** A dynamic number (RFC 3551 section 3) that the peer has not bound to something else. */
function freeDtmfPayloadType(wanted: number, bound: ReadonlySet<number>): number {
  if (!bound.has(wanted)) return wanted;
  for (let payloadType = 127; payloadType >= 96; payloadType -= 1) {
    if (!bound.has(payloadType)) return payloadType;
  }
  return wanted;
}

function noCommonMedia(at: ParsedMedia | ParsedSession): SdpError {
  return new SdpError('CL2005', 'No audio stream over RTP/AVP with a law that both sides know.', at.range);
}

function outOfTurn(message: string, status: 491 | 500): SdpError {
  return new SdpError('CL3003', message, { start: 0, end: 0 }, status);
}
