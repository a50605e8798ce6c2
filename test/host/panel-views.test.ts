/**
 * The dialog map, the state of a transfer and the exports in a real VS Code: opened beside the ladder, followed while calls come
 * and go, acted on, kept over a reload of the window, and copied.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Frame } from 'playwright-core';
import { requirePeer } from '../support/peers';
import { openVSCode, repositoryRoot, type Theme, type VSCodeWindow } from './driver';
import { becomes, eventually } from './eventually';
import { offerToReadme } from './readme-picture';

const workspace = path.join(repositoryRoot, 'test/host/fixtures/workspace');

describe('the panels beside the ladder', requirePeer('chromium'), () => {
  let vscode: VSCodeWindow;

  before(async () => {
    vscode = await openVSCode({ extension: repositoryRoot, workspace: 'test/host/fixtures/workspace', size: { width: 1500, height: 900 } });
    await vscode.openView('Call Lab');
    await vscode.runCommand('Call Lab: Start Lab');
    await eventually(async () => assert.match((await vscode.tree('Phones'))[0] ?? '', /^alice idle/));
  });

  after(async () => {
    await vscode.close();
    for (const name of readdirSync(workspace)) if (/^(whole-ladder|state-of-transfer)/.test(name)) rmSync(path.join(workspace, name));
  });

  function map(): Promise<Frame> {
    return vscode.webview('body[data-kind="map"]');
  }

  function transfer(): Promise<Frame> {
    return vscode.webview('body[data-kind="transfer"]');
  }

  /** What the parts of the map say, in its order. */
  async function parts(): Promise<readonly (string | null)[]> {
    return (await map()).locator('.drawing [role="button"]').evaluateAll((all) => all.map((part) => part.getAttribute('aria-label')));
  }

  async function now(): Promise<string> {
    return ((await (await transfer()).locator('.drawing .state.now').first().textContent()) ?? '').trim();
  }

  test('the map opens beside the ladder, with everybody idle', async () => {
    await vscode.runCommand('Call Lab: Show Dialog Map');
    await becomes(parts, ['alice, idle', 'bob, idle', 'charlie, idle']);
    const groups = await vscode.page.locator('.part.editor .editor-group-container').count();
    assert.equal(groups, 2);
  });

  test('it follows a call, and the actions of what is chosen in it run commands', async () => {
    await vscode.runCommand('Call Lab: Place Call', 'alice', 'bob');
    await eventually(async () => assert.ok((await parts()).includes('alice and bob: bob rings')));
    await (await map()).locator('.drawing .node', { hasText: 'bob' }).click();
    await (await map()).getByRole('button', { name: 'Answer' }).click();
    await eventually(async () => assert.ok((await parts()).includes('alice and bob: talking')));
    await (await map()).getByRole('button', { name: 'Hold' }).first().click();
    await eventually(async () => assert.ok((await parts()).includes('alice and bob: bob holds')));
  });

  test('the state of a transfer goes along with it', async () => {
    await vscode.runCommand('Call Lab: Show State of Transfer');
    await eventually(async () => assert.match(await (await transfer()).locator('.welcome').innerText(), /No transfer yet/));
    await vscode.runCommand('Call Lab: Blind Transfer', 'bob with alice', 'charlie');
    await becomes(now, 'Charlie rings');
    await vscode.runCommand('Call Lab: Answer');
    await becomes(now, 'Success');
    await eventually(async () => assert.deepEqual([...(await parts())].sort(), ['alice and charlie: talking', 'alice, talking', 'bob, idle', 'charlie, talking']));
  });

  test('a step leads to its message in the trace', async () => {
    await (await transfer()).locator('.moves .open', { hasText: 'REFER' }).first().dblclick();
    await eventually(async () => assert.match(await vscode.editorText(), /^REFER sip:alice@127\.0\.0\.1:\d+ SIP\/2\.0$/m));
  });

  test('they can be read in every theme', async () => {
    await vscode.runCommand('Call Lab: Show State of Transfer');
    // Its page takes the focus once more when it is there, and a palette that is open by then would go away.
    await vscode.page.waitForTimeout(2_000);
    for (const theme of ['dark', 'high-contrast', 'high-contrast-light', 'light'] satisfies Theme[]) {
      await vscode.setTheme(theme);
      await vscode.page.waitForTimeout(900);
      const file = await vscode.screenshot(`panel-views-${theme}`);
      if (theme === 'dark') offerToReadme(file, 'views-dark.png');
    }
  });

  test('a second ladder stands beside the first', async () => {
    await vscode.runCommand('Call Lab: Open Another Ladder');
    await eventually(async () => assert.equal((await vscode.tabs()).filter((tab) => tab.startsWith('Call Lab')).length, 2));
    // Its page takes the focus when it is there, and a palette that opens before that is closed by it.
    await vscode.page.waitForTimeout(2_000);
  });

  test('the whole ladder is saved as a page, and the state of the transfer as a picture', async () => {
    await vscode.runCommand('Call Lab: Export', 'Whole ladder', 'Save as Page (.html)');
    await vscode.confirmFile('whole-ladder.html');
    await eventually(() => assert.match(readFileSync(path.join(workspace, 'whole-ladder.html'), 'utf8'), /Alice talks to Charlie; Bob has left\./));
    await vscode.runCommand('Call Lab: Export', 'State of transfer x1', 'Save as PNG');
    await vscode.confirmFile('state-of-transfer-x1.png');
    await eventually(() => assert.equal(readFileSync(path.join(workspace, 'state-of-transfer-x1.png')).toString('latin1', 1, 4), 'PNG'));
  });

  test('after the window was loaded again, the panels are back', async () => {
    await vscode.page.reload();
    await eventually(async () => assert.match(await (await map()).locator('.welcome').innerText(), /Start the lab/));
    await eventually(async () => assert.match(await (await transfer()).locator('.welcome').innerText(), /No transfer yet/));
    await eventually(async () => assert.equal((await vscode.tabs()).filter((tab) => tab.startsWith('Call Lab')).length, 2));
  });

  test('nothing complained', () => {
    assert.deepEqual(vscode.errors, []);
  });
});
