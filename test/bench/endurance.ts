import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setImmediate as rest, setTimeout as pause } from 'node:timers/promises';
import { followTrace, TraceText } from '../../src/capture';
import { RealClock } from '../../src/core';
import { lintRules, TraceLimit } from '../../src/trace';
import { Coalesced } from '../../src/vscode/lab/coalesced';
import { LadderFeed, ladderPause, type LadderSource } from '../../src/vscode/panel/ladder-feed';
import { Archive, noticeOf, type SegmentFolder, sessionName } from '../../src/vscode/trace-archive/archive';
import { EnduranceLab } from '../support/endurance-lab';
import { collectGarbage } from '../support/heap';
import type { BenchOptions, BenchResult } from '../support/measure';
import { PanelPage } from '../support/panel/panel-page';
import { eyes } from '../support/panel/page-eyes';

/** Messages a second. */
const rate = 50;
/** What the extension keeps unless it is told otherwise. */
const defaultKeep = 20_000;
/** So many minutes are averaged, for memory goes up and down by a quarter of what is kept. */
const averaged = 5;
/** So many minutes after the trace has forgotten for the first time all else is full too: media, finished calls, what may be repeated. */
const filling = 4;
const lints = new Set(lintRules.map(({ id }) => id));

interface Sample {
  readonly messages: number;
  readonly forgotten: number;
  /** MiB after a garbage collection. */
  readonly host: number;
  readonly page: number;
  readonly rows: number;
  /** From a message's entry in the journal to its arrow on the screen, ms. */
  readonly p50: number;
  readonly p95: number;
  readonly unseen: number;
}

/**
 * A lab that is open all day, made short: real phones on real sockets, 50 messages a second, the extension's own feed, files and
 * text, and the panel's real page. Each minute says what it costs by then. `--minutes N`, 30 unless given; `--keep N`.
 */
export async function bench({ minutes = 30, keep = defaultKeep }: BenchOptions): Promise<BenchResult[]> {
  const rig = await EnduranceRig.open(keep);
  const samples: Sample[] = [];
  try {
    say('minute  messages  forgotten  host MiB  page MiB  rows    p50 ms  p95 ms  unseen  rounds (broken)');
    for (let minute = 1; minute <= minutes; minute += 1) {
      const sample = await rig.minute();
      samples.push(sample);
      const { messages, forgotten, host, page, rows, p50, p95, unseen } = sample;
      const cells = [minute, messages, forgotten, host.toFixed(1), page.toFixed(1), rows, p50.toFixed(1), p95.toFixed(1), unseen];
      say(`${cells.map((cell, index) => String(cell).padEnd([8, 10, 11, 10, 10, 8, 8, 8, 8][index] ?? 8)).join('')}${rig.rounds}`);
    }
  } finally {
    await rig.close();
  }
  return results(samples);
}

/** The lab, with all of the extension that grows with its trace. */
class EnduranceRig {
  readonly #lab: EnduranceLab;
  readonly #panel: PanelPage;
  readonly #feed: LadderFeed;
  readonly #update: Coalesced;
  readonly #archive: Archive;
  readonly #folder: string;
  readonly #sentAt = new Map<string, number>();
  readonly #running: Promise<void>;

