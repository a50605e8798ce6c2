import { element } from '../element';
import { watchTheme } from '../theme';
import { defineControls } from '../toolkit';
import { MapPage } from './map-page';
import type { DiagramKind, DiagramMemory, FromDiagram, ToDiagram } from './protocol';
import './style.css';
import { TransferPage } from './transfer-page';

interface VSCodeApi {
  postMessage(message: FromDiagram): void;
  getState(): unknown;
  setState(state: DiagramMemory): void;
}

declare function acquireVsCodeApi(): VSCodeApi;

/** Puts a page with one diagram together: what the extension sends is shown, what the person does is reported. */
function open(): void {
  defineControls();
  const api = acquireVsCodeApi();
  const kind: DiagramKind = document.body.dataset['kind'] === 'transfer' ? 'transfer' : 'map';
  let memory = recall(api.getState(), { kind, transfer: document.body.dataset['transfer'] ?? '', part: '' });
  const remember = (change: Partial<DiagramMemory>): void => {
    memory = { ...memory, ...change };
    api.setState(memory);
  };
  const onOpen = (id: string, focus: boolean): void => api.postMessage({ type: 'open', id, focus });
  const onTrouble = (error: unknown): void => api.postMessage({ type: 'trouble', text: error instanceof Error ? error.message : String(error) });
  const map = new MapPage(memory.part, {
    onOpen,
    onTrouble,
    onChoose: (part) => remember({ part }),
    onRun: ({ command, phone, call }) => api.postMessage({ type: 'run', command, phone, call }),
  });
  const transfer = new TransferPage({
    onOpen,
    onTrouble,
    onChoose: (id) => {
      remember({ transfer: id });
      api.postMessage({ type: 'choose', transfer: id });
    },
  });
  const page = kind === 'map' ? map : transfer;
  const welcome = element('p', 'welcome');
  document.body.append(welcome, ...page.elements);

  window.addEventListener('message', ({ data: { view } }: MessageEvent<ToDiagram>) => {
    welcome.textContent = view.welcome;
    welcome.hidden = view.diagram !== '';
    for (const part of page.elements) part.hidden = view.diagram === '';
    if (view.kind === 'map') map.show(view);
    else transfer.show(view);
  });
  watchTheme(() => page.redraw());
  remember({});
  api.postMessage({ type: 'ready', transfer: memory.transfer });
}

/** What the page kept, or `fresh` the first time. Ours: nobody else writes there. */
function recall(state: unknown, fresh: DiagramMemory): DiagramMemory {
  if (typeof state !== 'object' || state === null || !('kind' in state)) return fresh;
  return { ...fresh, ...(state as Partial<DiagramMemory>) };
}

open();
