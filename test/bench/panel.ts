import dgram from 'node:dgram';
import { once } from 'node:events';
import { RealClock } from '../../src/core';
import { buildLadder, toMermaidFile } from '../../src/ladder';
import { lintRules } from '../../src/trace';
import { Coalesced } from '../../src/vscode/lab/coalesced';
import { LadderFeed, ladderPause, type LadderSource } from '../../src/vscode/panel/ladder-feed';
import type { BenchResult } from '../support/measure';
import { PanelPage } from '../support/panel/panel-page';
import { plainPage } from '../support/panel/plain-page';
import { eyes } from '../support/panel/page-eyes';
import { Traffic } from '../support/panel/traffic';

const sizes = [10, 1_000, 10_000];
const rate = 50;
/** Messages sent at each size: at 50 a second, twelve seconds. */
const live = 600;
const lints = new Set(lintRules.map(({ id }) => id));

/** Milliseconds since 1970, with fractions: the same clock as the browser's. */
const now = (): number => performance.timeOrigin + performance.now();

/**
 * The panel's page in a real browser, fed as the extension feeds it, against a page that lets Mermaid draw the whole
 * ladder anew, as a naive panel would. Times from the packet's leaving a UDP socket to the frame that shows its arrow.
 */
export async function bench(): Promise<BenchResult[]> {
  const results: BenchResult[] = [];
  const plain = await PlainMermaid.open();
  const largest = Math.max(...sizes);
  try {
    for (const size of sizes) {
      const rig = await LiveRig.open(size);
      try {
        const first = await rig.firstPaint();
        const text = toMermaidFile(buildLadder(rig.traffic.model));
        const theirs = await plain.draw(text);
        results.push(line(`first paint of ${size} rows`, 'ms', first.painted, theirs.painted));
        if (size === largest) {
          results.push(line(`the same, until Mermaid has drawn what is in view`, 'ms', first.drawn, theirs.painted));
          results.push(line(`the same, from the page's start (Mermaid not waited for)`, 'ms', first.sinceStart, Number.NaN));
          results.push(...scrolling(await rig.scroll(), await plain.scroll()));
          results.push(line(`memory of the page, ${size} rows`, 'MiB', await rig.memory(), await plain.memory()));
        }
        const ours = await rig.live();
        // A naive panel draws all of it again for each message: the least it can take.
        results.push(line(`packet to paint at ${size} rows, p50`, 'ms', ours.p50, theirs.painted));
        results.push(line(`packet to paint at ${size} rows, p95`, 'ms', ours.p95, theirs.painted));
        if (size === largest) results.push(line(`memory of the page after ${live} more`, 'MiB', await rig.memory(), Number.NaN));
      } finally {
        await rig.close();
      }
    }
  } finally {
    await plain.close();
  }
  return results;
}

/** The extension's side with its page: a trace, its feed, and a UDP socket that messages come in by. */
class LiveRig {
  readonly traffic = new Traffic();
  readonly #feed: LadderFeed;
  readonly #panel: PanelPage;
  readonly #ready: Promise<void>;

  private constructor(feed: LadderFeed, panel: PanelPage, ready: Promise<void>) {
    this.#feed = feed;
    this.#panel = panel;
    this.#ready = ready;
  }

  static async open(size: number): Promise<LiveRig> {
    let isReady: () => void = () => undefined;
    const ready = new Promise<void>((resolve) => (isReady = resolve));
    const panel = await PanelPage.open({
      init: eyes,
      onMessage: (message) => {
        if (message.type === 'ready') isReady();
      },
    });
    const feed = new LadderFeed((patch) => panel.post({ type: 'ladder', patch }), (run) => setTimeout(run));
    const rig = new LiveRig(feed, panel, ready);
    rig.traffic.feed(size);
    return rig;
  }

  async firstPaint(): Promise<{ painted: number; drawn: number; sinceStart: number }> {
    const start = now();
    await this.#panel.load();
    await this.#ready;
    const begun = now();
    this.#feed.update(this.#source());
    const painted = await this.#panel.page.evaluate<number>('window.eyes.firstRow');
    const drawn = await this.#panel.page.evaluate<number>('window.eyes.firstDrawing');
    return { painted: painted - begun, drawn: drawn - begun, sinceStart: painted - start };
  }

