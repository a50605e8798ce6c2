import { type Disposable, DisposableStore } from '../../core';
import type { IaxCall } from '../call';

/**
 * Joins two calls of ours as a server does: voice, keys, text, hold and what is heard on the way to an answer pass from one to
 * the other, and when one ends so does the other. Both use the same codec: nothing is translated.
 */
export class CallRelay implements Disposable {
  readonly #listeners = new DisposableStore();

  constructor(a: IaxCall, b: IaxCall) {
    this.#join(a, b);
    this.#join(b, a);
  }

  /** The calls go on, each for itself. */
  dispose(): void {
    this.#listeners.dispose();
  }

  #join(from: IaxCall, to: IaxCall): void {
    const listeners = [
      from.on('voice', ({ codec, payload }) => {
        to.sendVoice(codec, payload);
      }),
      from.on('digit', (digit) => {
        attempt(to, () => to.sendDigit(digit));
      }),
      from.on('text', (text) => {
        attempt(to, () => to.sendText(text));
      }),
      // IAX2 reference 5.2: a server tells the one who waits; it does not silence him.
      from.on('held', ({ music }) => {
        if (to.holding === undefined) attempt(to, () => to.hold(music ?? true, 'hold'));
      }),
      from.on('resumed', () => {
        if (to.holding === 'hold') attempt(to, () => to.resume());
      }),
      from.on('ended', (cause) => {
        to.hangUp(cause);
      }),
    ];
    for (const listener of listeners) this.#listeners.add(listener);
  }
}

/** What cannot be passed on, as a key beyond the hundredth that waits, is lost: its sender has no part in that. */
function attempt(to: IaxCall, pass: () => void): void {
  if (!to.isAccepted || to.state === 'ended') return;
  try {
    pass();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
  }
}
