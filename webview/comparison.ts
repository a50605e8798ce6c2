import { element } from './element';
import type { PanelComparison, PanelSide } from './protocol';
import { say } from './texts';
import { seconds } from './times';
import { createButton, createDropdown } from './toolkit';

export interface ComparisonActions {
  readonly onCompare: (left: string, right: string) => void;
  readonly onOpen: (id: string, focus: boolean) => void;
  readonly onClose: () => void;
}

/** Two calls side by side, the first difference marked. */
export class ComparisonView {
  readonly element = element('main', 'comparison');
  readonly #actions: ComparisonActions;
  readonly #left;
  readonly #right;
  readonly #verdict = element('p', 'comparison-verdict');
  readonly #body = element('tbody', '');
  #shown: PanelComparison | undefined;

  constructor(actions: ComparisonActions) {
    this.#actions = actions;
    this.element.hidden = true;
    this.element.setAttribute('aria-label', say('Two calls side by side'));
    this.#left = createDropdown({
      label: say('Call on the left'),
      title: say('Call on the left'),
      onChoose: (left) => actions.onCompare(left, this.#shown?.right ?? ''),
    });
    this.#right = createDropdown({
      label: say('Call on the right'),
      title: say('Call on the right'),
      onChoose: (right) => actions.onCompare(this.#shown?.left ?? '', right),
    });
    const close = createButton({ label: say('Close'), title: say('Back to the ladder'), icon: 'close', onPress: actions.onClose });
    this.#verdict.setAttribute('role', 'status');
    const bar = element('div', 'bar');
    bar.append(this.#left.element, this.#right.element, close.element);
    const table = element('table', 'comparison-table');
    table.append(element('caption', 'unseen', say('Two calls side by side')), this.#body);
    const scroller = element('div', 'comparison-scroller');
    scroller.tabIndex = 0;
    scroller.append(table);
    this.element.append(bar, this.#verdict, scroller);
    this.element.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') actions.onClose();
    });
  }

  show(comparison: PanelComparison): void {
    this.#shown = comparison;
    const choices = comparison.calls.map(([value, label]) => ({ value, label }));
    this.#left.show({ choices, chosen: comparison.left });
    this.#right.show({ choices, chosen: comparison.right });
    this.#verdict.textContent = verdictOf(comparison);
    this.#body.replaceChildren(
      ...comparison.pairs.map(({ left, right, isSame }, index) => {
        const row = element('tr', isSame ? '' : 'differs');
        if (index === comparison.firstDifference) {
          row.classList.add('first-difference');
          row.title = say('The first difference');
        }
        row.append(this.#cell(left), element('td', 'sign', isSame ? '=' : '≠'), this.#cell(right));
        return row;
      }),
    );
    this.#body.querySelector('.first-difference')?.scrollIntoView({ block: 'center' });
  }

  #cell(side: PanelSide | undefined): HTMLTableCellElement {
    const cell = element('td', '');
    if (side === undefined) return cell;
    const open = element('button', 'message', `${side.isForward ? '→' : '←'} ${side.words}`);
    open.type = 'button';
    open.addEventListener('click', (event) => this.#actions.onOpen(side.id, event.detail > 1));
    cell.append(element('span', 'at', seconds(side.at)), open);
    return cell;
  }
}

function verdictOf({ pairs, firstDifference }: PanelComparison): string {
  if (pairs.length === 0) return say('There are no two calls to compare.');
  if (firstDifference === -1) return say('Both calls went the same way.');
  const { left, right } = pairs[firstDifference] ?? {};
  if (left === undefined) return say('The first difference: only the call on the right has "{0}".', right?.words ?? '');
  return say('The first difference: only the call on the left has "{0}".', left.words);
}
