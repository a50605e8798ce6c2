/**
 * Renders the newest of many values: at most one rendering at a time, begun on an animation frame; values that are
 * overtaken before their turn are never rendered.
 */
export class Latest<Value> {
  readonly #render: (value: Value) => Promise<void>;
  readonly #nextFrame: (callback: () => void) => void;
  readonly #onError: (error: unknown) => void;
  #waiting: { readonly value: Value } | undefined;
  #busy = false;

  constructor(options: {
    readonly render: (value: Value) => Promise<void>;
    readonly nextFrame: (callback: () => void) => void;
    readonly onError: (error: unknown) => void;
  }) {
    this.#render = options.render;
    this.#nextFrame = options.nextFrame;
    this.#onError = options.onError;
  }

  push(value: Value): void {
    const isIdle = this.#waiting === undefined && !this.#busy;
    this.#waiting = { value };
    if (isIdle) this.#begin();
  }

  #begin(): void {
    this.#nextFrame(() => {
      void this.#run();
    });
  }

  async #run(): Promise<void> {
    const taken = this.#waiting;
    if (taken === undefined) return;
    this.#waiting = undefined;
    this.#busy = true;
    try {
      await this.#render(taken.value);
    } catch (error) {
      this.#onError(error);
    }
    this.#busy = false;
    if (this.#hasWaiting) this.#begin();
  }

  /** Asked by name: the compiler does not see that a value may have come while the rendering went on. */
  get #hasWaiting(): boolean {
    return this.#waiting !== undefined;
  }
}
