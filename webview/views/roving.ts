/** A part of a diagram that can be chosen by mouse and keyboard. */
export interface Choosable {
  readonly id: string;
  readonly element: SVGElement;
  /** What a screen reader says. */
  readonly label: string;
}

/** One of many parts is in the tab order; the arrow keys choose which, Enter or a blank presses it. */
export class Roving {
  #parts: readonly Choosable[] = [];
  readonly #onPress: (id: string, again: boolean) => void;

  /** `onPress` is told whether it is a double click or Enter: the wish to go there. */
  constructor(root: HTMLElement, onPress: (id: string, again: boolean) => void) {
    this.#onPress = onPress;
    root.addEventListener('click', (event) => this.#onClick(event));
    root.addEventListener('keydown', (event) => this.#onKey(event));
  }

  /** New parts of a diagram drawn anew; the focus stays with the part that had it. */
  show(parts: readonly Choosable[]): void {
    const focused = this.#focused()?.id;
    const first = this.#parts.find(({ element }) => element.getAttribute('tabindex') === '0')?.id;
    this.#parts = parts;
    for (const { element, label } of parts) {
      element.setAttribute('role', 'button');
      element.setAttribute('aria-label', label);
      element.setAttribute('tabindex', '-1');
    }
    this.#letTabTo(parts.find(({ id }) => id === (focused ?? first)) ?? parts[0]);
    if (focused !== undefined) parts.find(({ id }) => id === focused)?.element.focus();
  }

  /** Call before the diagram is replaced by another one: with its elements the focus would be gone. */
  focusedId(): string | undefined {
    return this.#focused()?.id;
  }

  focus(id: string | undefined): void {
    const part = this.#parts.find((one) => one.id === id);
    if (part === undefined) return;
    this.#letTabTo(part);
    part.element.focus({ preventScroll: true });
  }

  #focused(): Choosable | undefined {
    return this.#parts.find(({ element }) => element === document.activeElement);
  }

  #letTabTo(part: Choosable | undefined): void {
    for (const { element } of this.#parts) element.setAttribute('tabindex', element === part?.element ? '0' : '-1');
  }

  #partOf(target: EventTarget | null): Choosable | undefined {
    return target instanceof Element ? this.#parts.find(({ element }) => element.contains(target)) : undefined;
  }

  #onClick({ target, detail }: MouseEvent): void {
    const part = this.#partOf(target);
    if (part === undefined) return;
    this.focus(part.id);
    this.#onPress(part.id, detail > 1);
  }

  #onKey(event: KeyboardEvent): void {
    const part = this.#partOf(event.target);
    if (part === undefined) return;
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      this.#onPress(part.id, event.key === 'Enter');
      return;
    }
    const at = this.#parts.indexOf(part);
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const to = event.key === 'Home' ? 0 : event.key === 'End' ? this.#parts.length - 1 : step === undefined ? undefined : at + step;
    const next = to === undefined ? undefined : this.#parts[Math.max(0, Math.min(this.#parts.length - 1, to))];
    if (next === undefined) return;
    event.preventDefault();
    this.focus(next.id);
    next.element.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }
}
