/** What moves by itself on the pages, and that nothing does for people who want no motion. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { findChromium } from '../../../scripts/lib/chromium.mjs';
import { buildMapView } from '../../../src/vscode/panel/map-view';
import type { DiagramView } from '../../../webview/views/protocol';
import { type LabRig, startLab } from '../../support/lab-rig';
import { LadderRig } from '../../support/panel/ladder-rig';
import { movable, noteMotion } from '../../support/panel/motion';
import { PanelPage } from '../../support/panel/panel-page';
import { Traffic } from '../../support/panel/traffic';

const skip = findChromium() === undefined ? 'no Chromium is installed' : false;

/** Every style in which something would move, put on everything: what the page has to forbid. */
const restless = `(() => {
  const style = document.createElement('style');
  style.textContent = '@keyframes shake { to { opacity: 0.9 } } .row, .lane, .node, .ladder, .finder, .graph { transition: all 1s; animation: shake 1s infinite; scroll-behavior: smooth; }';
  document.head.append(style);
})()`;

describe('motion', { skip }, () => {
  let lab: LabRig;
  before(async () => {
    lab = await startLab();
  });
  after(() => lab.end());

  const view = (): DiagramView => buildMapView({ phase: 'running', trace: lab.lab.trace, phones: lab.lab.phones, can: () => false });

  /** What moves in the map while a call comes and goes. */
  async function motionsOfMap(prepare: (panel: PanelPage) => Promise<void>): Promise<readonly string[]> {
    const panel = await PanelPage.open<unknown>({ entry: { name: 'views/main', data: { kind: 'map', transfer: '' } }, init: noteMotion, onMessage: () => {} });
    try {
      await prepare(panel);
      await panel.load();
      await prepare(panel);
      await panel.until(`document.querySelector('.choice') !== null`);
      const show = async (parts: number): Promise<void> => {
        panel.post({ type: 'view', view: view() });
        await panel.until(`document.querySelectorAll('.drawing [role="button"]').length === ${parts}`);
      };
      await show(4);
      await lab.connect('alice', 'bob');
      await show(5);
      await lab.do('alice hangup bob');
      await lab.until(() => lab.calls('bob').length === 0);
      await panel.page.waitForTimeout(100);
      assert.deepEqual(panel.errors, []);
      return await panel.page.evaluate<readonly string[]>('window.motions');
    } finally {
      await panel.close();
    }
  }

  it('the parts of the map glide to their places', async () => {
    assert.ok((await motionsOfMap(async () => {})).some((one) => one === 'animate g'));
  });

  it('but not where the system is asked for less of it', async () => {
    assert.deepEqual(await motionsOfMap((panel) => panel.page.emulateMedia({ reducedMotion: 'reduce' })), []);
  });

  it('nor where the editor is (workbench.reduceMotion)', async () => {
    assert.deepEqual(await motionsOfMap((panel) => panel.page.evaluate(`document.body.classList.add('vscode-reduce-motion')`)), []);
  });

  /** Goes through all that the ladder does: rows that come, a search from one end to the other, the table, zoom. */
  async function useLadder(rig: LadderRig, traffic: Traffic): Promise<void> {
    const { page } = rig.panel;
    await page.keyboard.press('Control+f');
    await page.keyboard.type('call-3@lab');
    await rig.panel.until(`document.querySelector('.finder-count').textContent === '1 of 6'`);
    await page.keyboard.press('Enter');
    await page.keyboard.press('Escape');
    await page.keyboard.press('End');
    traffic.feed(20);
    rig.update();
    await page.getByTitle('Show or hide the choices', { exact: false }).click();
    await page.getByTitle('Larger').click();
    await page.getByText('Table', { exact: true }).click();
    await page.locator('.lane').first().hover({ force: true }).catch(() => {});
    await page.waitForTimeout(200);
  }

  for (const [how, prepare] of [
    ['the system', (rig: LadderRig) => rig.panel.page.emulateMedia({ reducedMotion: 'reduce' })],
    ['the editor', (rig: LadderRig) => rig.evaluate(`document.body.classList.add('vscode-reduce-motion')`)],
  ] as const) {
    it(`nothing in the ladder moves by itself where ${how} is asked for less motion`, async () => {
      const traffic = new Traffic();
      traffic.feed(300);
      const rig = await LadderRig.open(traffic.model, { init: noteMotion });
      try {
        await prepare(rig);
        await rig.evaluate(restless);
        assert.deepEqual(await rig.evaluate(movable), []);
        await rig.evaluate('void (window.motions = [])');
        await useLadder(rig, traffic);
        assert.deepEqual(await rig.evaluate('window.motions'), []);
      } finally {
        await rig.close();
      }
    });
  }

  it('styles that move something would be found', async () => {
    const traffic = new Traffic();
    traffic.feed(30);
    const rig = await LadderRig.open(traffic.model, { init: noteMotion });
    try {
      await rig.evaluate(restless);
      assert.ok((await rig.evaluate<readonly string[]>(movable)).length > 10);
      await rig.panel.until(`window.motions.some((one) => one.startsWith('animationstart'))`);
    } finally {
      await rig.close();
    }
  });
});
