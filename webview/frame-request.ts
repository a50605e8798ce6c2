/** Does something on the next frame, once however often it is asked for until then. */
export class FrameRequest {
  readonly #act: () => void;
  #isPending = false;

  constructor(act: () => void) {
    this.#act = act;
  }

  ask(): void {
    if (this.#isPending) return;
    this.#isPending = true;
    requestAnimationFrame(() => {
      this.#isPending = false;
      this.#act();
    });
  }
}
