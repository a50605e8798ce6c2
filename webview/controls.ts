import { element } from './element';
import { showProblems } from './finder';
import type { LadderLook, LadderPatch, PanelAction, PanelView } from './protocol';
import { say } from './texts';
import { createButton, createCheckbox, createTextField } from './toolkit';
import { ViewBar, type ViewBarActions } from './view-bar';

const phases: Readonly<Record<PanelView['phase'], string>> = {
  stopped: say('Lab stopped'),
  starting: say('Lab starts'),
  running: say('Lab runs'),
  stopping: say('Lab stops'),
};

/** The bars at the top: the lab's state, and what can be done with the ladder. */
export class Controls {
  readonly element = element('header', 'controls');
  readonly #state = element('span', 'state');
  readonly #follow;
  readonly #filter;
  readonly #pause;
  readonly #problems = element('p', 'problem');
  readonly #waiting = element('span', 'waiting');
  readonly #needRows;
  /** What makes no sense where nothing new comes. */
  readonly #liveOnly: readonly HTMLElement[];
  readonly #bar: ViewBar;
  #isPaused = false;

  constructor(options: {
    readonly follow: boolean;
    readonly onFollow: (on: boolean) => void;
    readonly onAction: (action: PanelAction) => void;
    readonly view: ViewBarActions;
  }) {
    const act = (action: PanelAction) => () => options.onAction(action);
    const { onArrange } = options.view;
    this.#bar = new ViewBar(options.view);
    this.#follow = createCheckbox({
      label: say('Follow'),
      title: say('Keep the newest message in view'),
      checked: options.follow,
      onChange: options.onFollow,
    });
    this.#filter = createTextField({
      label: say('Filter'),
      placeholder: say('Filter: words, method:REFER, status:4xx, from:alice, -OPTIONS'),
      title: say('Shows the messages that have all these words; a minus before a word leaves them out'),
      onInput: (query) => onArrange({ query }),
    });
    this.#pause = createButton({
      label: say('Pause'),
      title: say('Shows nothing new until it is pressed again; nothing is lost'),
      icon: 'debug-pause',
      onPress: () => onArrange({ paused: !this.#isPaused }),
    });
    const trace = createButton({
      label: say('Trace'),
      title: say('Open the trace: every message in full'),
      icon: 'output',
      onPress: act('open-trace'),
    });
    const map = createButton({
      label: say('Map'),
      title: say('Who is connected to whom now, in a panel of its own'),
      icon: 'type-hierarchy',
      onPress: act('open-map'),
    });
    const transfer = createButton({
      label: say('Transfer'),
      title: say('The state machine of the newest transfer, in a panel of its own'),
      icon: 'git-commit',
      onPress: act('open-transfer'),
    });
    const exporting = createButton({
      label: say('Export'),
      title: say('Copy or save it: as Mermaid, Markdown, a picture or a page of its own'),
      icon: 'export',
      onPress: act('export'),
    });
    const clearing = createButton({
      label: say('Clear'),
      title: say('Leave out everything up to now; the trace keeps it'),
      icon: 'clear-all',
      onPress: act('clear'),
    });
    const view = createButton({
      label: say('View'),
      title: say('Show or hide the choices of what is shown, and how'),
      icon: 'settings',
      onPress: () => this.#bar.toggle(),
    });
    this.#needRows = [trace, exporting, clearing, this.#pause];
    this.#liveOnly = [this.#follow, this.#pause, clearing].map((control) => control.element);
    this.#waiting.setAttribute('role', 'status');
    const first = element('div', 'bar');
    first.append(
      ...[this.#state, this.#filter.element, this.#waiting, this.#follow.element],
      ...[this.#pause, view, trace, map, transfer, exporting, clearing].map((button) => button.element),
    );
    this.#problems.hidden = true;
    this.#problems.setAttribute('role', 'status');
    this.element.append(first, this.#problems, this.#bar.element);
  }

  show(view: PanelView): void {
    const { file } = view;
    this.#state.textContent = file?.name ?? phases[view.phase];
    this.#state.title = file?.name ?? '';
    this.#state.dataset['phase'] = file === undefined ? view.phase : 'file';
    for (const one of this.#liveOnly) one.hidden = file !== undefined;
    this.#bar.showMethods(view.methods);
    for (const button of this.#needRows) button.show({ enabled: view.methods.length > 0 });
  }

  showOptions({ options, problems, waiting }: Pick<LadderPatch, 'options' | 'problems' | 'waiting'>): void {
    this.#filter.show(options.query);
    showProblems(this.#problems, options.query, problems);
    this.#isPaused = options.paused;
    this.#pause.element.classList.toggle('pressed', options.paused);
    this.#pause.element.setAttribute('aria-pressed', String(options.paused));
    this.#waiting.textContent = options.paused ? say('Paused; {0} more messages', waiting) : '';
    this.#bar.showOptions(options);
  }

  showLook(look: LadderLook): void {
    this.#bar.showLook(look);
  }

  showHidden(hidden: readonly (readonly [id: string, name: string])[]): void {
    this.#bar.showHidden(hidden);
  }

  showFollow(on: boolean): void {
    this.#follow.show(on);
  }
}
