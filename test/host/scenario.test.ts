/** `npm start -- --scenario FILE`: the scenario plays on opening, with the panel in view; and scenarios from the palette. */
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
    assert.equal(await ladder.verdict(), 'Alice talks to Charlie; Bob has left.');
    await becomes(() => ladder.hearing(), 'Alice hears Charlie. Bob hears nobody. Charlie hears Alice.');
    assert.ok((await vscode.statusBar()).includes('Call Lab: 1 call'));
  });

  test('another one is played from the palette, and its failed transfer is part of the play', async () => {
    await vscode.runCommand('Call Lab: Run Scenario', 'blind-transfer-busy.calllab.yaml');
    assert.match(await vscode.notification('passed'), /every expectation held/);
    const frame = await ladder.frame();
    await eventually(async () => assert.equal(await frame.locator('.transfer.failed').count(), 1));
    assert.match(await ladder.verdict(), /busy \(486\)/);
    assert.equal(await vscode.page.locator('.notifications-toasts .notification-list-item', { hasText: 'transfer failed' }).count(), 0);
  });

  test('nothing complained', () => {
    assert.deepEqual(vscode.errors, []);
  });
});
