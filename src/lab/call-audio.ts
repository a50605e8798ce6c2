import type { Clock, RandomSource } from '../core';
import { AudioSession, phoneTone, ToneFrames } from '../media';
import type { SocketAddress } from '../net';
import type { NegotiatedMedia } from '../sip';
import type { Audio } from './call';
import type { Hearing } from './call-info';
import type { MediaPort } from './media-ports';

/** Which phone has which tone, so that a tone heard is a phone heard. */
export class ToneBook {
  readonly #tones: ReadonlyMap<string, number>;
  readonly #names: ReadonlyMap<number, string>;
  /** What the tones sound like, made once for all calls. */
  readonly frames = new ToneFrames();

  constructor(phones: readonly string[]) {
    const pairs = phones.map((name, index): [string, number] => [name, phoneTone(index)]);
    this.#tones = new Map(pairs);
    this.#names = new Map(pairs.map(([name, tone]) => [tone, name]));
  }

  toneOf(phone: string): number {
    return this.#tones.get(phone) ?? phoneTone(0);
  }

  nameOf(tone: number): string | undefined {
    return this.#names.get(tone);
  }

  get all(): readonly number[] {
    return [...this.#names.keys()];
  }
}

export interface CallAudioOptions {
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly port: MediaPort;
  readonly tones: ToneBook;
  /** The phone whose voice this is. */
  readonly owner: string;
  /** What is heard changed; `address` is where. */
  readonly onHears: (hearing: Hearing, address: SocketAddress) => void;
  readonly onDigit: (digit: string) => void;
}

/** The audio of one call: the RTP port joined with tones, their detection, and what offer and answer allow. */
export class CallAudio implements Audio {
  readonly #options: CallAudioOptions;
  readonly #session: AudioSession;
  #media: NegotiatedMedia | undefined;
  #wish: 'voice' | 'hold' | 'none' = 'none';
  #hears: Hearing = { phones: [], hold: false };

  constructor(options: CallAudioOptions) {
    this.#options = options;
    const { clock, random, port, tones, owner } = options;
    this.#session = new AudioSession({
      clock,
      random,
      tone: tones.toneOf(owner),
      frames: tones.frames,
      candidates: tones.all,
      send: (bytes) => {
        const media = this.#media;
        if (media !== undefined) port.send(bytes, { host: media.remoteAddress, port: media.remotePort });
      },
      onHears: ({ tones: heard, hold }) => {
        this.#setHearing({
          phones: [...heard].map((tone) => tones.nameOf(tone) ?? `${String(tone)} Hz`).sort(),
          hold,
        });
      },
      onDigit: (digit) => {
        options.onDigit(digit);
      },
    });
    port.handler = (bytes) => {
      // RFC 3264 5.1: what was not agreed to be received is not listened to.
      if (this.#media?.doWeReceive === true) this.#session.receive(bytes);
    };
  }

  get hears(): Hearing {
    return this.#hears;
  }

  /** Whether the other party lets us send. */
  get maySend(): boolean {
    return this.#media?.mayWeSend === true;
  }

  /** Offer and answer have agreed on something new. */
  configure(media: NegotiatedMedia): void {
    // Silence is a measurement, too: without it a verdict reached before the first tone would be one without any hearing.
    if (this.#media === undefined) this.#options.onHears(this.#hears, this.#options.port.local);
    this.#media = media;
    this.#session.configure({
      law: media.law,
      payloadType: media.payloadType,
      dtmfPayloadType: media.dtmfPayloadType,
      dtmfReceivePayloadType: media.dtmfReceivePayloadType,
    });
    this.#apply();
  }

  /** What the other party shall hear, as far as they let us send. */
  play(what: 'voice' | 'hold' | 'none'): void {
    this.#wish = what;
    this.#apply();
  }

  /** Sends keys as RFC 4733 events, after whatever is being sent. */
  async sendDigits(digits: string): Promise<void> {
    await this.#session.sendDigits(digits);
  }

  dispose(): void {
    this.#options.port.handler = undefined;
    this.#session.dispose();
    this.#setHearing({ phones: [], hold: false });
  }

  #apply(): void {
    this.#session.sendTone(this.maySend ? this.#wish : 'none');
  }

  #setHearing(hearing: Hearing): void {
    const before = this.#hears;
    if (before.hold === hearing.hold && before.phones.join() === hearing.phones.join()) return;
    this.#hears = hearing;
    this.#options.onHears(hearing, this.#options.port.local);
  }
}
