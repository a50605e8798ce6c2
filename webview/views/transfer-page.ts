import { element } from '../element';
import { say } from '../texts';
import { createDropdown } from '../toolkit';
import { showVerdict } from '../verdict-banner';
import { Canvas, type Drawn } from './canvas';
import type { TransferMove, TransferView } from './protocol';
import { type Choosable, Roving } from './roving';

/** The state machine of one transfer: where it stands, how it came there, and by which messages. */
export class TransferPage {
  readonly elements: readonly HTMLElement[];
  readonly #canvas: Canvas;
  readonly #roving: Roving;
  readonly #head = element('header', 'head');
  readonly #choice;
  readonly #verdict = element('div', 'transfer');
  readonly #moves = element('ol', 'moves');
  readonly #options: TransferPageOptions;
  #view: TransferView | undefined;
  #shownVerdict = '';
  #shownMoves = '';
  #now = '';

  constructor(options: TransferPageOptions) {
    this.#options = options;
    this.#canvas = new Canvas({ onDrawn: (drawn) => this.#onDrawn(drawn), onTrouble: options.onTrouble });
    this.#roving = new Roving(this.#canvas.element, (id, again) => this.#press(id, again));
    this.#choice = createDropdown({ label: say('Transfer'), title: say('Which transfer to show'), onChoose: options.onChoose });
    this.#verdict.setAttribute('aria-live', 'polite');
    this.#head.append(this.#choice.element, this.#verdict);
    const side = element('aside', 'side');
    side.setAttribute('aria-label', say('The steps it took'));
    side.append(element('h2', '', say('Steps')), this.#moves);
    const body = element('div', 'body');
    body.append(this.#canvas.element, side);
    this.elements = [this.#head, body];
  }

  show(view: TransferView): void {
    this.#view = view;
    for (const part of this.elements) part.hidden = view.diagram === '';
    this.#choice.show({
      choices: [{ value: '', label: say('The newest transfer') }, ...view.transfers.map(({ id, title }) => ({ value: id, label: title }))],
      chosen: view.chosen,
    });
    this.#showVerdict(view);
    this.#showMoves(view);
    if (!this.#canvas.show(view.diagram) && this.#canvas.drawn !== undefined) this.#onDrawn(this.#canvas.drawn);
  }

  redraw(): void {
    this.#canvas.redraw();
  }

  #showVerdict({ verdict, title, reason }: TransferView): void {
    const next = JSON.stringify([verdict, title, reason]);
    if (next === this.#shownVerdict) return;
    this.#shownVerdict = next;
    showVerdict(this.#verdict, { verdict, title, reason });
  }

  #showMoves({ moves }: TransferView): void {
    const next = JSON.stringify(moves);
    if (next === this.#shownMoves) return;
    this.#shownMoves = next;
    this.#moves.replaceChildren(...moves.map((move) => this.#moveItem(move)));
  }

  #moveItem({ label, time, to, message }: TransferMove): HTMLLIElement {
    const item = element('li', 'move');
    const words = element('span', 'what', label);
    if (message === undefined) {item.append(words);}
    else {
      const open = element('button', 'open', label);
      open.type = 'button';
      open.title = say('Opens the message in the trace');
      open.addEventListener('click', ({ detail }) => this.#options.onOpen(message, detail > 1));
      item.append(open);
    }
    item.append(element('span', 'time', time), element('span', 'to', to));
    return item;
  }

  #onDrawn({ svg, nodes, edges }: Drawn): void {
    const view = this.#view;
    if (view === undefined) return;
    const focused = this.#roving.focusedId();
    svg.setAttribute('role', 'group');
    svg.setAttribute('aria-label', say('State machine of the transfer. Arrow keys go along the path it took, a blank shows the message.'));
    for (const { id, reached } of view.states) nodes.get(id)?.classList.add('state', reached);
    const choosable: Choosable[] = [];
    for (const { id, label, move } of view.states) {
      const node = nodes.get(id);
      if (node !== undefined && move !== undefined) choosable.push({ id: `state ${id}`, element: node, label });
    }
    view.lines.forEach(({ label, moves }, index) => {
      // The first line of the diagram is the one from its start.
      const edge = edges.get(`edge${index + 1}`);
      for (const part of [edge?.path, edge?.label]) part?.classList.add('line', moves.length > 0 ? 'taken' : 'ahead');
      const [first] = moves;
      const move = first === undefined ? undefined : view.moves[first];
      if (edge?.label !== undefined && move?.message !== undefined) choosable.push({ id: `line ${index}`, element: edge.label, label: `${label}, to: ${move.to}` });
    });
    this.#roving.show(inOrder(choosable, view));
    this.#roving.focus(focused);
    this.#follow(nodes);
  }

  /** Brings the present state into view when it has changed. */
  #follow(nodes: Drawn['nodes']): void {
    const now = this.#view?.states.find(({ reached }) => reached === 'now')?.id ?? '';
    if (now === this.#now) return;
    this.#now = now;
    nodes.get(now)?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }

  #press(id: string, again: boolean): void {
    const view = this.#view;
    const [kind, name = ''] = id.split(' ');
    const index = kind === 'state' ? view?.states.find((state) => state.id === name)?.move : view?.lines[Number(name)]?.moves.at(-1);
    const message = index === undefined ? undefined : view?.moves[index]?.message;
    if (message !== undefined) this.#options.onOpen(message, again);
  }
}

interface TransferPageOptions {
  readonly onChoose: (transfer: string) => void;
  readonly onOpen: (message: string, focus: boolean) => void;
  readonly onTrouble: (error: unknown) => void;
}

/** Along the path: each line before the state it led to. */
function inOrder(parts: readonly Choosable[], { states, lines }: TransferView): readonly Choosable[] {
  const rank = ({ id }: Choosable): number => {
    const [kind, name = ''] = id.split(' ');
    const move = kind === 'state' ? states.find((state) => state.id === name)?.move : lines[Number(name)]?.moves[0];
    return 2 * (move ?? 0) + (kind === 'state' ? 1 : 0);
  };
  return [...parts].sort((a, b) => rank(a) - rank(b));
}
