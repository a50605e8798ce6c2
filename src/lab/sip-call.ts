import { CallLabError, type Milliseconds } from '../core';
import type { HoldStyle, Session } from '../sip';
import type { Call } from './call';
import type { CallAudio } from './call-audio';
import type { CallInfo } from './call-info';
import type { Directory } from './directory';
import type { MediaPort } from './media-ports';
import type { PhoneOptions } from './phone-options';
import { sendByInfo } from './send-digits';

export interface SipCallOptions {
  readonly id: string;
  readonly phone: PhoneOptions;
  readonly session: Session;
  /** Journal time of the start. */
  readonly since: Milliseconds;
  readonly directory: Directory;
  readonly attention: number;
  readonly port: MediaPort | undefined;
  /** Resolves when `isMet` holds; looked at again whenever the call changes. */
  until(isMet: () => boolean): Promise<void>;
}

/** A SIP phone's view of one call: the session with the audio that belongs to it. */
export class SipCall implements Call {
  readonly id: string;
  readonly session: Session;
  /** The RTP port while the call needs one. */
  port: MediaPort | undefined;
  audio: CallAudio | undefined;
  attention: number;
  readonly #options: SipCallOptions;

  constructor(options: SipCallOptions) {
    this.id = options.id;
    this.session = options.session;
    this.attention = options.attention;
    this.port = options.port;
    this.#options = options;
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

  get canHold(): boolean {
    return this.session.canHold;
  }

  get peer(): string {
    return this.#options.directory.nameOf(this.session.remoteUri);
  }

  get end(): Call['end'] {
    return this.session.endCause;
  }

  isMeantBy(word: string): boolean {
    return word === this.id || word === this.peer || word === this.session.remoteUri;
  }

  replaces(other: Call): boolean {
    return other instanceof SipCall && this.session.replaces === other.session;
  }

  info(): CallInfo {
    const { session } = this;
    const { phone, directory, since } = this.#options;
    const cause = session.endCause;
    const referredBy = session.referredBy?.uriText;
    return {
      id: this.id,
      phone: phone.name,
      direction: session.direction,
      state: session.state,
      peer: this.peer,
      peerUri: session.remoteUri,
      callId: session.callId,
      holding: !this.hasEnded && this.holding,
      held: !this.hasEnded && this.held,
      transferredBy: referredBy === undefined ? undefined : directory.nameOf(referredBy),
      since,
      end: cause === undefined ? undefined : { by: cause.by, status: cause.status, text: cause.text },
    };
  }

  reject(status: number | undefined): void {
    this.session.reject(status ?? 603);
  }

  hangUp(why?: string): void {
    this.session.hangUp(why);
  }

  hold(style: HoldStyle | undefined): Promise<string | undefined> {
    return this.#changeHold(true, style ?? this.#options.phone.holdStyle ?? 'sendonly');
  }

  resume(): Promise<string | undefined> {
    return this.#changeHold(false, this.session.negotiation?.holdStyle ?? 'sendonly');
  }

  async sendDigits(digits: string): Promise<void> {
    if (this.#options.phone.dtmf === 'info') {
      await sendByInfo(this, digits, this.#options.until(() => this.hasEnded));
      return;
    }
    const { audio } = this;
    if (audio === undefined) throw new CallLabError('CL3003', `The call with ${this.peer} has no audio to send keys in`);
    if (!audio.maySend) throw new CallLabError('CL3003', `${this.peer} takes no audio now, and so no keys: the call is on hold`);
    await audio.sendDigits(digits);
  }

  #changeHold(on: boolean, style: HoldStyle): Promise<string | undefined> {
    return new Promise((resolve) => {
      this.session.changeHold(on, style, (failure) => {
        resolve(failure === undefined ? undefined : `${String(failure.status)} ${failure.reason}`);
      });
    });
  }
}
