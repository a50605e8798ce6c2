import { element } from './element';
import type { PanelAction, PanelView } from './protocol';
import { say } from './texts';
import { createButton } from './toolkit';

/** Stands where the ladder will be, as long as there is nothing to draw. */
export class Welcome {
  readonly element = element('div', 'welcome');
  readonly #words = element('p', '');
  readonly #start;
  readonly #place;

  constructor(onAction: (action: PanelAction) => void) {
    this.#start = createButton({
      label: say('Start Lab'),
      title: say('Start the phones of the lab'),
      isPrimary: true,
      onPress: () => onAction('start'),
    });
    this.#place = createButton({
      label: say('Place Call'),
      title: say('Let one phone call another'),
      isPrimary: true,
      onPress: () => onAction('place-call'),
    });
    // Until it is known what there is, nothing is said.
    this.element.hidden = true;
    this.element.append(this.#words, this.#start.element, this.#place.element);
  }

  /** `isFiltered`: there may be messages that are not shown. */
  show({ phase, file }: Pick<PanelView, 'phase' | 'file'>, rows: number, isFiltered: boolean): void {
    this.element.hidden = rows > 0;
    // Nothing of the lab's helps the reader of a file.
    const isLab = file === undefined && !isFiltered;
    this.#words.textContent = isFiltered ? say('No message is as the filter wants it.') : (file?.words ?? wordsFor(phase));
    this.#start.element.hidden = phase !== 'stopped' || !isLab;
    this.#place.element.hidden = phase !== 'running' || !isLab;
  }
}

function wordsFor(phase: PanelView['phase']): string {
  if (phase === 'running') return say('The phones are up. Place a call, and its ladder draws itself here.');
  if (phase === 'stopped') return say('Start the lab: three phones on this machine, ready to call each other.');
  return say('One moment.');
}
