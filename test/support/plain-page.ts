import { chromium, type Page } from 'playwright-core';
import { peerPath } from './peers';

/** A page in the system's Chromium that has no network: every request is counted and refused. */
export class PlainPage {
  readonly #close: () => Promise<void>;
  readonly #requests: string[];
  readonly page: Page;

  private constructor(page: Page, requests: string[], close: () => Promise<void>) {
    this.page = page;
    this.#requests = requests;
    this.#close = close;
  }

  static async open(options: { readonly colorScheme?: 'light' | 'dark'; readonly forcedColors?: 'active' } = {}): Promise<PlainPage> {
    const browser = await chromium.launch({
      executablePath: peerPath('chromium'),
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    });
    const page = await browser.newPage({ ...options, viewport: { width: 1200, height: 800 } });
    const requests: string[] = [];
    await page.route('**/*', (route) => {
      requests.push(route.request().url());
      return route.abort();
    });
    page.on('dialog', (dialog) => {
      requests.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    return new PlainPage(page, requests, () => browser.close());
  }

  /** What the page tried to fetch or to say. */
  get requests(): readonly string[] {
    return this.#requests;
  }

  close(): Promise<void> {
    return this.#close();
  }
}
