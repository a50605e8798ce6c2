/**
 * `npm start -- --scenario FILE`: the scenario plays on opening, with the panel in view; and scenarios from the
 * palette.
 */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { requirePeer } from '../support/peers';
import { openVSCode, repositoryRoot, type VSCodeWindow } from './driver';
import { becomes, eventually } from './eventually';
import { LadderPage } from './ladder';

describe('scenarios', requirePeer('chromium'), () => {
  let vscode: VSCodeWindow;
  let ladder: LadderPage;

  before(async () => {
    vscode = await openVSCode({
      extension: repositoryRoot,
      workspace: 'examples',
      env: { CALL_LAB_SCENARIO: path.join(repositoryRoot, 'examples/blind-transfer.calllab.yaml') },
    });
    ladder = new LadderPage(vscode);
  });

  after(async () => {
    await vscode.close();
  });

  test('the scenario handed over is played on opening, and its phones stay up', async () => {
    assert.match(await vscode.notification('passed'), /every expectation held/);
    assert.ok((await vscode.tabs()).some((tab) => tab.startsWith('live.siptrace')));
    assert.equal(await ladder.verdict(), 'Alice talks to Charlie; Bob has left.');
    await becomes(() => ladder.hearing(), 'Alice hears Charlie. Bob hears nobody. Charlie hears Alice.');
    assert.ok((await vscode.statusBar()).includes('Call Lab: 1 call'));
  });

  test('the trace beside the ladder follows what happens', async () => {
    // The focus is in the panel's group, where no text editor is.
    const text = async (): Promise<string> =>
      (await vscode.page.locator('.part.editor .view-lines').last().innerText()).replaceAll('\u00a0', ' ');
    await eventually(async () =>
      assert.match(await text(), /verdict x1 success m\d+: Alice talks to Charlie; Bob has left\./),
    );
  });

  test('another one is played from the palette, and its failed transfer is part of the play', async () => {
    await vscode.runCommand('Call Lab: Run Scenario', 'blind-transfer-busy.calllab.yaml');
    assert.match(await vscode.notification('passed'), /every expectation held/);
    await eventually(async () => assert.equal(await (await ladder.frame()).locator('.transfer.failed').count(), 1));
    assert.match(await ladder.verdict(), /busy \(486\)/);
    assert.equal(
      await vscode.page
        .locator('.notifications-toasts .notification-list-item', { hasText: 'transfer failed' })
        .count(),
      0,
    );
  });

  test('nothing complained', () => {
    assert.deepEqual(vscode.errors, []);
  });
});
