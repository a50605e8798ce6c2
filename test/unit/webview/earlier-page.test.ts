import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { findChromium } from '../../../scripts/lib/chromium.mjs';
import { violations } from '../../support/panel/axe';
import { LadderRig } from '../../support/panel/ladder-rig';
import { themes, type ThemeName } from '../../support/panel/themes';
import { Traffic } from '../../support/panel/traffic';

const skip = findChromium() === undefined ? 'no Chromium is installed' : false;

describe('the page of a ladder whose trace forgets its beginning', { skip }, () => {
  const traffic = new Traffic();
  let rig: LadderRig;

  before(async () => {
    traffic.feed(1_000);
    rig = await LadderRig.open(traffic.model);
  });
  after(() => rig.close());

  /** Forgets, as the extension does it, and lets the page show it. */
  async function forget(before: number, files: number, inFiles = before): Promise<void> {
    traffic.model.forget(before);
    rig.earlier = { messages: before, inFiles, files };
    rig.update();
    await rig.panel.until(`document.querySelector('.earlier .words').textContent.startsWith(${JSON.stringify(before.toLocaleString())})`);
    await frames();
  }

  const frames = (): Promise<unknown> => rig.evaluate('new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))');
  const banner = (): Promise<string> => rig.evaluate(`document.querySelector('.earlier').innerText.replace(/\\s+/g, ' ').trim()`);
  const places = (): Promise<Record<string, number>> =>
    rig.evaluate(`Object.fromEntries([...document.querySelectorAll('g.row')].map((row) => [row.dataset.row, Math.round(row.getBoundingClientRect().top)]))`);
  const height = (): Promise<number> => rig.evaluate(`document.querySelector('.ladder').scrollHeight`);

  async function scrollTo(y: number): Promise<void> {
    await rig.evaluate(`document.querySelector('.ladder').scrollTop = ${y}`);
    await frames();
  }

  it('says nothing as long as nothing is forgotten', async () => {
    assert.equal(await rig.evaluate(`getComputedStyle(document.querySelector('.earlier')).display`), 'none');
  });

  it('keeps what is read where it is on the screen, and the drawings of what stays', async () => {
    const whole = await height();
    await scrollTo(20_000);
    await rig.hasDrawn();
    const top = (): Promise<number> => rig.evaluate(`document.querySelector('.ladder').getBoundingClientRect().top`);
    const [before, topBefore] = [await places(), await top()];
    await forget(200, 1);
    assert.match(await banner(), /^200 earlier messages are in a file\. Open$/u);
    const [later, topLater] = [await places(), await top()];
    // The line over the ladder takes its room once.
    for (const [id, y] of Object.entries(before)) if (later[id] !== undefined) assert.ok(Math.abs(later[id] - topLater - (y - topBefore)) <= 1, `${id}: ${y - topBefore} and ${later[id] - topLater}`);
    assert.ok(Object.keys(before).filter((id) => later[id] !== undefined).length > 10);
    assert.equal(await rig.evaluate(`[...document.querySelectorAll('.chunk')].every((chunk) => chunk.dataset.drawn !== 'no')`), true, 'none is drawn anew');
    assert.ok((await height()) < whole - 5_000);
  });

  it('tells whoever reads what has left, and shows what is the first now', async () => {
    await scrollTo(500);
    await forget(600, 3);
    assert.match(await banner(), /^600 earlier messages are in 3 files\. What you were reading is among them\. Open$/u);
    assert.equal(await rig.evaluate(`document.querySelector('.ladder').scrollTop`), 0);
    const [first] = Object.keys(await places());
    assert.equal(first, 'm601');
  });

  it('stays at the end with whoever follows it', async () => {
    await scrollTo(10_000_000);
    traffic.feed(100);
    await forget(700, 3, 650);
    assert.match(await banner(), /^700 earlier messages; 650 of them are in files\. Open$/u);
    assert.ok(await rig.evaluate(`document.querySelector('g.row[data-row="m1100"]').getBoundingClientRect().bottom <= innerHeight`));
  });

  it('opens the files', async () => {
    await rig.panel.page.getByRole('button', { name: 'Open', exact: true }).click();
    await rig.panel.page.waitForTimeout(50);
    assert.deepEqual(rig.said.at(-1), { type: 'action', action: 'open-earlier' });
  });

  it('keeps the keyboard on its row in the table', async () => {
    const { page } = rig.panel;
    await page.getByTitle('Show or hide the choices', { exact: false }).click();
    await page.getByText('Table', { exact: true }).click();
    await page.locator('.table-body [role="row"]').last().focus();
    await page.keyboard.press('PageUp');
    const focused = (): Promise<string> => rig.evaluate(`[...document.activeElement.querySelectorAll('.table-cell')].map((cell) => cell.textContent).join('|')`);
    const [text, y] = [await focused(), await rig.evaluate<number>('document.activeElement.getBoundingClientRect().top')];
    assert.match(text, /INVITE|BYE|ACK|200 OK|180/u);
    await page.evaluate(`document.querySelector('.table-view').dispatchEvent(new Event('scroll'))`);
    await forget(750, 3);
    assert.equal(await focused(), text);
    assert.ok(Math.abs((await rig.evaluate<number>('document.activeElement.getBoundingClientRect().top')) - y) <= 24);
    assert.equal(await page.locator('[role="table"]').getAttribute('aria-rowcount'), String(1_100 - 750 + 1));
    await page.getByText('Table', { exact: true }).click();
    await rig.hasDrawn();
  });

  for (const theme of Object.keys(themes) as ThemeName[]) {
    it(`has nothing that axe complains of: ${theme}`, async () => {
      await rig.panel.setTheme(theme);
      await rig.hasDrawn();
      assert.equal(await violations(rig.panel.page), '');
      if (process.env['SHOTS'] !== undefined) await rig.panel.page.screenshot({ path: `${process.env['SHOTS']}/earlier-${theme}.png` });
    });
  }

  it('makes no error on the way', () => {
    assert.deepEqual(rig.panel.errors, []);
  });
});
