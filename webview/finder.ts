import { element, icon } from './element';
import type { PanelProblem } from './protocol';
import { say } from './texts';

/** How long typing must rest until a text is looked for, in milliseconds. */
const typingPause = 120;

export interface FinderActions {
  /** Another text is looked for. */
  readonly onText: (text: string) => void;
  readonly onStep: (step: 1 | -1) => void;
  /** Show what is found, and nothing else. */
  readonly onOnly: (text: string) => void;
  readonly onClose: () => void;
}

/** The widget in which somebody types what they look for: as in the editor, with its keys. */
export class Finder {
  readonly element = element('div', 'finder');
  readonly #actions: FinderActions;
  readonly #field = element('input', 'finder-field');
  readonly #count = element('span', 'finder-count');
  readonly #problems = element('p', 'problem');
  readonly #steps: readonly HTMLButtonElement[];
  #text = '';
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(actions: FinderActions) {
    this.#actions = actions;
    this.element.hidden = true;
    this.element.setAttribute('role', 'search');
    this.element.setAttribute('aria-label', say('Find'));
    this.#field.type = 'text';
    this.#field.spellcheck = false;
    this.#field.placeholder = say('Find in the rows and in all of their messages');
    this.#field.title = say('Words that must all be found; as in the filter, method:REFER, status:4xx, from:alice, -OPTIONS');
    this.#field.setAttribute('aria-label', say('Find'));
    this.#field.setAttribute('aria-describedby', 'finder-problem');
    this.#problems.id = 'finder-problem';
    this.#count.setAttribute('role', 'status');
    const previous = button(say('Previous match'), `${say('Previous match')} (Shift+Enter)`, 'arrow-up', () => actions.onStep(-1));
    const next = button(say('Next match'), `${say('Next match')} (Enter)`, 'arrow-down', () => actions.onStep(1));
    const only = button(say('Show only these'), `${say('Show only these')} (Alt+Enter)`, 'filter', () => this.#only());
    const close = button(say('Close'), `${say('Close')} (Escape)`, 'close', actions.onClose);
    this.#steps = [previous, next, only];
    const line = element('div', 'finder-line');
    line.append(this.#field, this.#count, previous, next, only, close);
    this.element.append(line, this.#problems);
    this.#field.addEventListener('input', () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#take(), typingPause);
    });
    this.element.addEventListener('keydown', (event) => this.#onKey(event));
    this.showCount(0, 0);
  }

  get isOpen(): boolean {
    return !this.element.hidden;
  }

  /** Whether somebody types in it. */
  get hasFocus(): boolean {
    return this.isOpen && document.activeElement === this.#field;
  }

  get text(): string {
    return this.#text;
  }

  /** Opens it, with another text where one is given. */
  open(text: string | undefined, takeFocus: boolean): void {
    this.element.hidden = false;
    if (text !== undefined) {
      this.#text = text;
      this.#field.value = text;
    }
    if (!takeFocus) return;
    this.#field.focus();
    this.#field.select();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.element.hidden = true;
  }

  /** Which of how many the reader is at, counted from 1; 0 for none of them. */
  showCount(place: number, count: number): void {
    const said = count === 0 ? say('No results') : place === 0 ? say('? of {0}', count) : say('{0} of {1}', place, count);
    const text = this.#text === '' ? '' : said;
    // Said again, it would be read out again.
    if (this.#count.textContent !== text) this.#count.textContent = text;
    this.element.classList.toggle('in-vain', this.#text !== '' && count === 0);
    for (const one of this.#steps) one.disabled = count === 0;
  }

  showProblems(problems: readonly PanelProblem[]): void {
    showProblems(this.#problems, this.#text, problems);
    this.#field.setAttribute('aria-invalid', String(problems.length > 0));
  }

  /** What was typed since the last pause. */
  #take(): boolean {
    clearTimeout(this.#timer);
    const text = this.#field.value;
    if (text === this.#text) return false;
    this.#text = text;
    this.#actions.onText(text);
    return true;
  }

  #only(): void {
    this.#take();
    if (this.#text !== '') this.#actions.onOnly(this.#text);
  }

  /** A new text goes to its first match by itself. */
  #onEnter(isBack: boolean): void {
    if (!this.#take()) this.#actions.onStep(isBack ? -1 : 1);
  }

  #onKey(event: KeyboardEvent): void {
    if (event.key === 'Escape') this.#actions.onClose();
    else if (event.key === 'Enter' && event.altKey) this.#only();
    else if (event.key === 'Enter' && event.target === this.#field) this.#onEnter(event.shiftKey);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

/** Says what is wrong with a text, with the wrong part of it marked. */
export function showProblems(shown: HTMLElement, text: string, problems: readonly PanelProblem[]): void {
  const [problem] = problems;
  shown.hidden = problem === undefined;
  const key = JSON.stringify([text, problem]);
  if (shown.dataset['shown'] === key) return;
  shown.dataset['shown'] = key;
  if (problem === undefined) {
    shown.replaceChildren();
    return;
  }
  const { start, end, text: why } = problem;
  shown.replaceChildren(text.slice(0, start), element('mark', 'wrong', text.slice(start, end)), text.slice(end), element('span', 'why', why));
}

function button(label: string, title: string, iconName: string, onPress: () => void): HTMLButtonElement {
  const made = element('button', 'finder-button');
  made.type = 'button';
  made.title = title;
  made.setAttribute('aria-label', label);
  made.append(icon(iconName));
  made.addEventListener('click', onPress);
  return made;
}
