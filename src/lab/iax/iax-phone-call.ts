import type { Milliseconds } from '../../core';
import { type Cause, causeOf, formatIaxUri, type IaxAddress, type IaxCall } from '../../iax';
import type { HoldStyle } from '../../sip';
import type { Call } from '../call';
import type { CallInfo, CallState } from '../call-info';
import type { IaxAudio } from './iax-audio';
import type { IaxDirectory } from './iax-directory';

export interface IaxPhoneCallOptions {
  readonly id: string;
  readonly phone: string;
  readonly call: IaxCall;
  /** Journal time of the start. */
  readonly since: Milliseconds;
  readonly directory: IaxDirectory;
  readonly attention: number;
  /** How the phone holds unless told. */
  readonly holdStyle: HoldStyle | undefined;
  /** Resolves when `isMet` holds; looked at again whenever something happens on the phone. */
  until(isMet: () => boolean): Promise<void>;
  /** Something about the call changed that no frame says. */
  onChange(call: IaxPhoneCall): void;
}

/** An IAX2 phone's view of one call, with the audio that belongs to it. */
export class IaxPhoneCall implements Call {
  readonly id: string;
  readonly iax: IaxCall;
  audio: IaxAudio | undefined;
  attention: number;
  /** The newest text that the other side sent. */
  lastText: string | undefined;
  /** It is one of two that are one conversation: this phone only passes on what is said. */
  isRelayed = false;
  /** Who has put us into this call by a transfer. */
  #cameFrom: string | undefined;
  /** What the other party is called by; undefined when a transfer has put somebody else there. */
  #number: string | undefined;
  /** Where the other party was until now. */
  #place: IaxAddress;
  readonly #options: IaxPhoneCallOptions;

  constructor(options: IaxPhoneCallOptions) {
    const { call } = options;
    this.id = options.id;
    this.iax = call;
    this.attention = options.attention;
    this.#options = options;
    const { calledNumber, callingNumber, callingName } = call.parties;
    this.#number = call.direction === 'outgoing' ? calledNumber : callingNumber || callingName;
    this.#place = call.peer;
  }

  get state(): CallState {
    const { state } = this.iax;
    if (state === 'up') return 'connected';
    if (this.iax.direction === 'incoming' && state !== 'ended') return 'incoming';
    return state === 'ringing' || state === 'ended' ? state : 'calling';
  }

  get holding(): boolean {
    return this.iax.holding !== undefined;
  }

  get isUp(): boolean {
    return this.state === 'connected';
  }

  get hasEnded(): boolean {
    return this.state === 'ended';
  }

  get canHold(): boolean {
    return this.isUp;
  }

  get peer(): string {
    return this.#options.directory.nameOf(this.iax.peer, this.#number);
  }

  /** `iax2:127.0.0.1:4570/bob` */
  get peerUri(): string {
    return formatIaxUri({ ...this.iax.peer, username: undefined, number: this.#number, context: undefined });
  }

  get end(): Call['end'] {
    const { cause } = this.iax;
    return cause === undefined ? undefined : { status: cause.code, text: cause.text };
  }

  forgetText(): void {
    this.lastText = undefined;
  }

  isMeantBy(word: string): boolean {
    return [this.id, this.peer, this.#number, this.peerUri].includes(word);
  }

  replaces(): boolean {
    return false;
  }

  /** What the other party is called by, as far as known. */
  get number(): string | undefined {
    return this.#number;
  }

  /** A native transfer has put somebody else at the other end (IAX2 reference 6.3). */
  moved(): void {
    this.#cameFrom = this.#options.directory.nameOf(this.#place, this.#number);
    this.#number = undefined;
    this.#place = this.iax.peer;
  }

  /** It was placed because the other party of `call` asked for it. */
  followed(call: IaxPhoneCall): void {
    this.#cameFrom = call.peer;
  }

  info(): CallInfo {
    const { iax } = this;
    const { phone, since } = this.#options;
    const { cause, endedBy = 'network' } = iax;
    return {
      id: this.id,
      phone,
      direction: iax.direction,
      state: this.state,
      peer: this.peer,
      peerUri: this.peerUri,
      callId: iax.id,
      holding: !this.hasEnded && this.holding,
      held: !this.hasEnded && (iax.isHeld || iax.isQuelched),
      transferredBy: this.#cameFrom,
      since,
      end: cause === undefined ? undefined : { by: endedBy, status: cause.code, text: textOf(cause, iax) },
    };
  }

  reject(status: number | undefined): void {
    this.iax.reject(causeOf(status === undefined ? 21 : causeCodeOf(status)));
  }

  hangUp(): void {
    this.iax.hangUp();
  }

  hold(style: HoldStyle | undefined): Promise<string | undefined> {
    const wanted = style ?? this.#options.holdStyle ?? 'sendonly';
    if (wanted === 'c0') return Promise.resolve('c0 is a way of SIP; IAX2 holds by QUELCH');
    if (!this.isUp) return Promise.resolve('the call is not up');
    // IAX2 reference 5.2: QUELCH stops their media; MUSICONHOLD asks for music where somebody else can play it.
    this.iax.hold(wanted === 'sendonly');
    this.#options.onChange(this);
    return Promise.resolve(undefined);
  }

  resume(): Promise<string | undefined> {
    if (!this.isUp) return Promise.resolve('the call is not up');
    this.iax.resume();
    this.#options.onChange(this);
    return Promise.resolve(undefined);
  }

  async sendDigits(digits: string): Promise<void> {
    for (const digit of digits) this.iax.sendDigit(digit);
    await this.#options.until(() => this.hasEnded || !this.iax.isSendingDigits);
  }
}

/** The Q.850 cause of a SIP status, so that "bob reject 486" means the same on every phone (RFC 3398 section 8.2.6.1). */
function causeCodeOf(status: number): number {
  return causesOfStatus.get(status) ?? (status < 128 ? status : 21);
}

const causesOfStatus: ReadonlyMap<number, number> = new Map([
  [404, 1],
  [480, 18],
  [486, 17],
  [488, 58],
  [500, 41],
  [503, 41],
  [600, 17],
  [603, 21],
  [604, 1],
]);

/** A HANGUP after our TRANSFER says only that the peer has taken it over (IAX2 reference 6.7). */
function textOf({ text }: Cause, { handedOverTo, endedBy }: IaxCall): string {
  return handedOverTo !== undefined && endedBy === 'peer' ? `handed over to ${handedOverTo}: ${text}` : text;
}
