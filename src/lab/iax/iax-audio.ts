import type { Clock } from '../../core';
import type { CodecName, IaxCall } from '../../iax';
import { type Law, VoiceSession } from '../../media';
import type { Audio } from '../call';
import type { ToneBook } from '../call-audio';
import type { Hearing } from '../call-info';

export interface IaxAudioOptions {
  readonly clock: Clock;
  readonly tones: ToneBook;
  /** The phone whose voice this is. */
  readonly owner: string;
  readonly call: IaxCall;
  /** What is heard changed. */
  readonly onHears: () => void;
}

const laws: Readonly<Partial<Record<CodecName, Law>>> = { PCMU: 'pcmu', PCMA: 'pcma' };
const codecs: Readonly<Record<Law, CodecName>> = { pcmu: 'PCMU', pcma: 'PCMA' };

export function codecOf(law: Law): CodecName {
  return codecs[law];
}

/** The G.711 law of a codec, or undefined for any other codec. */
export function lawOf(codec: CodecName | undefined): Law | undefined {
  return codec === undefined ? undefined : laws[codec];
}

/** What an IAX2 call sounds like: voice frames of the call itself, both ways. */
export class IaxAudio implements Audio {
  readonly #options: IaxAudioOptions;
  readonly #session: VoiceSession;
  #hears: Hearing = { phones: [], hold: false };

  constructor(options: IaxAudioOptions) {
    this.#options = options;
    const { clock, tones, owner, call } = options;
    this.#session = new VoiceSession({
      clock,
      tone: tones.toneOf(owner),
      candidates: tones.all,
      frames: tones.frames,
      send: (law, payload) => {
        call.sendVoice(codecs[law], payload);
      },
      onHears: ({ tones: heard, hold }) => {
        this.#setHearing({ phones: [...heard].map((tone) => tones.nameOf(tone) ?? `${String(tone)} Hz`).sort(), hold });
      },
    });
    call.on('voice', ({ codec, timestamp, payload }) => {
      const law = lawOf(codec);
      if (law !== undefined) this.#session.receive(law, timestamp, payload);
    });
    const law = lawOf(call.codec);
    if (law !== undefined) this.#session.configure(law);
    // Silence is a measurement, too: without it a verdict reached before the first tone would be one without any hearing.
    options.onHears();
  }

  get hears(): Hearing {
    return this.#hears;
  }

  play(what: 'voice' | 'hold' | 'none'): void {
    // Before the answer nobody listens at the other end.
    this.#session.play(this.#options.call.state === 'up' ? what : 'none');
  }

  dispose(): void {
    this.#session.dispose();
    this.#setHearing({ phones: [], hold: false });
  }

  #setHearing(hearing: Hearing): void {
    const before = this.#hears;
    if (before.hold === hearing.hold && before.phones.join() === hearing.phones.join()) return;
    this.#hears = hearing;
    this.#options.onHears();
  }
}
