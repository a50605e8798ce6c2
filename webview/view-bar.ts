import { element } from './element';
import type { LadderLook, LadderOptions } from './protocol';
import { say } from './texts';
import { type Control, createButton, createCheckbox, createDropdown } from './toolkit';

export interface ViewBarActions {
  /** Another choice of what is shown. */
  readonly onArrange: (options: Partial<LadderOptions>) => void;
  /** Another look of it. */
  readonly onLook: (look: Partial<LadderLook>) => void;
  readonly onFit: () => void;
  readonly onCompare: () => void;
}

const zoomStep = 1.2;
export const leastZoom = 0.25;
export const greatestZoom = 3;

/** The second bar: which messages, how put together, and how they look. */
export class ViewBar {
  readonly element = element('div', 'bar view-bar');
  readonly #methods;
  readonly #groups;
  readonly #times;
  readonly #colours;
  readonly #hosts;
  readonly #details;
  readonly #table;
  readonly #zoom = element('span', 'zoom');
  readonly #hidden = element('span', 'hidden-lanes');
  readonly #actions: ViewBarActions;
  #known: readonly string[] = [];
  #method = '';
  #look: LadderLook | undefined;

  constructor(actions: ViewBarActions) {
    const { onArrange, onLook, onFit, onCompare } = actions;
    this.#actions = actions;
    this.element.hidden = true;
    this.#methods = createDropdown({
      label: say('Show messages of'),
      title: say('Show the messages of one method only'),
      onChoose: (method) => onArrange({ method }),
    });
    this.#groups = createDropdown({
      label: say('Group by'),
      title: say('Put the messages of a call or of a transfer together'),
      onChoose: (grouping) => onArrange({ grouping: oneOf(groupings, grouping) }),
    });
    this.#times = createDropdown({
      label: say('Time'),
      title: say('What the column of times says'),
      onChoose: (time) => onLook({ time: oneOf(times, time) }),
    });
    this.#colours = createDropdown({
      label: say('Colour by'),
      title: say('What gives an arrow its colour'),
      onChoose: (colour) => onLook({ colour: oneOf(colours, colour) }),
    });
    this.#hosts = createCheckbox({
      label: say('One lane for a host'),
      title: say('Addresses of one host share a lane'),
      checked: false,
      onChange: (byHost) => onArrange({ byHost }),
    });
    this.#details = createCheckbox({
      label: say('More notes'),
      title: say('Say in notes when calls are up and over, and each step of a transfer'),
      checked: false,
      onChange: (details) => onArrange({ details }),
    });
    this.#table = createCheckbox({
      label: say('Table'),
      title: say('Show the same as a table, for reading'),
      checked: false,
      onChange: (table) => onLook({ table }),
    });
    const zoomBy = (factor: number) => () => {
      const zoom = (this.#look?.zoom ?? 1) * factor;
      onLook({ zoom: Math.min(greatestZoom, Math.max(leastZoom, zoom)) });
    };
    const button = (label: string, icon: string, onPress: () => void): HTMLElement =>
      createButton({ label, title: label, icon, onPress }).element;
    this.element.append(
      ...[this.#methods, this.#groups, this.#times, this.#colours, this.#hosts, this.#details, this.#table].map((one) => one.element),
      button(say('Smaller'), 'zoom-out', zoomBy(1 / zoomStep)),
      this.#zoom,
      button(say('Larger'), 'zoom-in', zoomBy(zoomStep)),
      button(say('Fit'), 'screen-full', onFit),
      button(say('Compare calls'), 'diff', onCompare),
      this.#hidden,
    );
  }

  toggle(): void {
    this.element.hidden = !this.element.hidden;
  }

  showMethods(methods: readonly string[]): void {
    this.#known = methods;
    this.#showMethods();
  }

  showOptions({ method, grouping, byHost, details }: LadderOptions): void {
    this.#method = method;
    this.#showMethods();
    show(this.#groups, groupings, grouping);
    this.#hosts.show(byHost);
    this.#details.show(details);
  }

  showLook(look: LadderLook): void {
    this.#look = look;
    show(this.#times, times, look.time);
    show(this.#colours, colours, look.colour);
    this.#table.show(look.table);
    this.#zoom.textContent = `${Math.round(look.zoom * 100)} %`;
  }

  /** The lanes that are left out, each with a way back. */
  showHidden(hidden: readonly (readonly [id: string, name: string])[]): void {
    this.#hidden.replaceChildren(
      ...hidden.map(([id, name]) => {
        const button = element('button', 'hidden-lane', say('Show {0}', name));
        button.type = 'button';
        const rest = hidden.map(([other]) => other).filter((other) => other !== id);
        button.addEventListener('click', () => this.#actions.onArrange({ hidden: rest }));
        return button;
      }),
    );
    if (hidden.length > 0) this.element.hidden = false;
  }

  #showMethods(): void {
    const choices = this.#known.map((method) => ({ value: method, label: method }));
    this.#methods.show({ choices: [{ value: '', label: say('All messages') }, ...choices], chosen: this.#method });
  }
}

const groupings = { none: say('In order of time'), transfer: say('By transfer'), call: say('By call') } as const;
const times = { none: say('No times'), relative: say('Since the start'), delta: say('Since the row before'), absolute: say('Time of day') } as const;
const colours = { kind: say('Colour by kind'), dialog: say('Colour by dialog'), transfer: say('Colour by transfer') } as const;

function oneOf<Value extends string>(choices: Readonly<Record<Value, string>>, value: string): Value {
  const [first] = Object.keys(choices) as Value[];
  return value in choices || first === undefined ? (value as Value) : first;
}

function show(dropdown: Control<{ choices: { value: string; label: string }[]; chosen: string }>, choices: Readonly<Record<string, string>>, chosen: string): void {
  dropdown.show({ choices: Object.entries(choices).map(([value, label]) => ({ value, label })), chosen });
}
