/**
 * Every kind of transfer from the palette, with what a person is asked, sees and is told on the way. The screenshot of the
 * failure is the README's: `UPDATE_PICTURES=1` puts it there.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { requirePeer } from '../support/peers';
import { openVSCode, repositoryRoot, type Theme, type VSCodeWindow } from './driver';
import { becomes, eventually } from './eventually';
import { LadderPage } from './ladder';
import { offerToReadme } from './readme-picture';
import { phoneRowIs } from './tree-rows';

describe('every kind of transfer', requirePeer('chromium'), () => {
  let vscode: VSCodeWindow;
  let ladder: LadderPage;

  before(async () => {
    vscode = await openVSCode({
      extension: repositoryRoot,
      workspace: 'test/host/fixtures/workspace',
      size: { width: 1360, height: 900 },
      settings: {
        'callLab.phones': [
          { name: 'alice', refer: 'ask' },
          { name: 'bob', defects: ['T2'] },
          { name: 'charlie', watches: ['bob'] },
          { name: 'dave' },
        ],
      },
    });
    ladder = new LadderPage(vscode);
    await vscode.openView('Call Lab');
    await vscode.runCommand('Call Lab: Start Lab');
    await eventually(async () => assert.match((await vscode.tree('Phones'))[0] ?? '', /^alice idle/));
  });

  after(async () => {
    await vscode.close();
  });

  const phoneShows = (text: string): Promise<void> => phoneRowIs(vscode, text);

  async function newestTransfer(): Promise<string> {
    return (await vscode.tree('Transfers'))[0] ?? '';
  }

  test('redirect: bob sends alice on to charlie while it rings', async () => {
    await vscode.runCommand('Call Lab: Place Call', 'alice', 'bob');
    await phoneShows('bob alice rings');
    await vscode.runCommand('Call Lab: Redirect', 'charlie');
    await phoneShows('charlie alice rings');
    await vscode.runCommand('Call Lab: Answer');
    await becomes(newestTransfer, 'Alice to Charlie redirect, success');
    await vscode.runCommand('Call Lab: Hang Up', 'charlie with alice');
    await phoneShows('charlie idle');
  });

  test('pick-up: charlie, who watches bob, takes the call that rings there', async () => {
    await vscode.runCommand('Call Lab: Place Call', 'alice', 'bob');
    await phoneShows('bob alice rings');
    await phoneShows('bob rings: alice');
    await vscode.runCommand('Call Lab: Pick Up', 'bob rings: alice');
    await becomes(() => ladder.verdict(), 'Alice talks to Charlie, who picked up the call to Bob.');
    await becomes(newestTransfer, 'Alice to Charlie pick-up, success');
    await becomes(() => ladder.hearing(), 'Alice hears Charlie. Bob hears nobody. Charlie hears Alice. Dave hears nobody.');
  });

  test('blonde: charlie transfers alice to dave while dave still rings; alice is asked, and allows it', async () => {
    await vscode.runCommand('Call Lab: Place Consultation Call', 'charlie', 'dave');
    await phoneShows('dave charlie rings');
    await vscode.runCommand('Call Lab: Blonde Transfer (While It Rings)', 'charlie with alice', 'dave');
    await phoneShows('dave charlie rings');
    await vscode.runCommand('Call Lab: Answer');
    await vscode.answerNotification('charlie wants to transfer alice', 'Allow');
    await becomes(newestTransfer, 'Alice to Dave blonde, success');
    await becomes(() => ladder.hearing(), 'Alice hears Dave. Bob hears nobody. Charlie hears nobody. Dave hears Alice.');
  });

  test('attended: dave wants to give alice to bob; she refuses, and dave is still with bob', async () => {
    await vscode.runCommand('Call Lab: Place Consultation Call', 'dave', 'bob');
    await phoneShows('bob dave rings');
    await vscode.runCommand('Call Lab: Answer');
    await becomes(() => ladder.hearing(), 'Alice hears a hold tone. Bob hears Dave. Charlie hears nobody. Dave hears Bob.');
    await vscode.runCommand('Call Lab: Attended Transfer', 'dave with alice', 'bob');
    await vscode.answerNotification('dave wants to transfer alice', 'Refuse');
    await eventually(async () => assert.match(await newestTransfer(), /^Alice to Bob attended, failed/));
    await becomes(() => ladder.verdict(), 'Alice declined to call Bob (603), and Alice is still on hold.');
  });

  test('bob, whose phone has a defect of the field, would give dave to charlie: the editor marks what is wrong', async () => {
    await vscode.runCommand('Call Lab: Place Consultation Call', 'bob', 'charlie');
    await phoneShows('charlie bob rings');
    await vscode.runCommand('Call Lab: Answer');
    await vscode.runCommand('Call Lab: Attended Transfer', 'bob with dave', 'charlie');
    await eventually(async () => assert.match(await newestTransfer(), /^Dave to Charlie attended, failed/));
    await vscode.runCommand('Call Lab: Open Trace');
    await vscode.runCommand('View: Toggle Problems');
    await eventually(async () => assert.match(await vscode.problems(), /T2/));
  });

  test('it can be read in every theme', async () => {
    await vscode.runCommand('Notifications: Clear All Notifications');
    for (const theme of ['dark', 'high-contrast', 'light'] satisfies Theme[]) {
      await vscode.setTheme(theme);
      await vscode.page.waitForTimeout(700);
      const file = await vscode.screenshot(`transfer-kinds-${theme}`);
      if (theme !== 'light') offerToReadme(file, `field-failure-${theme}.png`);
    }
    assert.deepEqual(vscode.errors, []);
  });
});
