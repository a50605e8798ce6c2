import { Controls } from './controls';
import { Host } from './host';
import { Ladder } from './ladder';
import type { PanelAction } from './protocol';
import './style.css';
import { Summary } from './summary';
import { watchTheme } from './theme';
import { defineControls } from './toolkit';
import { Welcome } from './welcome';

/** Puts the panel together: what the extension sends is shown, what the person does is reported. */
function open(): void {
  defineControls();
  const host = new Host();
  const memory = host.recall();
  const follow = memory?.follow ?? document.body.dataset['follow'] !== 'false';
  const openMessage = (id: string, focus: boolean): void => host.post({ type: 'open', id, focus });
  const act = (action: PanelAction): void => host.post({ type: 'action', action });
  const ladder = new Ladder({
    follow,
    anchor: memory?.anchor,
    onFollow: (on) => controls.showFollow(on),
    onPlace: (anchor) => host.remember({ follow: ladder.following.on, anchor }),
    onOpen: openMessage,
    onTrouble: (error) => host.post({ type: 'trouble', text: error instanceof Error ? error.message : String(error) }),
  });
  const controls = new Controls({
    follow,
    onFollow: (on) => ladder.following.set(on),
    onMethod: (method) => host.post({ type: 'filter', method }),
    onAction: act,
  });
  const summary = new Summary(openMessage);
  const welcome = new Welcome(act);
  document.body.append(controls.element, summary.element, welcome.element, ladder.element);

  host.listen((message) => {
    if (message.type === 'mark') {
      ladder.mark(message.id);
      return;
    }
    const { view } = message;
    controls.show(view);
    summary.show(view);
    welcome.show(view);
    ladder.element.hidden = view.rows.length === 0;
    ladder.show(view);
  });
  watchTheme(() => ladder.redraw());
  host.post({ type: 'ready' });
}

open();
