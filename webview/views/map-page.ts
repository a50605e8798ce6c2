import { element, icon } from '../element';
import { say } from '../texts';
import { createButton } from '../toolkit';
import { Canvas, type Drawn } from './canvas';
import type { ActionGroup, MapPart, MapView, ViewAction } from './protocol';
import { type Choosable, Roving } from './roving';

/** Below this width, in CSS pixels, three parties and their calls do not stand side by side. */
const narrow = 560;

/** The dialog map: who is connected to whom, and what can be done about whatever is chosen in it. */
export class MapPage {
  readonly elements: readonly HTMLElement[];
  readonly #canvas: Canvas;
  readonly #roving: Roving;
  readonly #choice = element('section', 'choice');
  readonly #options: MapPageOptions;
  #view: MapView | undefined;
  #part: string;
  #shownChoice = '';

  constructor(part: string, options: MapPageOptions) {
    this.#part = part;
    this.#options = options;
    this.#canvas = new Canvas({ onDrawn: (drawn) => this.#onDrawn(drawn), onTrouble: options.onTrouble });
    this.#roving = new Roving(this.#canvas.element, (id, again) => this.#choose(id, again));
    this.#choice.setAttribute('aria-label', say('What is chosen'));
    this.#choice.setAttribute('aria-live', 'polite');
    this.elements = [this.#canvas.element, this.#choice];
    new ResizeObserver(() => {
      if (this.#view !== undefined) this.#canvas.show(this.#directed(this.#view));
    }).observe(this.#canvas.element);
  }

  show(view: MapView): void {
    this.#view = view;
    const isDrawnAnew = this.#canvas.show(this.#directed(view));
    // The old drawing keeps its parts until the new one is there.
    if (!isDrawnAnew && this.#canvas.drawn !== undefined) this.#mark(this.#canvas.drawn);
    this.#showChoice();
  }

  redraw(): void {
    this.#canvas.redraw();
  }

  /** From left to right, as the extension writes it; where the page is narrow and tall, from top to bottom. */
  #directed({ diagram }: MapView): string {
    const { clientWidth, clientHeight } = this.#canvas.element;
    const isTall = clientWidth > 0 && clientWidth < narrow && clientHeight > clientWidth;
    return isTall ? diagram.replace(/^flowchart LR/, 'flowchart TB') : diagram;
  }

  #onDrawn(drawn: Drawn): void {
    const focused = this.#roving.focusedId();
    drawn.svg.setAttribute('role', 'group');
    drawn.svg.setAttribute('aria-label', say('Dialog map: the parties and their calls. Arrow keys go from one to the next, a blank chooses it.'));
    for (const { path } of drawn.edges.values()) widen(path);
    this.#roving.show(this.#choosable(drawn));
    this.#roving.focus(focused);
    this.#mark(drawn);
  }

  #choosable({ nodes, edges }: Drawn): readonly Choosable[] {
    return (this.#view?.parts ?? []).flatMap(({ id, kind, label }) => {
      const found = kind === 'party' ? nodes.get(id) : edges.get(id)?.label;
      return found === undefined ? [] : [{ id, element: found, label }];
    });
  }

  #mark({ nodes, edges }: Drawn): void {
    for (const part of this.#view?.parts ?? []) {
      const edge = edges.get(part.id);
      const elements = part.kind === 'party' ? [nodes.get(part.id)] : [edge?.path, edge?.label];
      for (const one of elements) {
        one?.classList.add('part', part.tone);
        one?.classList.toggle('chosen', part.id === this.#part);
        if (one instanceof SVGGElement) one.setAttribute('aria-pressed', String(part.id === this.#part));
      }
    }
  }

  #choose(id: string, again: boolean): void {
    this.#part = id;
    if (this.#canvas.drawn !== undefined) this.#mark(this.#canvas.drawn);
    this.#showChoice();
    this.#options.onChoose(id);
    const message = this.#view?.parts.find((part) => part.id === id)?.message;
    if (message !== undefined) this.#options.onOpen(message, again);
  }

  #showChoice(): void {
    const part = this.#view?.parts.find(({ id }) => id === this.#part);
    // Made anew, a button would lose the focus, and a live region would be read out again.
    const next = JSON.stringify([part, this.#view?.hidden, this.#view?.diagram === '']);
    if (next === this.#shownChoice) return;
    this.#shownChoice = next;
    this.#choice.hidden = this.#view === undefined || this.#view.diagram === '';
    this.#choice.replaceChildren(...this.#choiceParts(part));
  }

  #choiceParts(part: MapPart | undefined): readonly HTMLElement[] {
    const hidden = this.#view?.hidden ?? 0;
    const more = hidden === 0 ? [] : [element('p', 'muted', say('{0} more without a call', hidden))];
    const isFile = this.#view?.isFile === true;
    const hint = isFile ? say('Choose a call to see where it began in the trace.') : say('Choose a party or a call to see what can be done with it.');
    if (part === undefined) return [element('p', 'muted', hint), ...more];
    const title = element('h2', '', part.label);
    const groups = part.groups.map((group) => this.#group(group));
    const none = groups.length === 0 && !isFile ? [element('p', 'muted', part.kind === 'party' ? say('Not a phone of this lab.') : say('No phone of this lab is in this call.'))] : [];
    return [title, ...groups, ...none, ...more];
  }

  #group({ title, actions }: ActionGroup): HTMLElement {
    const group = element('div', 'actions');
    group.setAttribute('role', 'group');
    group.setAttribute('aria-label', title);
    group.append(icon(actions.some(({ call }) => call !== undefined) ? 'call-outgoing' : 'device-mobile'), element('span', 'of', title), ...actions.map((action) => this.#button(action)));
    return group;
  }

  #button(action: ViewAction): HTMLElement {
    return createButton({ label: action.title, title: action.title, icon: action.icon, onPress: () => this.#options.onRun(action) }).element;
  }
}

interface MapPageOptions {
  readonly onChoose: (part: string) => void;
  readonly onOpen: (message: string, focus: boolean) => void;
  readonly onRun: (action: ViewAction) => void;
  readonly onTrouble: (error: unknown) => void;
}

/** A line is too thin to be met by a pointer: a copy that cannot be seen is wide enough. */
function widen(path: SVGPathElement): void {
  if (path.classList.contains('edge-thickness-invisible')) return;
  const field = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  field.setAttribute('d', path.getAttribute('d') ?? '');
  field.setAttribute('class', 'field');
  path.after(field);
}
