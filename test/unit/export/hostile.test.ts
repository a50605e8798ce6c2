/**
 * Captures in which nobody means well, exported and opened in a browser: the pictures are drawn and the page shows each
 * message as it was sent, and nothing in it runs or is fetched.
 */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { readOctets } from '../../../src/capture/trace-octets';
import { maskOctets, maskSecrets, toHtml, toMarkdown, toMmd } from '../../../src/export';
import { buildLadder, visible } from '../../../src/ladder';
import { TraceModel } from '../../../src/trace';
import { hostileTrace } from '../../support/hostile-trace';
import { requirePeer } from '../../support/peers';
import { openPlainMermaid, type PlainMermaid } from '../../support/plain-mermaid';
import { PlainPage } from '../../support/plain-page';
import { attendedTransfer } from '../trace/transfers';

const all = { kind: 'all' } as const;

describe('a hostile capture', requirePeer('chromium'), () => {
  let mermaid: PlainMermaid;
  let plain: PlainPage;

  before(async () => {
    [mermaid, plain] = await Promise.all([openPlainMermaid(), PlainPage.open()]);
  });

  after(async () => {
    await Promise.all([mermaid.close(), plain.close()]);
  });

  test('is a page that shows every octet and no more', async () => {
    const { page } = plain;
    for (const packets of fc.sample(hostileTrace, 60)) {
      const model = TraceModel.from(packets);
      await page.setContent(toHtml({ model, title: String(packets[0]?.bytes), scope: all }));
      assert.equal(await page.locator('script, img, iframe, object, embed, link, base, form, svg, [onload], [onerror], a:not([href^="#m"])').count(), 0);
      const shown = await page.locator('li.message').evaluateAll((items) => items.map((item) => [item.id, item.querySelector('.label')?.textContent ?? '', item.querySelector('pre')?.textContent ?? '']));
      const rows = buildLadder(model).rows.flatMap((row) => (row.kind === 'message' ? [row] : []));
      assert.equal(shown.length, rows.length);
      for (const [index, [id = '', label = '', octets = '']] of shown.entries()) {
        const message = model.message(id);
        assert.ok(message !== undefined && id === rows[index]?.messageId);
        assert.deepEqual(Buffer.from(readOctets(octets.split('\n').slice(0, -1))), Buffer.from(maskOctets(message)));
        assert.doesNotMatch(octets, /[^\P{C}\n]/u);
        assert.ok(label.startsWith(visible(maskSecrets(rows[index]?.label ?? '')).replace(/ $/, '')), label);
      }
    }
    assert.deepEqual(plain.requests, []);
  });

  test('is drawn by plain Mermaid: ladder, dialog map, and the state of its transfers', async () => {
    const sources = fc.sample(hostileTrace, 60).map((packets) => ({ model: TraceModel.from(packets), title: 'x', scope: all }));
    const texts = sources.flatMap((source) => [toMmd(source, 'ladder'), toMmd(source, 'map'), ...(source.model.transfers.length === 0 ? [] : [toMmd(source, 'transfer')])]);
    const drawn = await mermaid.draw(texts);
    drawn.forEach(({ error, intruders }, index) => {
      assert.equal(error, '', texts[index]);
      assert.deepEqual(intruders, []);
    });
    for (const source of sources) {
      const blocks = [...toMarkdown(source).matchAll(/^```mermaid\n([^]*?)^```$/gm)].map(([, text]) => text);
      assert.equal(blocks[0], toMmd(source, 'ladder'));
      assert.equal(blocks.length, 1 + source.model.transfers.length + (source.model.calls.length > 0 ? 1 : 0));
    }
  });

  test('a page can be looked at in every scheme of colours', async () => {
    const folder = join(__dirname, '../../../artifacts/screenshots');
    mkdirSync(folder, { recursive: true });
    await plain.page.setContent(toHtml({ model: attendedTransfer().captured(), title: 'attended.pcap', scope: all }));
    await plain.page.locator('li.message summary').nth(14).click();
    for (const colorScheme of ['light', 'dark'] as const) {
      await plain.page.emulateMedia({ colorScheme });
      await plain.page.screenshot({ path: join(folder, `export-${colorScheme}.png`), fullPage: true });
    }
    assert.deepEqual(plain.requests, []);
  });
});
