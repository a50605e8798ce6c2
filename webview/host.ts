import type { FromPanel, PanelMemory, ToPanel } from './protocol';

interface VSCodeApi {
  postMessage(message: FromPanel): void;
  getState(): unknown;
  setState(state: PanelMemory): void;
}

declare function acquireVsCodeApi(): VSCodeApi;

/** The extension, as seen from the panel. VS Code lets a page ask for it once. */
export class Host {
  readonly #api = acquireVsCodeApi();

  post(message: FromPanel): void {
    this.#api.postMessage(message);
  }

  listen(listener: (message: ToPanel) => void): void {
    window.addEventListener('message', (event: MessageEvent<ToPanel>) => {
      listener(event.data);
    });
  }

  /** What the panel kept, or undefined the first time. */
  recall(): PanelMemory | undefined {
    const state = this.#api.getState();
    if (typeof state !== 'object' || state === null || !('follow' in state)) return undefined;
    // Ours: nobody else writes there.
    return state as PanelMemory;
  }

  /** The address of the trace goes along: it is what the extension finds it by after a restart. */
  remember(memory: PanelMemory): void {
    this.#api.setState({ ...memory, source: document.body.dataset['source'] });
  }
}
