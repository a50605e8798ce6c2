import { element } from './element';
import type { PanelAction, PanelView } from './protocol';
import { createButton } from './toolkit';

/** Stands where the ladder will be, as long as there is nothing to draw. */
export class Welcome {
  readonly element = element('div', 'welcome');
  readonly #words = element('p', '');
  readonly #start;
  readonly #place;

  constructor(onAction: (action: PanelAction) => void) {
    this.#start = createButton({
      label: 'Start Lab',
      title: 'Start the phones of the lab',
      isPrimary: true,
      onPress: () => onAction('start'),
    });
    this.#place = createButton({
      label: 'Place Call',
      title: 'Let one phone call another',
      isPrimary: true,
      onPress: () => onAction('place-call'),
    });
    this.element.append(this.#words, this.#start.element, this.#place.element);
  }

  show({ phase, rows, method }: PanelView): void {
    this.element.hidden = rows.length > 0;
    this.#words.textContent = wordsFor(phase, method);
    this.#start.element.hidden = phase !== 'stopped';
    this.#place.element.hidden = phase !== 'running' || method !== '';
  }
}

function wordsFor(phase: PanelView['phase'], method: string): string {
  if (method !== '') return `No message of ${method} since the ladder was cleared.`;
  if (phase === 'running') return 'The phones are up. Place a call, and its ladder draws itself here.';
  if (phase === 'stopped') return 'Start the lab: three phones on this machine, ready to call each other.';
  return 'One moment.';
}
