/**
 * What is chosen in one view shows in the others, in a real VS Code: trees, ladder, dialog map and trace editor, the way a person
 * goes from one to the next.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { requirePeer } from '../support/peers';
import { openVSCode, repositoryRoot, type VSCodeWindow } from './driver';
import { becomes, eventually } from './eventually';
import { LadderPage } from './ladder';

describe('what is chosen shows everywhere', requirePeer('chromium'), () => {
  let vscode: VSCodeWindow;
  let ladder: LadderPage;

  before(async () => {
    vscode = await openVSCode({ extension: repositoryRoot, workspace: 'test/host/fixtures/workspace', size: { width: 1500, height: 1000 } });
    ladder = new LadderPage(vscode);
    await vscode.openView('Call Lab');
    await vscode.runCommand('Call Lab: Start Lab');
    await eventually(async () => assert.match((await vscode.tree('Phones'))[0] ?? '', /^alice idle/));
    await vscode.runCommand('Call Lab: Place Call', 'alice', 'bob');
    await eventually(async () => assert.equal(await vscode.hasCommand('Call Lab: Answer'), true));
    await vscode.runCommand('Call Lab: Answer');
    await eventually(async () => assert.ok((await vscode.tree('Calls')).includes('bob talking')));
    await vscode.runCommand('Call Lab: Blind Transfer', 'bob with alice', 'charlie');
    await eventually(async () => assert.ok((await vscode.tree('Phones')).includes('charlie alice rings')));
    await vscode.runCommand('Call Lab: Answer');
    await becomes(() => ladder.verdict(), 'Alice talks to Charlie; Bob has left.');
  });

  after(async () => {
    await vscode.close();
  });

  /** What the rows of the ladder say that are marked as belonging to what is chosen. */
  async function chosen(): Promise<readonly string[]> {
    const frame = await ladder.frame();
    return frame.locator('g.row.chosen').evaluateAll((rows) => rows.map((row) => (row.getAttribute('aria-label') ?? '').replace(/^\d+\. /, '')));
  }

  test('a call that is chosen in the tree is marked in the ladder, and its first message is in view', async () => {
    await vscode.chooseRow('Calls', 'charlie');
    await eventually(async () => {
      const rows = await chosen();
      assert.match(rows[0] ?? '', /^INVITE charlie \(Referred-By bob\), alice to charlie/);
      assert.ok(rows.every((row) => !row.startsWith('REFER')), rows.join('\n'));
    });
  });

  test('a transfer that is chosen is marked with all of its messages', async () => {
    await vscode.chooseRow('Transfers', 'Alice to Charlie');
    await eventually(async () => assert.ok((await chosen()).some((row) => row.startsWith('REFER -> charlie'))));
  });

  test('a phone that is chosen has its lane marked', async () => {
    await vscode.chooseRow('Phones', 'bob');
    const frame = await ladder.frame();
    await becomes(() => frame.locator('.lane.chosen .lane-name').evaluateAll((names) => names.map((name) => name.firstChild.textContent.trim())).then((names) => names.join()), 'bob');
    await becomes(async () => (await chosen()).length, 0);
  });

  test('a click on a row selects its call and its transfer in the trees, and the focus stays in the ladder', async () => {
    await (await ladder.row('REFER -> charlie')).click();
    await eventually(async () => assert.match((await vscode.chosenRows('Transfers')).join(), /^Alice to Charlie blind, success/));
    await eventually(async () => assert.equal((await vscode.chosenRows('Calls')).length, 1));
    const frame = await ladder.frame();
    assert.match(await frame.evaluate<string>(`document.activeElement.getAttribute('aria-label') ?? ''`), /REFER -> charlie/);
  });

  test('a call that is clicked in the dialog map is selected in the tree', async () => {
    await vscode.runCommand('Call Lab: Show Dialog Map');
    const map = await vscode.webview('body[data-kind="map"]');
    await map.locator('.drawing [role="button"]', { hasText: 'talking' }).first().click();
    await eventually(async () => assert.match((await vscode.chosenRows('Calls')).join(), /charlie talking/));
  });

  /** How many places of the trace's text are decorated, as far as they are in view. */
  function decorated(): Promise<number> {
    return vscode.page.locator('.part.editor .monaco-editor .cdr[class*="ced-"]').count();
  }

  test('what is looked for in the ladder is marked in the text of the trace', async () => {
    await (await ladder.row('REFER -> charlie')).click();
    await eventually(async () => assert.ok((await vscode.tabs()).some((tab) => tab.startsWith('live.siptrace'))));
    assert.equal(await decorated(), 0);
    await vscode.page.keyboard.press('Control+f');
    const frame = await ladder.frame();
    await frame.locator('.finder-field:focus').waitFor();
    await vscode.page.keyboard.type('referred-by', { delay: 20 });
    // The editor's own search, which has the same key, is for its texts.
    assert.equal(await vscode.page.locator('.editor-widget.find-widget.visible').count(), 0);
    await eventually(async () => assert.match(await frame.locator('.finder-count').innerText(), /^\d of 2$/));
    await eventually(async () => assert.ok((await decorated()) > 0));
    await vscode.screenshot('links-search');
    await frame.locator('.finder-field').press('Escape');
    await becomes(decorated, 0);
  });

  test('what is looked for in the text is looked for in the ladder, and F4 goes from one match to the next', async () => {
    await (await ladder.row('INVITE bob')).dblclick();
    await eventually(async () => assert.match(await vscode.editorText(), /^INVITE sip:bob/m));
    await vscode.runCommand('Call Lab: Find in Trace and Ladder', 'method:refer');
    await eventually(async () => assert.match(await vscode.editorText(), /^REFER sip:alice/m));
    const frame = await ladder.frame();
    await eventually(async () => assert.match(await frame.locator('.finder-count').innerText(), /of 2$/));
    await becomes(() => frame.locator('.finder-field').inputValue(), 'method:refer');
    await vscode.page.keyboard.press('F4');
    await eventually(async () => assert.match(await vscode.editorText(), /^SIP\/2\.0 202 Accepted/m));
    await eventually(async () => assert.ok((await vscode.statusBar()).some((text) => text.includes('2 of 2'))));
  });

  test('a filter holds for both: the ladder shows nothing else, and the text folds the rest', async () => {
    await vscode.runCommand('Call Lab: Filter Trace and Ladder', 'method:refer');
    await eventually(async () => assert.deepEqual(await ladder.rows(), ['REFER -> charlie', '202 Accepted (REFER)']));
    await eventually(async () => assert.ok((await vscode.page.locator('.part.editor .editor-instance .view-lines .inline-folded, .part.editor .editor-instance .codicon-folding-collapsed').count()) > 3));
    await vscode.screenshot('links-filter');
    await vscode.runCommand('Call Lab: Filter Trace and Ladder', '');
    await eventually(async () => assert.ok((await ladder.rows()).length > 10));
  });

  test('a view that is not shown stays closed', async () => {
    await vscode.openView('Explorer');
    await (await ladder.row('INVITE bob')).click();
    await vscode.page.waitForTimeout(500);
    assert.equal(await vscode.page.locator('.pane-header', { hasText: 'Transfers' }).count(), 0);
  });

  test('nothing complained', () => {
    assert.deepEqual(vscode.errors, []);
  });
});
