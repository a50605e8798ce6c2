import { element } from './element';
import type { PanelAction, PanelView } from './protocol';
import { createButton, createCheckbox, createDropdown } from './toolkit';

const phases: Readonly<Record<PanelView['phase'], string>> = {
  stopped: 'Lab stopped',
  starting: 'Lab starts',
  running: 'Lab runs',
  stopping: 'Lab stops',
};

/** The bar at the top: the lab's state, and what can be done with the ladder. */
export class Controls {
  readonly element = element('header', 'controls');
  readonly #state = element('span', 'state');
  readonly #follow;
  readonly #methods;
  readonly #needRows;

  constructor(options: {
    readonly follow: boolean;
    readonly onFollow: (on: boolean) => void;
    readonly onMethod: (method: string) => void;
    readonly onAction: (action: PanelAction) => void;
  }) {
    const act = (action: PanelAction) => () => options.onAction(action);
    this.#follow = createCheckbox({
      label: 'Follow',
      title: 'Keep the newest message in view',
      checked: options.follow,
      onChange: options.onFollow,
    });
    this.#methods = createDropdown({
      label: 'Show messages of',
      title: 'Show the messages of one method only',
      onChoose: options.onMethod,
    });
    const trace = createButton({
      label: 'Trace',
      title: 'Open the trace: every message in full',
      icon: 'output',
      onPress: act('open-trace'),
    });
    const exporting = createButton({
      label: 'Export',
      title: 'Save the whole ladder as a Mermaid file (.mmd)',
      icon: 'export',
      onPress: act('export'),
    });
    const clearing = createButton({
      label: 'Clear',
      title: 'Leave out everything up to now; the trace keeps it',
      icon: 'clear-all',
      onPress: act('clear'),
    });
    this.#needRows = [trace, exporting, clearing];
    this.element.append(
      this.#state,
      this.#follow.element,
      this.#methods.element,
      ...this.#needRows.map((button) => button.element),
    );
  }

  show(view: PanelView): void {
    this.#state.textContent = phases[view.phase];
    this.#state.dataset['phase'] = view.phase;
    this.#methods.show({
      choices: [
        { value: '', label: 'All messages' },
        ...view.methods.map((method) => ({ value: method, label: method })),
      ],
      chosen: view.method,
    });
    for (const button of this.#needRows) button.show({ enabled: view.methods.length > 0 });
  }

  showFollow(on: boolean): void {
    this.#follow.show(on);
  }
}
