import { CallLabError, type Clock, type Disposable, type RandomSource } from '../core';
import { AudioReceiver, type ReceiveStatistics } from './audio-receiver';
import { AudioSender, type SendStatistics } from './audio-sender';
import type { Heard } from './ear';
import type { Law } from './g711';
import { areKeys } from './telephone-event';
import { HOLD_TONE, ToneFrames, voiceOf } from './tones';

/** What the other party hears of us: our own tone, the hold tone, or nothing at all. */
export type Sound = 'voice' | 'hold' | 'none';

/** What offer and answer agreed on. */
export interface AudioFormat {
  readonly law: Law;
  /** The number under which we send the law. */
  readonly payloadType: number;
  /** The number under which we send keys; `undefined` when the peer takes none. */
  readonly dtmfPayloadType?: number | undefined;
  /** The number under which we get keys, where it is another one. */
  readonly dtmfReceivePayloadType?: number | undefined;
}

export interface AudioSessionOptions {
  readonly clock: Clock;
  readonly random: RandomSource;
  /** Our own tone in Hz, a multiple of 50. */
  readonly tone: number;
  /** The frequencies in Hz to look for in what arrives. */
  readonly candidates: readonly number[];
  /** Where sessions with the same tone share its sound. */
  readonly frames?: ToneFrames;
  /** Gets each packet to send; it may keep the octets. */
  readonly send: (bytes: Uint8Array) => void;
  /** What is heard has changed. */
  readonly onHears: (heard: Heard) => void;
  /** A key of the peer: 0-9, *, #, A-D. Called once for each. */
  readonly onDigit: (digit: string) => void;
}

export interface AudioStatistics {
  readonly sent: SendStatistics;
  readonly received: ReceiveStatistics;
}

/**
 * One pair of RTP streams (RFC 3550) in G.711 with telephone events: tones out, tones and keys in. It opens no socket.
 */
export class AudioSession implements Disposable {
  readonly #sender: AudioSender;
  readonly #receiver: AudioReceiver;
  readonly #tone: number;
  readonly #frames: ToneFrames;
  readonly #unsentKeys = new Set<(reason: CallLabError) => void>();
  #format: AudioFormat | undefined;
  #sound: Sound = 'none';
  #disposed = false;

  constructor(options: AudioSessionOptions) {
    this.#tone = options.tone;
    this.#frames = options.frames ?? new ToneFrames();
    this.#sender = new AudioSender(options);
    this.#receiver = new AudioReceiver(options);
  }

  /** What is heard now. */
  get heard(): Heard {
    return this.#receiver.heard;
  }

  get sound(): Sound {
    return this.#sound;
  }

  get ssrc(): number {
    return this.#sender.ssrc;
  }

  get statistics(): AudioStatistics {
    return { sent: this.#sender.statistics, received: this.#receiver.statistics };
  }

  /** Changes what is sent from the next packet on; sequence, timestamps and source go on (RFC 3550 section 5.1). */
  configure(format: AudioFormat): void {
    if (this.#disposed) return;
    this.#format = format;
    const { law, payloadType, dtmfPayloadType, dtmfReceivePayloadType } = format;
    this.#receiver.bind(payloadType, law);
    for (const number of [dtmfPayloadType, dtmfReceivePayloadType]) {
      if (number !== undefined) this.#receiver.bind(number, 'telephone-event');
    }
    this.#sender.setDtmfPayloadType(dtmfPayloadType);
    if (dtmfPayloadType === undefined) this.#failKeys(noTelephoneEvents);
    this.#play();
  }

  /** Changes what the other party hears. Before {@link configure} nothing is sent. */
  sendTone(sound: Sound): void {
    if (this.#disposed || sound === this.#sound) return;
    this.#sound = sound;
    this.#play();
  }

  /** Looks for these frequencies from now on. */
  lookFor(candidates: readonly number[]): void {
    if (!this.#disposed) this.#receiver.lookFor(candidates);
  }

  /** Takes what arrived on our port, whatever it is; never throws. */
  receive(bytes: Uint8Array): void {
    if (!this.#disposed) this.#receiver.accept(bytes);
  }

  /**
   * Sends keys as telephone events (RFC 4733) after those still waiting, whatever tone is sent.
   *
   * @throws CallLabError (rejects): CL3009 for what is no key; CL3003 when the peer takes no telephone events, and when
   * the session ends before the last packet of the last key is out.
   */
  async sendDigits(digits: string): Promise<void> {
    if (!areKeys(digits)) throw new CallLabError('CL3009', `"${digits}" holds more than 0-9, *, # and A-D.`);
    if (this.#disposed) throw sessionEnded();
    if (this.#format?.dtmfPayloadType === undefined) throw noTelephoneEvents();
    await new Promise<void>((resolve, reject) => {
      this.#unsentKeys.add(reject);
      this.#sender.sendKeys(digits, () => {
        this.#unsentKeys.delete(reject);
        resolve();
      });
    });
  }

  /** Stops both ways and leaves no timer. What was heard is heard no longer, and `onHears` says so. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#sound = 'none';
    this.#sender.dispose();
    this.#failKeys(sessionEnded);
    this.#receiver.dispose();
  }

  #play(): void {
    const format = this.#format;
    if (format === undefined || this.#sound === 'none') {
      this.#sender.play(undefined);
      return;
    }
    const tone = this.#sound === 'hold' ? HOLD_TONE : voiceOf(this.#tone);
    this.#sender.play({ payload: this.#frames.of(tone, format.law), payloadType: format.payloadType });
  }

  #failKeys(reason: () => CallLabError): void {
    if (this.#unsentKeys.size === 0) return;
    const waiting = [...this.#unsentKeys];
    this.#unsentKeys.clear();
    for (const reject of waiting) reject(reason());
  }
}

function noTelephoneEvents(): CallLabError {
  return new CallLabError('CL3003', 'The other side has not agreed to telephone events, so keys cannot be sent.');
}

function sessionEnded(): CallLabError {
  return new CallLabError('CL3003', 'The call ended before all keys were sent.');
}
