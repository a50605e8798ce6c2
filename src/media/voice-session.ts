import type { Clock, Disposable } from '../core';
import type { Sound } from './audio-session';
import { BlockCutter, Ear, type Heard } from './ear';
import { type Law, sampleRate } from './g711';
import { SlotClock } from './slot-clock';
import { HOLD_TONE, ToneFrames, voiceOf } from './tones';

export interface VoiceSessionOptions {
  readonly clock: Clock;
  /** Our own tone in Hz, a multiple of 50. */
  readonly tone: number;
  /** The frequencies in Hz to look for in what arrives. */
  readonly candidates: readonly number[];
  /** Where sessions with the same tone share its sound. */
  readonly frames?: ToneFrames;
  /** Gets each frame of 20 ms to send, as bare G.711. */
  readonly send: (law: Law, payload: Uint8Array) => void;
  /** What is heard has changed. */
  readonly onHears: (heard: Heard) => void;
}

/** The tones of one call whose protocol carries bare frames of G.711, as IAX2 does: what is sent, and what is heard. */
export class VoiceSession implements Disposable {
  readonly #options: VoiceSessionOptions;
  readonly #frames: ToneFrames;
  readonly #slots: SlotClock;
  readonly #ear: Ear;
  readonly #cutter: BlockCutter;
  #law: Law | undefined;
  #sound: Sound = 'none';
  /** The timestamp that a frame which follows on the last would have. */
  #expected: number | undefined;
  #disposed = false;

  constructor(options: VoiceSessionOptions) {
    this.#options = options;
    this.#frames = options.frames ?? new ToneFrames();
    this.#slots = new SlotClock({ clock: options.clock, hasWork: () => this.#frame !== undefined, onSlot: () => this.#sendFrame() });
    this.#ear = new Ear(options);
    this.#cutter = new BlockCutter(this.#ear);
  }

  get heard(): Heard {
    return this.#ear.heard;
  }

  /** The law that we send. Before it is known nothing is sent. */
  configure(law: Law): void {
    this.#law = law;
    this.#slots.run();
  }

  /** Changes what the other party hears. */
  play(sound: Sound): void {
    this.#sound = sound;
    this.#slots.run();
  }

  /** Takes a frame that arrived; `timestamp` is the sender's, in milliseconds. Never throws. */
  receive(law: Law, timestamp: number, payload: Uint8Array): void {
    if (this.#disposed) return;
    // IAX2 counts in milliseconds and may round: two off is still the next one.
    const follows = this.#expected !== undefined && Math.abs(timestamp - this.#expected) <= 2;
    this.#expected = timestamp + (payload.length * 1_000) / sampleRate;
    this.#cutter.accept(payload, law, follows);
  }

  /** Stops both ways and leaves no timer. What was heard is heard no longer, and `onHears` says so. */
  dispose(): void {
    this.#disposed = true;
    this.#sound = 'none';
    this.#slots.dispose();
    this.#ear.dispose();
  }

  get #frame(): { readonly law: Law; readonly payload: Uint8Array } | undefined {
    const law = this.#law;
    if (this.#disposed || law === undefined || this.#sound === 'none') return undefined;
    const tone = this.#sound === 'hold' ? HOLD_TONE : voiceOf(this.#options.tone);
    return { law, payload: this.#frames.of(tone, law) };
  }

  #sendFrame(): void {
    const frame = this.#frame;
    if (frame !== undefined) this.#options.send(frame.law, frame.payload);
  }
}
