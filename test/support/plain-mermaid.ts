import assert from 'node:assert/strict';
import { PlainPage } from './plain-page';

/** What a reader sees of a diagram that Mermaid has drawn. */
export interface Drawn {
  /** Every label in the order of drawing, each in one line and with single blanks. */
  readonly labels: readonly string[];
  /** Elements that no drawing of ours has: scripts, frames, pictures, links. */
  readonly intruders: readonly string[];
  /** What Mermaid said when it could draw nothing. */
  readonly error: string;
}

/** A page with Mermaid as it comes, in its own configuration, as a reader of an exported file has it. */
export interface PlainMermaid {
  draw(texts: readonly string[]): Promise<readonly Drawn[]>;
  close(): Promise<void>;
}

/** What of the page is used; the tests themselves are no program for browsers. */
interface MermaidWindow {
  readonly mermaid: {
    initialize(config: object): void;
    render(id: string, text: string): Promise<{ readonly svg: string }>;
  };
  readonly document: { createElement(name: string): PageElement; readonly body: PageElement };
}

interface PageElement {
  innerHTML: string;
  readonly outerHTML: string;
  readonly textContent: string | null;
  append(child: PageElement): void;
  remove(): void;
  querySelectorAll(selector: string): Iterable<PageElement>;
}

export async function openPlainMermaid(): Promise<PlainMermaid> {
  const plain = await PlainPage.open();
  const { page } = plain;
  await page.setContent('<!DOCTYPE html><html><body></body></html>');
  await page.addScriptTag({ path: require.resolve('mermaid/dist/mermaid.min.js') });
  await page.evaluate(() => (globalThis as unknown as MermaidWindow).mermaid.initialize({ startOnLoad: false }));
  return {
    draw: async (texts) => {
      const drawn = await page.evaluate(drawAll, [...texts]);
      assert.deepEqual(plain.requests, []);
      return drawn;
    },
    close: () => plain.close(),
  };
}

/** Runs in the page. */
async function drawAll(texts: readonly string[]): Promise<readonly Drawn[]> {
  const { mermaid, document } = globalThis as unknown as MermaidWindow;
  const all: Drawn[] = [];
  for (const [index, text] of texts.entries()) {
    const host = document.createElement('div');
    document.body.append(host);
    try {
      const { svg } = await mermaid.render(`plain${index}-${Date.now()}`, text);
      host.innerHTML = svg;
      const boxes = host.querySelectorAll('.nodeLabel, .edgeLabel .label, .messageText, .noteText, text.actor, .labelText');
      all.push({
        labels: [...boxes].map((box) => (box.textContent ?? '').replace(/\s+/gu, ' ').trim()),
        intruders: [...host.querySelectorAll('script, iframe, object, embed, img, image, a, link, form, [onload], [onerror], [onclick]')].map(({ outerHTML }) => outerHTML),
        error: '',
      });
    } catch (error) {
      all.push({ labels: [], intruders: [], error: error instanceof Error ? error.message : String(error) });
    }
    host.remove();
  }
  return all;
}
