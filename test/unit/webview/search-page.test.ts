import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { findChromium } from '../../../scripts/lib/chromium.mjs';
import { parseQuery } from '../../../src/ladder';
import { violations } from '../../support/panel/axe';
import { LadderRig } from '../../support/panel/ladder-rig';
import { themes, type ThemeName } from '../../support/panel/themes';
import { Traffic } from '../../support/panel/traffic';
import { repositoryRoot } from '../../support/repository-root';

const skip = findChromium() === undefined ? 'no Chromium is installed' : false;
const pictures = path.join(repositoryRoot(), 'artifacts/screenshots');

describe('looking for something in the ladder', { skip }, () => {
  const traffic = new Traffic();
  let rig: LadderRig;
  const keys = (key: string): Promise<void> => rig.panel.page.keyboard.press(key);
  const type = (text: string): Promise<void> => rig.panel.page.keyboard.type(text);
  const now = (): Promise<string> => rig.evaluate(`document.querySelector('.match-now')?.dataset.row ?? ''`);
  const comesTo = (id: string): Promise<void> => rig.panel.until(`document.querySelector('g.match-now')?.dataset.row === '${id}'`);
  const says = (text: string): Promise<void> => rig.panel.until(`document.querySelector('.finder-count').textContent === '${text}'`);
  const isInView = `(() => { const { top, bottom } = document.querySelector('.match-now').getBoundingClientRect(); const view = document.querySelector('.ladder').getBoundingClientRect(); return top >= view.top + 40 && bottom <= view.bottom; })()`;

  before(async () => {
    mkdirSync(pictures, { recursive: true });
    traffic.feed(10_000);
    rig = await LadderRig.open(traffic.model);
    // All of it has come: the first rows last.
    await rig.evaluate(`document.querySelector('.ladder').scrollTop = 0`);
    await rig.panel.until(`document.querySelector('g.row[data-row="m1"]') !== null`);
  });
  after(() => rig.close());

  it('begins with Ctrl+F, and goes to the first match from where the reader is', async () => {
    await keys('Control+f');
    assert.equal(await rig.evaluate(`document.activeElement.getAttribute('aria-label')`), 'Find');
    await type('method:BYE call-3');
    const found = traffic.model.messages.filter((message) => parseQuery('method:BYE call-3', traffic.model)?.matches(message));
    await says(`1 of ${found.length}`);
    await comesTo('m23');
    assert.equal(await rig.evaluate(isInView), true);
  });

  it('finds what stands in messages that are not drawn, far away', async () => {
    await keys('Control+a');
    await type('call-1501@lab');
    await says('1 of 6');
    await comesTo('m9007');
    assert.equal(await rig.evaluate(isInView), true);
    assert.equal(await rig.evaluate(`[...document.querySelectorAll('g.match')].length`), 6);
  });

  it('goes on and back, round the end, by Enter and by F3, wherever the keyboard is', async () => {
    await keys('Enter');
    await comesTo('m9008');
    await keys('Shift+Enter');
    await keys('Shift+Enter');
    await comesTo('m9012');
    await says('6 of 6');
    await rig.panel.page.locator('g.match-now').focus();
    await keys('F3');
    await comesTo('m9007');
    await keys('Shift+F3');
    await comesTo('m9012');
    assert.equal(await rig.evaluate(`document.querySelector('g.match-now').getAttribute('aria-current')`), 'true');
  });

  it('counts what comes while one looks', async () => {
    await rig.panel.page.locator('.finder-field').focus();
    await keys('Control+a');
    await type('call-1666@lab');
    await says('1 of 4');
    traffic.feed(2);
    rig.update();
    await says('1 of 6');
    assert.equal(await now(), 'm9997');
  });

  it('marks matches in the table as well, and goes to them there', async () => {
    const { page } = rig.panel;
    await page.getByTitle('Show or hide the choices', { exact: false }).click();
    await page.getByText('Table', { exact: true }).click();
    await rig.panel.page.locator('.finder-field').focus();
    await keys('Control+a');
    await type('call-7@lab');
    await says('1 of 6');
    await rig.panel.until(`document.querySelector('.table-row.match-now .table-cell:nth-child(4)')?.textContent === '43. INVITE charlie'`);
    assert.equal(await rig.evaluate(`document.querySelectorAll('.table-row.match').length`), 6);
    assert.equal(await violations(page), '');
    await page.getByText('Table', { exact: true }).click();
    await rig.hasDrawn();
  });

  it('shows where a query is wrong', async () => {
    await rig.panel.page.locator('.finder-field').focus();
    await keys('Control+a');
    await type('bye status:4y');
    await rig.panel.until(`document.querySelector('.finder .wrong')?.textContent === 'status:4y'`);
    assert.match(await rig.panel.page.locator('.finder .why').innerText(), /three digits/);
    assert.equal(await rig.panel.page.locator('.finder-field').getAttribute('aria-invalid'), 'true');
    await rig.panel.page.screenshot({ path: path.join(pictures, 'search-wrong.png') });
  });

  for (const theme of Object.keys(themes) as ThemeName[]) {
    it(`has nothing that axe complains of: ${theme}`, async () => {
      await rig.panel.page.locator('.finder-field').focus();
      await keys('Control+a');
      await type('call-1@lab');
      await says('1 of 6');
      await rig.panel.setTheme(theme);
      await rig.hasDrawn();
      assert.equal(await violations(rig.panel.page), '');
      await rig.panel.page.screenshot({ path: path.join(pictures, `search-${theme}.png`) });
      const table = rig.panel.page.getByText('Table', { exact: true });
      await table.click();
      await rig.panel.until(`document.querySelectorAll('.table-row.match').length > 0`);
      assert.equal(await violations(rig.panel.page), '');
      await rig.panel.page.screenshot({ path: path.join(pictures, `search-table-${theme}.png`) });
      await table.click();
      await rig.hasDrawn();
    });
  }

  it('ends with Escape: the keyboard is at the match, and F3 takes it up again', async () => {
    const match = await now();
    await keys('Escape');
    assert.equal(await rig.panel.page.locator('.finder').isVisible(), false);
    assert.equal(await rig.evaluate(`document.activeElement.dataset.row`), match);
    assert.equal(await rig.evaluate(`document.querySelectorAll('g.match').length`), 0);
    await keys('F3');
    await comesTo(match);
    await keys('Escape');
    await keys('/');
    assert.equal(await rig.evaluate(`document.activeElement.value`), 'call-1@lab');
  });

  it('makes a filter of what is found', async () => {
    await keys('Alt+Enter');
    await rig.panel.until(`document.querySelectorAll('g.row').length === 6`);
    assert.equal(await rig.evaluate(`document.querySelector('vscode-text-field').value`), 'call-1@lab');
    rig.arrange({ query: '' });
  });

  it('is there again when the page was hidden', async () => {
    await keys('/');
    await keys('Control+a');
    await type('call-2@lab');
    await says('1 of 6');
    await rig.panel.page.waitForTimeout(400);
    await rig.panel.load();
    await rig.hasDrawn();
    await says('? of 6');
    assert.equal(await rig.evaluate(`document.activeElement === document.body`), true);
  });

  it('looks for what somebody looks for in the trace, until they no longer do', async () => {
    rig.panel.post({ type: 'find', text: 'call-9@lab' });
    await says('? of 6');
    rig.panel.post({ type: 'find', text: '' });
    await rig.panel.until(`document.querySelector('.finder').hidden`);
  });

  it('marks what is chosen in a tree, and shows the first of it', async () => {
    rig.panel.post({ type: 'chosen', chosen: { messages: ['m601', 'm602'], lanes: ['p1'], first: 'm601' } });
    await rig.panel.until(`[...document.querySelectorAll('g.chosen')].map((row) => row.dataset.row).join() === 'm601,m602'`);
    assert.equal(await rig.evaluate(`document.querySelector('.lane.chosen').dataset.lane`), 'p1');
    await rig.panel.page.screenshot({ path: path.join(pictures, 'chosen.png') });
    rig.panel.post({ type: 'chosen', chosen: { messages: [], lanes: [] } });
    await rig.panel.until(`document.querySelector('g.chosen') === null`);
  });

  it('holds up neither the page nor what comes, with ten thousand matches', async () => {
    await rig.evaluate(`(() => { window.longest = 0; let last = performance.now(); const look = () => { const at = performance.now(); window.longest = Math.max(window.longest, at - last); last = at; requestAnimationFrame(look); }; look(); })()`);
    await keys('Control+f');
    await keys('Control+a');
    await type('sip');
    await rig.panel.until(`document.querySelector('.finder-count').textContent.endsWith(' of 10002')`);
    for (let step = 0; step < 20; step++) {
      traffic.feed(1);
      rig.update();
      await keys('Enter');
    }
    await rig.panel.until(`document.querySelector('.finder-count').textContent.endsWith('of 10022')`);
    console.log(`longest frame ${await rig.evaluate<number>('window.longest')} ms`);
  });

  it('complained of nothing', () => {
    assert.deepEqual(rig.panel.errors, []);
    assert.deepEqual(rig.said.filter(({ type }) => type === 'trouble'), []);
  });
});
