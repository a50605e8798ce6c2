import type { Frame, Locator } from 'playwright-core';
import type { VSCodeWindow } from './driver';

/** What a person sees in the panel: read off the page and the SVG it draws. */
export class LadderPage {
  readonly #vscode: VSCodeWindow;

  constructor(vscode: VSCodeWindow) {
    this.#vscode = vscode;
  }

  /** The panel's frame; VS Code makes a new one whenever the panel was out of view. */
  frame(): Promise<Frame> {
    return this.#vscode.webview('main.ladder');
  }

  /** Names of the lanes, left to right. */
  async lanes(): Promise<readonly string[]> {
    const frame = await this.frame();
    const placed = await frame
      .locator('.canvas [data-et="participant"]')
      .evaluateAll((lanes) =>
        lanes.map((lane) => ({ left: lane.getBoundingClientRect().left, name: lane.textContent.trim() })),
      );
    return placed.sort((a, b) => a.left - b.left).map(({ name }) => name);
  }

  /** The words over each arrow, top to bottom, without their numbers. */
  async rows(): Promise<readonly string[]> {
    const frame = await this.frame();
    const placed = await frame.locator('.canvas .row').evaluateAll((rows) =>
      rows.map((row) => ({
        top: row.getBoundingClientRect().top,
        // A long label stands on several lines, each a text of its own.
        words: [...row.querySelectorAll('.messageText')].map((line) => line.textContent.trim()).join(' '),
      })),
    );
    return placed.sort((a, b) => a.top - b.top).map(({ words }) => words.replace(/^\d+\. /, ''));
  }

  /** From and to of each arrow, top to bottom, as `alice > bob`: by where its two ends stand. */
  async arrows(): Promise<readonly string[]> {
    const frame = await this.frame();
    const lifelines = await frame
      .locator('.canvas [data-et="life-line"]')
      .evaluateAll((lines) =>
        lines.map((line) => ({ x: Number(line.getAttribute('x1')), id: line.getAttribute('data-id') })),
      );
    const names = await frame
      .locator('.canvas [data-et="participant"]')
      .evaluateAll((lanes) =>
        lanes.map((lane) => ({ id: lane.getAttribute('data-id'), name: lane.textContent.trim() })),
      );
    const arrows = await frame.locator('.canvas line[data-et="message"]').evaluateAll((lines) =>
      lines.map((line) => ({
        x1: Number(line.getAttribute('x1')),
        x2: Number(line.getAttribute('x2')),
        y: Number(line.getAttribute('y1')),
      })),
    );
    const nameAt = (x: number): string => {
      const [nearest] = [...lifelines].sort((a, b) => Math.abs(a.x - x) - Math.abs(b.x - x));
      return names.find(({ id }) => id === nearest?.id)?.name ?? '';
    };
    return arrows.sort((a, b) => a.y - b.y).map(({ x1, x2 }) => `${nameAt(x1)} > ${nameAt(x2)}`);
  }

  /** The row of the first arrow with these words. */
  async row(words: string): Promise<Locator> {
    return (await this.frame()).locator('.canvas .row').nth((await this.rows()).indexOf(words));
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
