import { element, icon } from './element';
import { Menu } from './menu';
import type { PanelLane } from './protocol';
import { say } from './texts';

/** What a person wants with a lane. */
export type LaneWish = 'hide' | 'left' | 'right' | 'only';

const roles: Readonly<Record<PanelLane['role'], string>> = {
  none: '',
  transferor: say('transferor'),
  transferee: say('transferee'),
  target: say('transfer target'),
};

/** The heads of the lanes, which stay while rows scroll: who it is, where, in which part, and what they do now. */
export class LaneHeader {
  readonly element = element('div', 'lanes');
  readonly #onWish: (id: string, wish: LaneWish) => void;
  readonly #heads = new Map<string, { readonly element: HTMLButtonElement; text: string }>();
  readonly #menu: Menu;
  #chosen: ReadonlySet<string> = new Set();

  constructor(onWish: (id: string, wish: LaneWish) => void) {
    this.#onWish = onWish;
    this.#menu = new Menu();
    this.element.setAttribute('role', 'toolbar');
    this.element.setAttribute('aria-label', say('Lanes'));
    this.element.append(this.#menu.element);
  }

  /** Sizes in CSS pixels as shown. */
  show(lanes: readonly PanelLane[], sizes: { readonly distance: number; readonly left: number; readonly width: number }): void {
    const wanted = new Set(lanes.map(({ id }) => id));
    for (const [id, head] of this.#heads) {
      if (wanted.has(id)) continue;
      head.element.remove();
      this.#heads.delete(id);
    }
    this.element.style.width = `${sizes.width}px`;
    lanes.forEach((lane, column) => {
      const head = this.#headOf(lane);
      head.style.left = `${sizes.left + column * sizes.distance + 3}px`;
      head.style.width = `${sizes.distance - 6}px`;
      head.tabIndex = column === 0 ? 0 : -1;
      if (this.element.children[column] !== head) this.element.insertBefore(head, this.element.children[column] ?? null);
    });
  }

  /** Marks the heads of what is chosen in a tree. */
  choose(ids: ReadonlySet<string>): void {
    this.#chosen = ids;
    for (const [id, head] of this.#heads) head.element.classList.toggle('chosen', ids.has(id));
  }

  #headOf(lane: PanelLane): HTMLButtonElement {
    const text = JSON.stringify(lane);
    let head = this.#heads.get(lane.id);
    if (head === undefined) {
      const made = element('button', 'lane');
      made.type = 'button';
      made.dataset['lane'] = lane.id;
      made.classList.toggle('chosen', this.#chosen.has(lane.id));
      made.setAttribute('aria-haspopup', 'menu');
      made.addEventListener('click', () => this.#open(made, lane.id));
      made.addEventListener('keydown', (event) => this.#onKey(event, lane.id));
      head = { element: made, text: '' };
      this.#heads.set(lane.id, head);
    }
    if (head.text !== text) {
      head.text = text;
      fill(head.element, lane);
    }
    return head.element;
  }

  #open(head: HTMLElement, id: string): void {
    this.#menu.open(head, [
      { label: say('Move left'), run: () => this.#onWish(id, 'left') },
      { label: say('Move right'), run: () => this.#onWish(id, 'right') },
      { label: say('Hide this lane'), run: () => this.#onWish(id, 'hide') },
      { label: say('Show its messages alone'), run: () => this.#onWish(id, 'only') },
    ]);
  }

  #onKey(event: KeyboardEvent, id: string): void {
    const isLeft = event.key === 'ArrowLeft';
    if (isLeft || event.key === 'ArrowRight') {
      event.preventDefault();
      if (event.altKey) {
        this.#onWish(id, isLeft ? 'left' : 'right');
        return;
      }
      const heads = [...this.element.querySelectorAll<HTMLButtonElement>('.lane')];
      const next = heads[heads.findIndex((head) => head === event.target) + (isLeft ? -1 : 1)];
      if (next === undefined) return;
      for (const head of heads) head.tabIndex = head === next ? 0 : -1;
      next.focus();
    } else if (event.key === 'Delete') {
      event.preventDefault();
      this.#onWish(id, 'hide');
    }
  }
}

function fill(head: HTMLButtonElement, lane: PanelLane): void {
  const { name, addresses, role, state } = lane;
  const doing = stateText(lane);
  const title = element('span', 'lane-name', name);
  title.dir = 'auto';
  const below = element('span', 'lane-state', doing === '' ? (addresses[0] ?? '') : doing);
  if (role !== 'none') title.append(' ', element('span', 'lane-role', roles[role]));
  head.replaceChildren(title, ' ', below);
  if (state !== 'none') below.prepend(icon(icons[state]));
  head.dataset['state'] = state;
  head.title = [name, ...addresses, roles[role], doing].filter((text) => text !== '').join('\n');
}

const icons: Readonly<Record<PanelLane['state'], string>> = {
  none: 'blank',
  idle: 'circle-outline',
  calling: 'call-outgoing',
  ringing: 'bell',
  talking: 'comment-discussion',
  holding: 'debug-pause',
  held: 'debug-pause',
};

/** `talks to Bob` */
export function stateText({ state, peers }: Pick<PanelLane, 'state' | 'peers'>): string {
  const whom = peers.join(', ');
  switch (state) {
    case 'none':
      return '';
    case 'idle':
      return say('idle');
    case 'calling':
      return say('calls {0}', whom);
    case 'ringing':
      return say('rings: {0}', whom);
    case 'talking':
      return say('talks to {0}', whom);
    case 'holding':
      return say('holds {0}', whom);
    case 'held':
      return say('held by {0}', whom);
  }
}