  private constructor(lab: EnduranceLab, panel: PanelPage, feed: LadderFeed, keep: number) {
    this.#lab = lab;
    this.#panel = panel;
    this.#feed = feed;
    this.#folder = mkdtempSync(path.join(os.tmpdir(), 'call-lab-endurance-'));
    const { trace, journal } = lab.lab;
    this.#archive = new Archive(new DiskFolder(this.#folder), sessionName(journal.startedAt, '00'), () => rest());
    new TraceLimit(trace, journal, {
      keep,
      save: async (before) => {
        await this.#archive.save(trace, journal, before);
        await this.#archive.clean();
      },
      onSaveFailed: (error) => say(`not saved: ${String(error)}`),
    });
    const text = new TraceText(journal.startedAt);
    followTrace(trace, journal, text, () => undefined);
    trace.on('forgotten', () => text.forgetBefore(trace.messages[0]?.id ?? '', noticeOf(this.#archive.earlier(trace))));
    this.#update = new Coalesced(new RealClock(), ladderPause, () => this.#feed.update(this.#source()));
    let next = trace.endIndex;
    trace.on('message', ({ id, index }) => {
      this.#update.request();
      if (index < next) return;
      next = index + 1;
      this.#sentAt.set(id, performance.timeOrigin + performance.now());
    });
    this.#running = lab.run();
  }

  static async open(keep: number): Promise<EnduranceRig> {
    let isReady: () => void = () => undefined;
    const ready = new Promise<void>((resolve) => (isReady = resolve));
    const panel = await PanelPage.open({ init: eyes, onMessage: ({ type }) => type === 'ready' && isReady() });
    const feed = new LadderFeed((patch) => panel.post({ type: 'ladder', patch }), (run) => setTimeout(run));
    await panel.load();
    await ready;
    return new EnduranceRig(new EnduranceLab(rate), panel, feed, keep);
  }

  get rounds(): string {
    return `${this.#lab.rounds} (${this.#lab.broken})`;
  }

  /** Lets a minute pass, and measures. */
  async minute(): Promise<Sample> {
    await Promise.race([pause(60_000), this.#running]);
    // Those of the last moment may be on their way.
    const due = performance.timeOrigin + performance.now() - 1_000;
    const paintedAt = new Map(await this.#panel.page.evaluate<[string, number][]>('(() => { const seen = [...window.eyes.rows]; window.eyes.rows.clear(); return seen; })()'));
    const times: number[] = [];
    let unseen = 0;
    for (const [id, at] of this.#sentAt) {
      const painted = paintedAt.get(id);
      if (painted === undefined && at > due) continue;
      this.#sentAt.delete(id);
      if (painted === undefined) unseen += 1;
      else times.push(painted - at);
    }
    times.sort((a, b) => a - b);
    const { trace } = this.#lab.lab;
    return {
      messages: trace.endIndex,
      forgotten: trace.firstIndex,
      host: hostMemory(),
      page: await this.#panel.page.evaluate<number>('window.eyes.memory()'),
      rows: this.#feed.rows.length,
      p50: times[Math.floor(times.length / 2)] ?? Number.NaN,
      p95: times[Math.floor(times.length * 0.95)] ?? Number.NaN,
      unseen,
    };
  }

  async close(): Promise<void> {
    this.#lab.stop();
    await this.#running;
    this.#update.dispose();
    this.#feed.dispose();
    say(`${this.#panel.errors.length} errors in the page; ${this.#archive.parts.length} files: ${readdirSync(this.#folder).length} on disk`);
    await this.#panel.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #source(): LadderSource {
    const { trace } = this.#lab.lab;
    return { trace, clearedBefore: 0, origin: undefined, lints, earlier: this.#archive.earlier(trace) };
  }
}

class DiskFolder implements SegmentFolder {
  readonly #path: string;

  constructor(folder: string) {
    this.#path = folder;
  }

  async write(name: string, text: string): Promise<void> {
    writeFileSync(path.join(this.#path, name), text);
  }

  async list(): Promise<readonly { readonly name: string; readonly octets: number }[]> {
    return readdirSync(this.#path).map((name) => ({ name, octets: statSync(path.join(this.#path, name)).size }));
  }

  async remove(name: string): Promise<void> {
    rmSync(path.join(this.#path, name));
  }
}

/** The heap and what stands beside it (packets), in MiB, when everything that can be collected is. */
function hostMemory(): number {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return (heapUsed + arrayBuffers) / 1_048_576;
}

function results(samples: readonly Sample[]): BenchResult[] {
  const begins = samples.findIndex(({ forgotten }) => forgotten > 0);
  const plateau = begins === -1 ? [] : samples.slice(begins + filling);
  const last = samples.at(-1);
  const worst = Math.max(...samples.map(({ p95 }) => p95));
  const lines: BenchResult[] = [
    line('messages', '', last?.messages ?? 0),
    line('packet to paint, p95 of the last minute', 'ms', last?.p95 ?? Number.NaN),
    line('packet to paint, p95 of the worst minute', 'ms', worst),
  ];
  if (plateau.length < 2 * averaged) {
    say('too short for a plateau: no growth is said');
    return lines;
  }
  for (const where of ['host', 'page'] as const) {
    const mean = (part: readonly Sample[]): number => part.reduce((sum, sample) => sum + sample[where], 0) / part.length;
    const [first, end] = [mean(plateau.slice(0, averaged)), mean(plateau.slice(-averaged))];
    lines.push(line(`memory of the ${where} on the plateau`, 'MiB', first), line(`its growth from there to the end`, 'MiB', end - first));
  }
  return lines;
}

function line(bench: string, unit: string, ours: number): BenchResult {
  return { bench: `endurance: ${bench}`, unit, lowerIsBetter: true, ours: Number(ours.toFixed(1)), peers: {}, ratio: Number.NaN };
}

/** Not into what may be read as JSON. */
function say(text: string): void {
  console.error(text);
}
