import { element } from './element';

export interface MenuItem {
  readonly label: string;
  readonly run: () => void;
}

/** A small menu below what opened it; keys as in every menu. */
export class Menu {
  readonly element = element('div', 'menu');
  #opener: HTMLElement | undefined;

  constructor() {
    this.element.setAttribute('role', 'menu');
    this.element.hidden = true;
    this.element.addEventListener('keydown', (event) => this.#onKey(event));
    this.element.addEventListener('focusout', (event) => {
      if (!(event.relatedTarget instanceof Node && this.element.contains(event.relatedTarget))) this.#close(false);
    });
  }

  open(opener: HTMLElement, items: readonly MenuItem[]): void {
    this.#opener = opener;
    this.element.replaceChildren(
      ...items.map(({ label, run }) => {
        const item = element('button', 'menu-item', label);
        item.type = 'button';
        item.tabIndex = -1;
        item.setAttribute('role', 'menuitem');
        item.addEventListener('click', () => {
          this.#close(true);
          run();
        });
        return item;
      }),
    );
    this.element.style.left = opener.style.left;
    this.element.style.top = `${opener.offsetTop + opener.offsetHeight}px`;
    this.element.hidden = false;
    this.#items()[0]?.focus();
  }

  #items(): readonly HTMLButtonElement[] {
    return [...this.element.querySelectorAll('button')];
  }

  #onKey(event: KeyboardEvent): void {
    const items = this.#items();
    const at = items.findIndex((item) => item === document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1 + items.length, Home: 0, End: items.length - 1 }[event.key];
    if (to !== undefined) items[to % items.length]?.focus();
    else if (event.key === 'Escape') this.#close(true);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #close(giveBack: boolean): void {
    if (this.element.hidden) return;
    this.element.hidden = true;
    if (giveBack) this.#opener?.focus();
  }
}
