import { element } from '../element';
import { say } from '../texts';
import { watchTheme } from '../theme';
import { defineControls } from '../toolkit';
import { MapPage } from './map-page';
import type { DiagramKind, DiagramMemory, FromDiagram, ToDiagram } from './protocol';
import { PicturePage } from './picture-page';
import './style.css';
import { TransferPage } from './transfer-page';

interface VSCodeApi {
  postMessage(message: FromDiagram): void;
  getState(): unknown;
  setState(state: DiagramMemory): void;
}

const kinds = ['map', 'transfer', 'picture'] as const satisfies readonly DiagramKind[];

declare function acquireVsCodeApi(): VSCodeApi;

/** Puts a page with one diagram together: what the extension sends is shown, what the person does is reported. */
function open(): void {
  defineControls();
  const api = acquireVsCodeApi();
  const kind: DiagramKind = kinds.find((one) => one === document.body.dataset['kind']) ?? 'map';
  let memory = recall(api.getState(), { kind, source: '', transfer: document.body.dataset['transfer'] ?? '', part: '' });
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
  const picture = new PicturePage({ onTrouble, onDrawn: (data) => api.postMessage({ type: 'picture', data }) });
  const page = { map, transfer, picture }[kind];
  const welcome = element('p', 'welcome');
  const [first] = page.elements;
  if (kind !== 'picture') first?.prepend(element('h1', 'unseen', kind === 'map' ? say('Dialog map') : say('State of a transfer')));
  document.body.append(welcome, ...page.elements);

  window.addEventListener('message', ({ data: { view } }: MessageEvent<ToDiagram>) => {
    welcome.textContent = view.welcome;
    welcome.hidden = view.diagram !== '';
    for (const part of page.elements) part.hidden = view.diagram === '';
    switch (view.kind) {
      case 'map':
        map.show(view);
        return;
      case 'transfer':
        transfer.show(view);
        return;
      case 'picture':
        picture.show(view);
    }
  });
  watchTheme(() => {
    map.redraw();
    transfer.redraw();
  });
  remember({ source: document.body.dataset['source'] ?? '' });
  api.postMessage({ type: 'ready', transfer: memory.transfer });
}

/** What the page kept, or `fresh` the first time. Ours: nobody else writes there. */
function recall(state: unknown, fresh: DiagramMemory): DiagramMemory {
  if (typeof state !== 'object' || state === null || !('kind' in state)) return fresh;
  return { ...fresh, ...(state as Partial<DiagramMemory>) };
}

open();
