import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { findChromium } from '../../../scripts/lib/chromium.mjs';
import { violations } from '../../support/panel/axe';
import { LadderRig } from '../../support/panel/ladder-rig';
import { themes, type ThemeName } from '../../support/panel/themes';
import { Traffic } from '../../support/panel/traffic';
import { CallScript } from '../trace/call-script';
import { attendedTransfer } from '../trace/transfers';

const skip = findChromium() === undefined ? 'no Chromium is installed' : false;
describe('the ladder on its page', { skip }, () => {
  const traffic = new Traffic();
  let rig: LadderRig;

  before(async () => {
    traffic.feed(1_000);
    rig = await LadderRig.open(traffic.model);
  });
  after(() => rig.close());

  it('has only what is in view on the page, and the newest is in view', async () => {
    const count = await rig.evaluate<number>(`document.querySelectorAll('g.row').length`);
    assert.ok(count > 20 && count < 120, String(count));
    assert.equal(await rig.evaluate(`document.querySelector('g.row[data-row="m1000"]') !== null`), true);
  });

  it('draws with Mermaid just where it sketched, so nothing jumps', async () => {
    const drawn = await rowsOnPage(rig);
    // The same rows again, before Mermaid has drawn them: a theme change voids all drawings.
    const sketched = await rig.evaluate<typeof drawn>(`(async () => {
      document.body.classList.add('other');
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
      return ${readPlaces};
    })()`);
    await rig.hasDrawn();
    for (const [id, place] of Object.entries(drawn)) {
      const other = sketched[id];
      assert.ok(other !== undefined, id);
      assert.ok(Math.abs(other.arrow - place.arrow) <= 1, `${id}: arrow at ${other.arrow} and ${place.arrow}`);
      assert.ok(Math.abs(other.from - place.from) <= 1, `${id}: from ${other.from} and ${place.from}`);
      assert.ok(Math.abs(other.words - place.words) <= 2, `${id}: words at ${other.words} and ${place.words}`);
    }
  });

  it('lines its columns up over all chunks to the pixel, below the heads of the lanes', async () => {
    const heads = await rig.evaluate<readonly number[]>(`[...document.querySelectorAll('.lane')].map((lane) => { const { left, width } = lane.getBoundingClientRect(); return left + width / 2; })`);
    const lifelines = await rig.evaluate<readonly number[]>(`[...document.querySelectorAll('.lifeline')].map((line) => { const { left, width } = line.getBoundingClientRect(); return left + width / 2; })`);
    const mermaids = await rig.evaluate<readonly (readonly number[])[]>(`[...document.querySelectorAll('svg.drawing')].map((svg) =>
      [...svg.querySelectorAll('[data-et="life-line"]')].map((line) => { const m = line.getScreenCTM(); return m.a * Number(line.getAttribute('x1')) + m.e; }))`);
    assert.ok(mermaids.length >= 2);
    for (const [index, x] of heads.entries()) assert.ok(Math.abs(x - (lifelines[index] ?? 0)) <= 0.5, `lane ${index}: ${x} ${lifelines[index]}`);
    for (const lines of mermaids) {
      for (const x of lines) assert.ok(lifelines.some((own) => Math.abs(own - x) <= 0.5), `${x} is not among ${lifelines.join()}`);
    }
  });

  it('keeps the heads of the lanes in view, wherever one scrolls', async () => {
    const top = (): Promise<number> => rig.evaluate(`document.querySelector('.lanes').getBoundingClientRect().top - document.querySelector('.ladder').getBoundingClientRect().top`);
    for (const y of [0, 5_000, 20_000]) {
      await scrollTo(rig, y);
      assert.equal(await top(), 0);
    }
  });

  it('can be gone through by keyboard alone, from the first row to the last', async () => {
    const { page } = rig.panel;
    await scrollTo(rig, 0);
    await page.locator('g.row[data-row="m1"]').focus();
    for (let step = 0; step < 60; step++) await page.keyboard.press('ArrowDown');
    assert.equal(await focused(rig), 'm61');
    await page.keyboard.press('PageDown');
    const far = Number((await focused(rig)).slice(1));
    assert.ok(far > 65 && far < 100, String(far));
    await page.keyboard.press('End');
    assert.equal(await focused(rig), 'm1000');
    await page.keyboard.press('Home');
    assert.equal(await focused(rig), 'm1');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await rig.panel.page.waitForTimeout(50);
    assert.deepEqual(rig.said.findLast(({ type }) => type === 'open'), { type: 'open', id: 'm2', focus: true });
  });

  it('keeps the row that the keyboard is at when its drawing comes and when it is scrolled away', async () => {
    await rig.panel.page.locator('g.row[data-row="m2"]').focus();
    await rig.evaluate(`document.body.classList.toggle('another')`);
    await rig.hasDrawn();
    assert.equal(await focused(rig), 'm2');
    await scrollTo(rig, 20_000);
    assert.equal(await focused(rig), 'm2');
  });

  it('keeps the place of whoever reads while messages come, and follows whoever is at the end', async () => {
    await scrollTo(rig, 5_000);
    const before = await rowsOnPage(rig);
    traffic.feed(50);
    rig.update();
    await rig.panel.page.waitForTimeout(100);
    const later = await rowsOnPage(rig);
    const [id = ''] = Object.keys(before);
    assert.equal(later[id]?.arrow, before[id]?.arrow);
    await scrollTo(rig, 10_000_000);
    traffic.feed(50);
    rig.update();
    await rig.panel.until(`document.querySelector('g.row[data-row="m1100"]') !== null`);
    assert.ok(await rig.evaluate(`document.querySelector('g.row[data-row="m1100"]').getBoundingClientRect().bottom <= innerHeight`));
  });

  it('marks the message that is read in the trace, and brings it into view', async () => {
    await scrollTo(rig, 20_000);
    rig.panel.post({ type: 'mark', id: 'm300' });
    await rig.panel.until(`document.querySelector('g.row.marked[data-row="m300"]') !== null`);
  });

  it('says the same as a table, for screen readers', async () => {
    const { page } = rig.panel;
    await page.getByTitle('Show or hide the choices', { exact: false }).click();
    await page.getByText('Table', { exact: true }).click();
    const table = page.locator('[role="table"]');
    await table.waitFor();
    assert.equal(await table.getAttribute('aria-rowcount'), '1101');
    const row = page.locator('.table-body [role="row"]').last();
    await row.focus();
    await page.keyboard.press('Home');
    assert.deepEqual(await page.locator('.table-row:focus .table-cell').allInnerTexts(), ['0.000', 'alice', 'bob', '1. INVITE bob', '']);
    await page.getByText('Table', { exact: true }).click();
    await rig.hasDrawn();
  });

  it('zooms, and fits', async () => {
    const { page } = rig.panel;
    const width = (): Promise<number> => rig.evaluate(`document.querySelector('.lane').getBoundingClientRect().width`);
    const before = await width();
    await page.getByTitle('Larger').click();
    await rig.hasDrawn();
    assert.ok(Math.abs((await width()) / before - 1.2) < 0.05, `${await width()} of ${before}`);
    await page.getByTitle('Fit').click();
    await rig.hasDrawn();
    assert.equal(await width(), before);
  });

  for (const theme of Object.keys(themes) as ThemeName[]) {
    it(`has nothing that axe complains of: ${theme}`, async () => {
      await rig.panel.setTheme(theme);
      await rig.hasDrawn();
      assert.equal(await violations(rig.panel.page), '');
    });
  }

  it('compares two calls side by side', async () => {
    const { page } = rig.panel;
    await page.getByTitle('Compare calls').click();
    await page.locator('.comparison-table tr').first().waitFor();
    const [first] = await page.locator('.comparison-table tr').first().locator('.message').allInnerTexts();
    assert.match(first ?? '', /^→ INVITE/);
    assert.match(await page.locator('.comparison-verdict').innerText(), /^The first difference: only the call on the left has/);
    assert.equal(await violations(rig.panel.page), '');
    await page.getByTitle('Back to the ladder').click();
    await rig.hasDrawn();
  });

  it('complained of nothing, under its policy', () => {
    assert.deepEqual(rig.panel.errors, []);
    assert.deepEqual(rig.said.filter(({ type }) => type === 'trouble'), []);
  });
});

