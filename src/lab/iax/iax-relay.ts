import { type Clock, type Disposable, DisposableStore } from '../../core';
import { causes, type IaxCall } from '../../iax';
import { type ToneFrames, VoiceSession } from '../../media';
import { lawOf } from './iax-audio';

export interface IaxRelayOptions {
  readonly clock: Clock;
  readonly frames: ToneFrames;
  /** Nothing passes any more. */
  onOver(): void;
}

/**
 * Two calls of one host that are one conversation: what comes in one goes out in the other, and the end of one is the end of
 * both. It goes on during a native transfer, until both ends are ready (IAX2 reference 6.4).
 */
export class IaxRelay implements Disposable {
  readonly a: IaxCall;
  readonly b: IaxCall;
  readonly #options: IaxRelayOptions;
  readonly #listening = new DisposableStore();
  readonly #music = new Map<IaxCall, VoiceSession>();
  #isOver = false;

  constructor(a: IaxCall, b: IaxCall, options: IaxRelayOptions) {
    this.a = a;
    this.b = b;
    this.#options = options;
    this.#pass(a, b);
    this.#pass(b, a);
  }

  has(call: IaxCall): boolean {
    return call === this.a || call === this.b;
  }

  /** Who is at the other side of one of the two. */
  otherOf(call: IaxCall): IaxCall {
    return call === this.a ? this.b : this.a;
  }

  /** Nothing passes any more; the calls stay as they are. */
  dispose(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#listening.dispose();
    for (const music of this.#music.values()) music.dispose();
    this.#music.clear();
    this.#options.onOver();
  }

  #pass(from: IaxCall, to: IaxCall): void {
    const on: IaxCall['on'] = (event, listener) => this.#listening.add(from.on(event, listener));
    on('report', (report) => {
      // What a call that is answered hears of another one is at most that it rings (IAX2 reference 6.7).
      if (to.direction === 'incoming' && (to.state !== 'up' || report === 'ringing')) tryTo(() => to.report(report));
    });
    on('state', (_before, state) => {
      if (state === 'up' && to.direction === 'incoming' && to.state !== 'up') tryTo(() => to.answer());
    });
    on('voice', ({ codec, payload }) => {
      // IAX2 reference 5.2: who is held hears music, not the one who holds.
      if (!from.isHeld && !this.#music.has(to)) to.sendVoice(codec, payload);
    });
    on('digit', (digit) => {
      tryTo(() => to.sendDigit(digit));
    });
    on('text', (text) => {
      tryTo(() => to.sendText(text));
    });
    on('held', ({ music }) => {
      if (to.holding === undefined) tryTo(() => to.hold(true, 'hold'));
      if (music !== undefined) this.#playMusic(to);
    });
    on('resumed', () => {
      this.#music.get(to)?.dispose();
      this.#music.delete(to);
      if (!from.isHeld) tryTo(() => to.resume());
    });
    on('ended', (cause) => {
      if (this.#isOver) return;
      this.dispose();
      to.hangUp(from.endedBy === 'network' ? causes.outOfOrder : cause);
    });
  }

  #playMusic(to: IaxCall): void {
    const law = lawOf(to.codec);
    if (law === undefined || this.#music.has(to)) return;
    const { clock, frames } = this.#options;
    const music = new VoiceSession({
      clock,
      frames,
      tone: 0,
      candidates: [],
      send: (_law, payload) => {
        if (to.codec !== undefined) to.sendVoice(to.codec, payload);
      },
      onHears: () => undefined,
    });
    this.#music.set(to, music);
    music.configure(law);
    music.play('hold');
  }
}

/** The other side may be over, or not that far: then there is nobody to tell. */
function tryTo(act: () => void): void {
  try {
    act();
  } catch {
    // Its own end is on its way.
  }
}
