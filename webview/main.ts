import { ComparisonView } from './comparison';
import { Controls } from './controls';
import { element } from './element';
import { Host } from './host';
import { LadderView } from './ladder-view';
import type { PanelAction, PanelView } from './protocol';
import './style.css';
import { listenForSearch } from './search-keys';
import { Summary } from './summary';
import { say } from './texts';
import { watchTheme } from './theme';
import { defineControls } from './toolkit';
import { Welcome } from './welcome';

/** Puts the panel together: what the extension sends is shown, what the person does is reported. */
function open(): void {
  defineControls();
  const host = new Host();
  const openMessage = (id: string, focus: boolean): void => host.post({ type: 'open', id, focus });
  const act = (action: PanelAction): void => host.post({ type: 'action', action });
  const memory = host.recall();
  const ladder = new LadderView({
    memory: memory ?? { follow: document.body.dataset['follow'] !== 'false' },
    onRemember: (next) => host.remember(next),
    onArrange: (options) => host.post({ type: 'arrange', options }),
    onSearch: (text) => host.post({ type: 'search', text }),
    onOpen: openMessage,
    onFollow: (on) => controls.showFollow(on),
    onEarlier: () => act('open-earlier'),
    onTrouble: (error) => host.post({ type: 'trouble', text: error instanceof Error ? error.message : String(error) }),
  });
  const controls = new Controls({
    follow: ladder.follow,
    onFollow: (on) => (ladder.follow = on),
    onAction: act,
    view: {
      onArrange: (options) => host.post({ type: 'arrange', options }),
      onLook: (look) => {
        ladder.setLook(look);
        controls.showLook(ladder.look);
      },
      onCompare: () => {
        const isShown = comparison.element.hidden === false;
        showComparison(!isShown);
        if (!isShown) host.post({ type: 'compare', left: '', right: '' });
      },
      onFit: () => {
        ladder.fit();
        controls.showLook(ladder.look);
      },
    },
  });
  controls.showLook(ladder.look);
  const comparison = new ComparisonView({
    onCompare: (left, right) => host.post({ type: 'compare', left, right }),
    onOpen: openMessage,
    onClose: () => showComparison(false),
  });
  const showComparison = (on: boolean): void => {
    comparison.element.hidden = !on;
    ladder.element.classList.toggle('behind', on);
  };
  const summary = new Summary(openMessage);
  const welcome = new Welcome(act);
  controls.element.prepend(element('h1', 'unseen', say('Ladder of calls')));
  document.body.append(controls.element, summary.element, welcome.element, comparison.element, ladder.element);
  let view: Pick<PanelView, 'phase' | 'file'> | undefined;

  const canSearch = (): boolean => comparison.element.hidden && ladder.rows > 0;

  host.listen((message) => {
    switch (message.type) {
      case 'mark':
        ladder.mark(message.id);
        return;
      case 'view':
        view = message.view;
        controls.show(message.view);
        summary.show(message.view);
        break;
      case 'open-finder':
        if (canSearch()) ladder.search.open();
        return;
      case 'found':
        ladder.found(message.found);
        return;
      case 'find':
        ladder.search.resume(message.text);
        return;
      case 'chosen':
        ladder.choose(message.chosen);
        return;
      case 'comparison':
        comparison.show(message.comparison);
        return;
      case 'ladder':
        ladder.take(message.patch);
        controls.showOptions(message.patch);
        if (message.patch.hidden !== undefined) controls.showHidden(message.patch.hidden);
        break;
    }
    if (view !== undefined) welcome.show(view, ladder.rows, ladder.isFiltered);
  });
  listenForSearch(ladder.search, canSearch);
  watchTheme(() => ladder.redraw());
  // Not only when something is done with it: a page that is never touched comes back, too.
  if (memory === undefined) host.remember({ follow: ladder.follow });
  host.post({ type: 'ready', options: memory?.options ?? {} });
  ladder.search.resume(memory?.search ?? '');
}

open();
