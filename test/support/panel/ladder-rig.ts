import type { LadderOptions, PanelEarlier, PanelView, FromPanel } from '../../../webview/protocol';
import { lintRules, type TraceModel } from '../../../src/trace';
import { buildComparison } from '../../../src/vscode/panel/comparison';
import { LadderFeed, type LadderSource } from '../../../src/vscode/panel/ladder-feed';
import { LadderSearch } from '../../../src/vscode/panel/ladder-search';
import { PanelPage, type PanelPageOptions } from './panel-page';

const lints = new Set(lintRules.map(({ id }) => id));
const view: PanelView = { phase: 'running', transfers: [], olderTransfers: 0, hearing: [], methods: ['ACK', 'BYE', 'INVITE'] };

/** The panel's page with the ladder of a trace in it, fed as the extension feeds it. */
export class LadderRig {
  readonly panel: PanelPage;
  /** Everything the page said, in order. */
  readonly said: FromPanel[] = [];
  trace: TraceModel;
  /** What an archive says that there is of what the trace has forgotten. */
  earlier: PanelEarlier | undefined;
  readonly #feed: LadderFeed;
  readonly #search: LadderSearch;

  private constructor(trace: TraceModel, panel: PanelPage) {
    const later = (run: () => void): void => void setTimeout(run);
    this.trace = trace;
    this.panel = panel;
    this.#search = new LadderSearch((found) => panel.post({ type: 'found', found }), later);
    this.#feed = new LadderFeed((patch) => {
      panel.post({ type: 'ladder', patch });
      this.#search.update({ trace: this.trace, rows: this.#feed.rows });
    }, later);
  }

  static async open(trace: TraceModel, options: Omit<PanelPageOptions, 'onMessage'> = {}): Promise<LadderRig> {
    const rigs: LadderRig[] = [];
    const panel = await PanelPage.open({ ...options, onMessage: (message) => rigs[0]?.onMessage(message) });
    const rig = new LadderRig(trace, panel);
    rigs.push(rig);
    await panel.load();
    await rig.hasDrawn();
    return rig;
  }

  onMessage(message: FromPanel): void {
    this.said.push(message);
    if (message.type === 'ready') {
      this.panel.post({ type: 'view', view });
      this.#feed.restart();
      this.#search.restart();
    }
    if (message.type === 'search') this.#search.find(message.text, { trace: this.trace, rows: this.#feed.rows });
    if (message.type === 'compare') {
      this.panel.post({ type: 'comparison', comparison: buildComparison(this.trace, message.left, message.right) });
    }
    if (message.type === 'ready' || message.type === 'arrange') {
      this.#feed.onMessage({ type: 'arrange', options: message.options }, this.source());
    }
  }

  update(): void {
    this.#feed.update(this.source());
  }

  arrange(options: Partial<LadderOptions>): void {
    this.#feed.onMessage({ type: 'arrange', options }, this.source());
  }

  /** Waits until Mermaid has drawn (or failed to draw) every chunk that is on the page. */
  async hasDrawn(): Promise<void> {
    await this.panel.until(`
      document.querySelectorAll('.chunk').length > 0 &&
      [...document.querySelectorAll('.chunk')].every((chunk) => chunk.dataset.drawn !== 'no')`);
  }

  evaluate<Result>(script: string): Promise<Result> {
    return this.panel.page.evaluate<Result>(script);
  }

  async close(): Promise<void> {
    this.#feed.dispose();
    await this.panel.close();
  }

  source(): LadderSource {
    return { trace: this.trace, clearedBefore: 0, origin: Date.UTC(2026, 0, 2, 3, 4, 5), lints, earlier: this.earlier };
  }
}