describe('a ladder that is hard to draw', { skip }, () => {
  it('shows the rows of a chunk that Mermaid fails on, with the error, and the others as ever', async () => {
    const traffic = new Traffic();
    traffic.feed(60);
    const breaking = `(() => {
      const parse = DOMParser.prototype.parseFromString;
      DOMParser.prototype.parseFromString = function (text, type) {
        if (type === 'image/svg+xml' && text.includes('30. 200 OK')) throw new Error('the renderer broke');
        return parse.call(this, text, type);
      };
    })();`;
    const rig = await LadderRig.open(traffic.model, { init: breaking, size: { width: 900, height: 3_000 } });
    const chunks = await rig.evaluate<readonly { error: string; drawn: boolean; rows: number }[]>(`[...document.querySelectorAll('.chunk')].map((chunk) => ({
      error: chunk.dataset.error, drawn: chunk.querySelector('svg.drawing') !== null, rows: chunk.querySelectorAll('g.row').length }))`);
    assert.deepEqual(chunks, [
      { error: '', drawn: true, rows: 24 },
      { error: 'the renderer broke', drawn: false, rows: 24 },
      { error: '', drawn: true, rows: 12 },
    ]);
    await rig.panel.page.locator('g.row[data-row="m30"]').click();
    await rig.panel.page.waitForTimeout(50);
    assert.deepEqual(rig.said.findLast(({ type }) => type === 'open'), { type: 'open', id: 'm30', focus: false });
    await rig.close();
  });

  it('stays usable with two hundred lanes and names of a thousand characters', async () => {
    const phones = Array.from({ length: 200 }, (_, index) => `${index} ${index % 3 === 0 ? 'مرحبا👩‍👩‍👧 <b>&amp;</b>`$$%%{init}%%' : 'x'} ${'very-long-name '.repeat(70)}`);
    const traffic = new Traffic({ phones });
    traffic.feed(1_200);
    const rig = await LadderRig.open(traffic.model);
    assert.equal(await rig.evaluate(`document.querySelectorAll('.lane').length`), 200);
    await scrollTo(rig, 3_000);
    await rig.hasDrawn();
    const heads = await rig.evaluate<readonly number[]>(`[...document.querySelectorAll('.lane')].map((lane) => lane.getBoundingClientRect().height)`);
    assert.ok(heads.every((height) => height < 60), String(Math.max(...heads)));
    assert.equal(await rig.evaluate(`document.querySelectorAll('b').length`), 0);
    assert.deepEqual(rig.panel.errors, []);
    await rig.close();
  });

  it('shows hostile text as the text it is', async () => {
    const hostile = '<img src=x onerror="window.hacked=1">%0A;p0->>p1: forged $$x$$ %%{init: {}}%% end ```"\'`</text><script>window.hacked=1</script>';
    const script = new CallScript();
    script.dialog('alice', 'bob', 'd1').request('alice', 'INVITE', { sdp: 'sendrecv', uri: `sip:${encodeURIComponent(hostile)}@127.0.0.12` });
    const rig = await LadderRig.open(script.live());
    assert.equal(await rig.evaluate(`document.querySelectorAll('g.row').length`), 1);
    const words = await rig.evaluate<string>(`[...document.querySelectorAll('.messageText')].map((line) => line.textContent).join('')`);
    assert.equal(words.replaceAll(' ', ''), `1. INVITE ${hostile}`.replaceAll(' ', ''));
    assert.equal(await rig.evaluate('window.hacked'), undefined);
    assert.deepEqual(rig.panel.errors, []);
    await rig.close();
  });

  it('draws transfers with notes, marks, voices and folded repeats', async () => {
    const rig = await LadderRig.open(attendedTransfer(({ callId }) => `${callId};to-tag=b-d2;from-tag=c-d2`).live());
    await scrollTo(rig, 0);
    await rig.hasDrawn();
    assert.ok((await rig.evaluate<number>(`document.querySelectorAll('.lint-mark title').length`)) > 0);
    assert.ok((await rig.evaluate<number>(`document.querySelectorAll('.note-failed').length`)) > 0);
    assert.equal(await violations(rig.panel.page), '');
    await rig.close();
  });
});

interface RowPlace {
  readonly arrow: number;
  readonly from: number;
  readonly words: number;
}

/** Where the rows on the page stand on the screen, by id. */
const readPlaces = `Object.fromEntries([...document.querySelectorAll('g.row[role="button"]')].map((row) => {
  const line = row.querySelector('line[data-et="message"], line.sketch-line');
  const matrix = line.getScreenCTM();
  const words = row.querySelector('.messageText').getBoundingClientRect();
  return [row.dataset.row, { arrow: matrix.d * Number(line.getAttribute('y1')) + matrix.f, from: matrix.a * Number(line.getAttribute('x1')) + matrix.e, words: words.top }];
}))`;

function rowsOnPage(rig: LadderRig): Promise<Record<string, RowPlace>> {
  return rig.evaluate(readPlaces);
}

async function scrollTo(rig: LadderRig, y: number): Promise<void> {
  await rig.evaluate(`(async () => {
    document.querySelector('.ladder').scrollTop = ${y};
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  })()`);
}

function focused(rig: LadderRig): Promise<string> {
  return rig.evaluate(`document.activeElement.dataset.row ?? ''`);
}