  /** Fifty messages a second over a real socket. */
  async live(): Promise<{ p50: number; p95: number }> {
    const update = new Coalesced(new RealClock(), ladderPause, () => this.#feed.update(this.#source()));
    const receiver = dgram.createSocket('udp4');
    receiver.bind(0, '127.0.0.1');
    await once(receiver, 'listening');
    const sender = dgram.createSocket('udp4');
    const sentAt = new Map<string, number>();
    receiver.on('message', () => {
      this.traffic.next();
      update.request();
    });
    const { port } = receiver.address();
    for (let index = 0; index < live; index++) {
      sentAt.set(`m${this.traffic.count + 1}`, now());
      sender.send(Buffer.from('next'), port, '127.0.0.1');
      await new Promise((resolve) => setTimeout(resolve, 1000 / rate));
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
    const paintedAt = new Map(await this.#panel.page.evaluate<[string, number][]>('[...window.eyes.rows]'));
    update.dispose();
    receiver.close();
    sender.close();
    const times = [...sentAt].flatMap(([id, at]) => {
      const painted = paintedAt.get(id);
      return painted === undefined ? [] : [painted - at];
    });
    if (times.length < live * 0.98) throw new Error(`Of ${live} messages only ${times.length} were seen on the screen.`);
    return { p50: quantile(times, 0.5), p95: quantile(times, 0.95) };
  }

  scroll(): Promise<ScrollFrames> {
    return this.#panel.page.evaluate(`window.eyes.scroll('.ladder')`);
  }

  memory(): Promise<number> {
    return this.#panel.page.evaluate('window.eyes.memory()');
  }

  async close(): Promise<void> {
    this.#feed.dispose();
    await this.#panel.close();
  }

  #source(): LadderSource {
    return { trace: this.traffic.model, clearedBefore: 0, origin: undefined, lints };
  }
}

interface ScrollFrames {
  readonly frames: number;
  readonly long: number;
}

/** A page that hands the whole ladder to Mermaid. */
class PlainMermaid {
  readonly #panel: PanelPage;

  private constructor(panel: PanelPage) {
    this.#panel = panel;
  }

  static async open(): Promise<PlainMermaid> {
    const panel = await PanelPage.open({ init: eyes, onMessage: () => undefined, files: await plainPage() });
    await panel.page.goto(`${panel.url}/plain.html`);
    await panel.page.waitForFunction('window.draw !== undefined');
    return new PlainMermaid(panel);
  }

  async draw(text: string): Promise<{ painted: number }> {
    this.#panel.page.setDefaultTimeout(600_000);
    const begun = now();
    const painted = await this.#panel.page.evaluate<number>(`window.draw(${JSON.stringify(text)})`);
    return { painted: painted - begun };
  }

  scroll(): Promise<ScrollFrames> {
    return this.#panel.page.evaluate(`window.eyes.scroll('html')`);
  }

  memory(): Promise<number> {
    return this.#panel.page.evaluate('window.eyes.memory()');
  }

  close(): Promise<void> {
    return this.#panel.close();
  }
}

function scrolling(ours: ScrollFrames, theirs: ScrollFrames): BenchResult[] {
  const share = ({ frames, long }: ScrollFrames): number => (100 * long) / Math.max(1, frames);
  return [line('frames longer than 25 ms while scrolling', '%', share(ours), share(theirs))];
}

function line(bench: string, unit: string, ours: number, theirs: number): BenchResult {
  const round = (value: number): number => Number(value.toFixed(1));
  const peers: Record<string, number> = Number.isNaN(theirs) ? {} : { 'whole Mermaid page': round(theirs) };
  const ratio = Number.isNaN(theirs) || ours === 0 ? Number.NaN : Number((theirs / ours).toFixed(1));
  return { bench: `panel: ${bench}`, unit, lowerIsBetter: true, ours: round(ours), peers, ratio };
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
