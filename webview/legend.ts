import { colourKey, hueOf } from './colouring';
import { element } from './element';
import type { LadderLook } from './protocol';
import type { RowStore } from './row-store';
import { say } from './texts';

/** How many entries there is room for; the newest are the likeliest to be in view. */
const mostEntries = 8;

/** Says which colour is which dialog or transfer; choosing one shows it alone. */
export class Legend {
  readonly element = element('ul', 'legend');
  readonly #onChoose: (query: string) => void;
  #shown = '';

  constructor(onChoose: (query: string) => void) {
    this.#onChoose = onChoose;
    this.element.setAttribute('aria-label', say('What the colours mean'));
  }

  show({ rows, names }: RowStore, { colour }: LadderLook): void {
    const ids = colour === 'kind' ? [] : newestKeys(rows, colour);
    const key = JSON.stringify([colour, ids.map((id) => [id, names.get(id)])]);
    if (key === this.#shown) return;
    this.#shown = key;
    this.element.hidden = ids.length === 0;
    this.element.replaceChildren(
      ...ids.map((id) => {
        const item = element('li', '');
        const button = element('button', `legend-entry hue-${hueOf(id)}`, names.get(id) ?? id);
        button.type = 'button';
        button.title = say('Show this one alone');
        button.addEventListener('click', () => this.#onChoose(`${colour}:${id}`));
        item.append(button);
        return item;
      }),
    );
  }
}

function newestKeys(rows: RowStore['rows'], colour: LadderLook['colour']): readonly string[] {
  const found = new Set<string>();
  for (let index = rows.length - 1; index >= 0 && found.size < mostEntries; index--) {
    const row = rows[index];
    const key = row === undefined ? undefined : colourKey(row, colour);
    if (key !== undefined) found.add(key);
    // Far back there is nothing that is in view.
    if (rows.length - index > 2_000) break;
  }
  return [...found].reverse();
}
