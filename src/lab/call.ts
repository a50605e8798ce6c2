import type { Milliseconds } from '../core';
import type { Session } from '../sip';
import type { CallAudio } from './call-audio';
import type { CallInfo } from './call-info';
import type { Directory } from './directory';
import type { MediaPort } from './media-ports';

/** One phone's view of one call: the SIP session with the audio that belongs to it. */
export class Call {
  readonly id: string;
  readonly phone: string;
  readonly session: Session;
  readonly since: Milliseconds;
  /** The RTP port while the call needs one. */
  port: MediaPort | undefined;
  audio: CallAudio | undefined;
  /** Grows each time the person turns to this call; the highest has their voice. */
  attention: number;
  readonly #directory: Directory;

  constructor(options: {
    readonly id: string;
    readonly phone: string;
    readonly session: Session;
    readonly since: Milliseconds;
    readonly directory: Directory;
    readonly attention: number;
    readonly port: MediaPort | undefined;
  }) {
    this.id = options.id;
    this.phone = options.phone;
    this.session = options.session;
    this.since = options.since;
    this.attention = options.attention;
    this.port = options.port;
    this.#directory = options.directory;
  }

  get state(): Session['state'] {
    return this.session.state;
  }

  get holding(): boolean {
    return this.session.negotiation?.media?.heldByUs ?? false;
  }

  get held(): boolean {
    return this.session.negotiation?.media?.heldByPeer ?? false;
  }

  get isUp(): boolean {
    return this.state === 'connected';
  }

  get hasEnded(): boolean {
    return this.state === 'ended';
  }

  /** The other party: a phone's name, or the user part of their URI. */
  get peer(): string {
    return this.#directory.nameOf(this.session.remoteUri);
  }

  /** Whether a person who says `word` may mean this call. */
  isMeantBy(word: string): boolean {
    return word === this.id || word === this.peer || word === this.session.remoteUri;
  }

  info(): CallInfo {
    const { session } = this;
    const cause = session.endCause;
    const referredBy = session.referredBy?.uriText;
    return {
      id: this.id,
      phone: this.phone,
      direction: session.direction,
      state: session.state,
      peer: this.peer,
      peerUri: session.remoteUri,
      callId: session.callId,
      holding: !this.hasEnded && this.holding,
      held: !this.hasEnded && this.held,
      transferredBy: referredBy === undefined ? undefined : this.#directory.nameOf(referredBy),
      since: this.since,
      end: cause === undefined ? undefined : { by: cause.by, status: cause.status, text: cause.text },
    };
  }
}
