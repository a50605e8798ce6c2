/**
 * A trace of ten thousand messages, opened as a file in a real VS Code: pictures of it in each of the editor's four themes (in
 * artifacts/screenshots), columns that line up, a head that stays, and keyboard and mouse from one end to the other.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Frame } from 'playwright-core';
import { formatTrace } from '../../src/capture';
import { requirePeer } from '../support/peers';
import { Traffic } from '../support/panel/traffic';
import { openVSCode, repositoryRoot, type Theme, type VSCodeWindow } from './driver';
import { eventually } from './eventually';
import { LadderPage } from './ladder';
import { offerToReadme } from './readme-picture';

const messages = 10_000;
const themes: readonly Theme[] = ['light', 'dark', 'high-contrast', 'high-contrast-light'];

/** Runs in the page: where the heads of the lanes, the lifelines and the ends of arrows stand, and what of it is in view. */
const readPlaces = `(() => {
  const ladder = document.querySelector('.ladder');
  const view = ladder.getBoundingClientRect();
  const middle = (element) => { const { left, width } = element.getBoundingClientRect(); return left + width / 2; };
  const rows = [...document.querySelectorAll('.canvas .row[role="button"]')].filter((row) => {
    const { top, bottom } = row.getBoundingClientRect();
    return top >= view.top && bottom <= view.bottom;
  });
  const ends = rows.flatMap((row) => {
    const line = row.querySelector('line[data-et="message"], line.sketch-line');
    if (line === null) return [];
    const { a, e } = line.getScreenCTM();
    return ['x1', 'x2'].map((name) => a * Number(line.getAttribute(name)) + e);
  });
  return {
    heads: [...document.querySelectorAll('.lanes .lane')].map(middle),
    lifelines: [...document.querySelectorAll('.lifeline')].map(middle),
    ends,
    rows: rows.map((row) => row.dataset.row),
    headTop: document.querySelector('.lanes').getBoundingClientRect().top - view.top,
    drawn: [...document.querySelectorAll('.chunk')].every((chunk) => chunk.dataset.drawn !== 'no'),
    focused: document.activeElement?.closest('.row')?.dataset.row,
  };
})()`;

interface Places {
  readonly heads: readonly number[];
  readonly lifelines: readonly number[];
  readonly ends: readonly number[];
  readonly rows: readonly string[];
  readonly headTop: number;
  readonly drawn: boolean;
  readonly focused: string | undefined;
}

describe('a ladder of ten thousand rows', requirePeer('chromium'), () => {
  let vscode: VSCodeWindow;
  let ladder: LadderPage;
  const workspace = mkdtempSync(path.join(os.tmpdir(), 'call-lab-large-'));

  before(async () => {
    const traffic = new Traffic({ phones: ['alice', 'bob', 'charlie', 'dora'] });
    traffic.feed(messages);
    writeFileSync(path.join(workspace, 'busy-hour.siptrace'), formatTrace(traffic.model, { startedAt: new Date('2026-03-02T09:30:00Z') }).text);
    vscode = await openVSCode({ extension: repositoryRoot, workspace, size: { width: 1440, height: 900 }, settings: { 'explorer.autoReveal': false } });
    ladder = new LadderPage(vscode, 'busy-hour.siptrace');
  });

  after(async () => {
    await vscode.close();
    rmSync(workspace, { recursive: true, force: true });
  });

  async function places(frame: Frame): Promise<Places> {
    let read = await frame.evaluate<Places>(readPlaces);
    await eventually(async () => {
      read = await frame.evaluate<Places>(readPlaces);
      assert.ok(read.drawn && read.rows.length > 5, JSON.stringify(read));
    });
    return read;
  }

  function assertAligned({ heads, lifelines, ends, headTop }: Places): void {
    assert.equal(heads.length, 4);
    heads.forEach((x, lane) => assert.ok(Math.abs(x - (lifelines[lane] ?? 0)) <= 1, `lane ${lane}: ${x} and ${lifelines[lane] ?? 0}`));
    for (const end of ends) assert.ok(heads.some((x) => Math.abs(x - end) <= 6), `an arrow ends at ${end}, the lanes are at ${heads.join()}`);
    assert.ok(Math.abs(headTop) <= 1, `the head stands ${headTop} below the top`);
  }

  test('it begins at its start, with its columns in line, in every theme', async () => {
    await vscode.openFile('busy-hour.siptrace');
    // The command is about the text that has the focus: it must be there.
    await eventually(async () => assert.match(await vscode.editorText(), /^== m1 /m));
    await vscode.page.waitForTimeout(2_000);
    await vscode.runCommand('Call Lab: Show Ladder');
    const frame = await ladder.frame();
    assert.equal((await places(frame)).rows[0], 'm1');
    for (const theme of themes) {
      await vscode.setTheme(theme);
      assertAligned(await places(frame));
      const file = await vscode.screenshot(`large-ladder-${theme}`);
      if (theme === 'light') offerToReadme(file, 'trace-light.png');
    }
  });

  test('End, Home, Page Down and the arrows reach every row, and the head stays', async () => {
    const frame = await ladder.frame();
    await frame.locator('.canvas .row[data-row="m1"]').click();
    const press = async (key: string, row: string | RegExp): Promise<void> => {
      await vscode.page.keyboard.press(key);
      await eventually(async () => assert.match((await frame.evaluate<Places>(readPlaces)).focused ?? '', row instanceof RegExp ? row : new RegExp(`^${row}$`)));
      assertAligned(await places(frame));
    };
    await press('End', `m${messages}`);
    await vscode.screenshot('large-ladder-end');
    await press('ArrowUp', `m${messages - 1}`);
    await press('PageUp', /^m99[5-9]\d$/);
    await press('Home', 'm1');
    await press('PageDown', /^m([5-9]|[1-3]\d)$/);
    await press('ArrowDown', /^m([6-9]|[1-4]\d)$/);
  });

  test('a click in the middle opens that message, and the cursor in the text brings its row into view', async () => {
    const frame = await ladder.frame();
    await frame.evaluate(`document.querySelector('.ladder').scrollTop = document.querySelector('.ladder').scrollHeight / 2`);
    const { rows } = await places(frame);
    const middle = rows[Math.floor(rows.length / 2)] ?? '';
    assert.match(middle, /^m[45]\d{3}$/);
    await frame.locator(`.canvas .row[data-row="${middle}"]`).dblclick();
    await eventually(async () => assert.match(await vscode.editorText(), new RegExp(`^== ${middle} `, 'm')));
    await vscode.screenshot('large-ladder-middle');
    await vscode.page.keyboard.press('Control+End');
    // Behind the last message stand blank lines.
    for (let line = 0; line < 4; line += 1) await vscode.page.keyboard.press('ArrowUp');
    await eventually(async () => assert.ok((await frame.evaluate<Places>(readPlaces)).rows.includes(`m${messages}`)));
  });

  test('nothing complained', () => {
    assert.deepEqual(vscode.errors, []);
  });
});
