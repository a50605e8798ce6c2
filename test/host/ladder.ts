import type { Frame, Locator } from 'playwright-core';
import type { VSCodeWindow } from './driver';

interface ReadRow {
  readonly id: string;
  readonly words: string;
  readonly arrow: string;
  readonly scrollTop: number;
}

/** Runs in the panel's page. */
const readRows = `(async () => {
  const ladder = document.querySelector('.ladder');
  const frame = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  const heads = [...document.querySelectorAll('.lanes .lane')].map((lane) => {
    const { left, width } = lane.getBoundingClientRect();
    return { x: left + width / 2, name: lane.querySelector('.lane-name').firstChild.textContent.trim() };
  });
  const laneAt = (x) => heads.reduce((best, head) => (Math.abs(head.x - x) < Math.abs(best.x - x) ? head : best), { x: Infinity, name: '' }).name;
  const found = new Map();
  const collect = () => {
    for (const row of document.querySelectorAll('.canvas .row[role="button"]')) {
      const line = row.querySelector('line[data-et="message"], line.sketch-line');
      if (line === null || found.has(row.dataset.row)) continue;
      const matrix = line.getScreenCTM();
      const xOf = (name) => matrix.a * Number(line.getAttribute(name)) + matrix.e;
      const [from, to] = [laneAt(xOf('x1')), laneAt(xOf('x2'))];
      const words = row.getAttribute('aria-label').replace(/^\\d+\\. /, '').split(', ' + from + ' to ' + to)[0];
      const y = row.getBoundingClientRect().top - ladder.getBoundingClientRect().top + ladder.scrollTop;
      found.set(row.dataset.row, { id: row.dataset.row, words, arrow: from + ' > ' + to, scrollTop: Math.max(0, y - 100), y });
    }
  };
  const before = ladder.scrollTop;
  const wasAtEnd = before + ladder.clientHeight >= ladder.scrollHeight - 24;
  for (let top = 0; top < ladder.scrollHeight; top += Math.max(100, ladder.clientHeight / 2)) {
    ladder.scrollTop = top;
    await frame();
    collect();
  }
  ladder.scrollTop = wasAtEnd ? ladder.scrollHeight : before;
  await frame();
  return [...found.values()].sort((a, b) => a.y - b.y);
})()`;

/** What a person sees in the panel: read off the page and the SVG it draws. */
export class LadderPage {
  readonly #vscode: VSCodeWindow;
  readonly #selector: string;

  /** The ladder of the file whose address ends so; any ladder, when no file is named. */
  constructor(vscode: VSCodeWindow, file?: string) {
    this.#vscode = vscode;
    this.#selector = file === undefined ? '.ladder' : `body[data-source$="${file}"] .ladder`;
  }

  /** The panel's frame; VS Code makes a new one whenever the panel was out of view. */
  frame(): Promise<Frame> {
    return this.#vscode.webview(this.#selector);
  }

  /** Names of the lanes, left to right. */
  async lanes(): Promise<readonly string[]> {
    const frame = await this.frame();
    const placed = await frame.locator('.lanes .lane').evaluateAll((lanes) =>
      lanes.map((lane) => ({
        left: lane.getBoundingClientRect().left,
        name: lane.querySelector('.lane-name').firstChild.textContent.trim(),
      })),
    );
    return placed.sort((a, b) => a.left - b.left).map(({ name }) => name);
  }

  /** The words over each arrow, top to bottom, without their numbers. */
  async rows(): Promise<readonly string[]> {
    return (await this.#read()).map(({ words }) => words);
  }

  /** From and to of each arrow, top to bottom, as `alice > bob`: by where its two ends stand. */
  async arrows(): Promise<readonly string[]> {
    return (await this.#read()).map(({ arrow }) => arrow);
  }

  /** The row of the first arrow with these words, in view. */
  async row(words: string): Promise<Locator> {
    const found = (await this.#read()).find((row) => row.words === words);
    const frame = await this.frame();
    await frame.evaluate(`(() => {
      const ladder = document.querySelector('.ladder');
      ladder.scrollTop = ${found?.scrollTop ?? 0};
      return new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    })()`);
    return frame.locator(`.canvas .row[data-row="${found?.id ?? ''}"]`);
  }

  /** All arrows, read as a person does who scrolls from the top to the end: only what is in view is on the page. */
  async #read(): Promise<readonly ReadRow[]> {
    const frame = await this.frame();
    return frame.evaluate<readonly ReadRow[]>(readRows);
  }

  /** The colour of the words of a row, and that behind them. */
  async colours(): Promise<{ readonly words: string; readonly background: string }> {
    const frame = await this.frame();
    const words = await frame
      .locator('.row.request .messageText')
      .first()
      .evaluate((text) => text.ownerDocument.defaultView.getComputedStyle(text).fill);
    const background = await frame
      .locator('body')
      .evaluate((body) => body.ownerDocument.defaultView.getComputedStyle(body).backgroundColor);
    return { words: String(words), background: String(background) };
  }

  /** The sentence of the newest verdict. */
  async verdict(): Promise<string> {
    const frame = await this.frame();
    return (await frame.locator('.transfer .reason').first().textContent()) ?? '';
  }

  async hearing(): Promise<string> {
    const frame = await this.frame();
    return ((await frame.locator('.hearing').textContent()) ?? '').trim();
  }
}
