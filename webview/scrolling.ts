/** What is seen of something that scrolls, in CSS pixels. */
export interface Viewport {
  readonly scrollTop: number;
  readonly clientHeight: number;
  readonly scrollHeight: number;
}

/** A row that the reader was looking at: how far its top stood below the top of the viewport. */
export interface Anchor {
  readonly id: string;
  readonly offset: number;
}

/** Fractions of pixels and half-seen margins still count as the end. */
const tolerance = 24;

export function isAtEnd({ scrollTop, clientHeight, scrollHeight }: Viewport): boolean {
  return scrollTop + clientHeight >= scrollHeight - tolerance;
}

/**
 * Whether the view follows the end. Scrolling away from the end by hand lets go; scrolling back to the end takes hold
 * again. Scrolling that the drawing itself causes is no wish of the reader's and is announced by `expect`.
 */
export class Following {
  #on: boolean;
  #expected: number | undefined;
  readonly #onChange: (on: boolean) => void;

  constructor(on: boolean, onChange: (on: boolean) => void) {
    this.#on = on;
    this.#onChange = onChange;
  }

  get on(): boolean {
    return this.#on;
  }

  set(on: boolean): void {
    if (this.#on === on) return;
    this.#on = on;
    this.#onChange(on);
  }

  /** We are about to scroll to `scrollTop` ourselves. */
  expect(scrollTop: number): void {
    this.#expected = scrollTop;
  }

  scrolled(viewport: Viewport): void {
    const isOurs = this.#expected !== undefined && Math.abs(viewport.scrollTop - this.#expected) <= 1;
    this.#expected = undefined;
    if (!isOurs) this.set(isAtEnd(viewport));
  }
}
