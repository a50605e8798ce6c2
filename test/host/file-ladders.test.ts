/**
 * Ladders of files in a real VS Code: of traces as they are edited, and of captures; linked with their text both ways, several
 * at once, kept over a reload and over a restart of the program; and what is said of files that give none.
 */
import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { formatTrace, writePcap } from '../../src/capture';
import type { Locator } from 'playwright-core';
import { requirePeer } from '../support/peers';
import { attendedTransfer, failedBlindTransfer } from '../unit/trace/transfers';
import { openVSCode, repositoryRoot, type VSCodeWindow } from './driver';
import { eventually } from './eventually';
import { LadderPage } from './ladder';
import { offerToReadme } from './readme-picture';

const captures = path.join(repositoryRoot, 'test/fixtures/captures');

describe('ladders of files', requirePeer('chromium'), () => {
  let vscode: VSCodeWindow;
  const workspace = mkdtempSync(path.join(os.tmpdir(), 'call-lab-files-'));
  const file = (name: string): string => path.join(workspace, name);

  before(async () => {
    const { text } = formatTrace(failedBlindTransfer(486, 'Busy Here').live(), { startedAt: new Date('2026-03-02T09:30:00Z') });
    writeFileSync(file('failed-transfer.siptrace'), text);
    const swapped = attendedTransfer(({ callId }) => `${callId};to-tag=b-d2;from-tag=c-d2`);
    writeFileSync(file('swapped-tags.siptrace'), formatTrace(swapped.live()).text);
    copyFileSync(path.join(captures, 'sip-pbx-attended.pcap'), file('pbx-attended.pcap'));
    copyFileSync(path.join(captures, 'options-ethernet.pcapng'), file('options.pcapng'));
    const cut = readFileSync(path.join(captures, 'sip-direct-blind.pcap'));
    writeFileSync(file('cut-short.pcap'), cut.subarray(0, cut.length - 1_000));
    writeFileSync(file('no-capture.pcap'), 'This is no capture.');
    writeFileSync(file('nothing.pcap'), '');
    const [source, destination] = [{ host: '127.0.0.1', port: 4000 }, { host: '127.0.0.1', port: 53 }];
    writeFileSync(file('names.pcap'), writePcap([{ at: 0, transport: 'udp', source, destination, bytes: new Uint8Array(20) }]));
    writeFileSync(file('empty.siptrace'), '');
    vscode = await openVSCode({ extension: repositoryRoot, workspace, trusted: false, size: { width: 1500, height: 900 } });
  });

  after(async () => {
    await vscode.close();
    rmSync(workspace, { recursive: true, force: true });
  });

  const failed = (): LadderPage => new LadderPage(vscode, 'failed-transfer.siptrace');
  const attended = (): LadderPage => new LadderPage(vscode, 'pbx-attended.pcap');

  const tab = (title: string): Locator => vscode.page.locator(`.part.editor .tab[aria-label^="${title}"]`).first();

  /** What the state of the transfer says of it. Its page is another one after each look elsewhere. */
  async function reason(): Promise<string> {
    const frame = await vscode.webview('body[data-kind="transfer"][data-source$="failed-transfer.siptrace"] .drawing svg');
    return (await frame.locator('.reason').first().textContent()) ?? '';
  }

  /** What is said in the ladder of a file that has nothing to draw. */
  async function words(name: string): Promise<string> {
    const frame = await vscode.webview(`body[data-source$="${name}"] .welcome`);
    return ((await frame.locator('.welcome p').textContent()) ?? '').trim();
  }

  test('a trace shows its ladder beside it, in a folder that nobody trusts', async () => {
    await vscode.openFile('failed-transfer.siptrace');
    await vscode.runCommand('Call Lab: Show Ladder');
    await eventually(async () => assert.deepEqual(await failed().lanes(), ['alice', 'bob', 'charlie']));
    assert.match(await failed().verdict(), /Charlie was busy \(486\)/);
    assert.ok((await vscode.tabs()).some((tab) => tab.startsWith('Ladder: failed-transfer.siptrace')), (await vscode.tabs()).join());
    const frame = await failed().frame();
    assert.equal(await frame.locator('.state').textContent(), 'failed-transfer.siptrace');
    assert.equal(await frame.locator('vscode-button[aria-label="Start Lab"]:visible, vscode-button[aria-label="Clear"]:visible').count(), 0);
  });

  test('a click on a row selects its message, and the cursor in the text marks its row', async () => {
    await (await failed().row('REFER -> charlie')).dblclick();
    await eventually(async () => assert.match(await vscode.editorText(), /^REFER sip:alice@/m));
    await (await failed().row('ACK')).dblclick();
    await eventually(async () => assert.equal(await marked(failed()), 'm4'));
    // The cursor stands at the header of message 4: a line up it is in message 3.
    await vscode.page.keyboard.press('ArrowLeft');
    await vscode.page.keyboard.press('ArrowUp');
    await vscode.page.keyboard.press('ArrowUp');
    await eventually(async () => assert.equal(await marked(failed()), 'm3'));
  });

  test('the ladder follows what is typed, saved or not', async () => {
    const before = (await failed().rows()).length;
    await vscode.page.keyboard.press('Control+Home');
    await vscode.page.keyboard.press('Control+F');
    await vscode.page.keyboard.type('INVITE sip:charlie');
    await vscode.page.keyboard.press('Enter');
    await vscode.page.keyboard.press('Escape');
    await vscode.page.keyboard.type('OPTIONS sip:charlie');
    await eventually(async () => assert.ok((await failed().rows()).some((words) => words === 'OPTIONS'), (await failed().rows()).join()));
    await vscode.page.keyboard.press('Control+Z');
    await vscode.page.keyboard.press('Control+Z');
    await eventually(async () => assert.ok(!(await failed().rows()).some((words) => words === 'OPTIONS')));
    assert.equal((await failed().rows()).length, before);
  });

  test('a capture opens as its ladder, and a row opens the message in its text', async () => {
    await vscode.openFile('pbx-attended.pcap');
    await eventually(async () => assert.ok((await attended().rows()).length > 20));
    await (await attended().row('REFER -> 103 (Replaces)')).dblclick();
    await eventually(async () => assert.match(await vscode.editorText(), /^REFER sip:/m));
    assert.ok((await vscode.tabs()).some((tab) => tab.startsWith('pbx-attended.pcap.siptrace')), (await vscode.tabs()).join());
    await eventually(async () => assert.match((await marked(attended())) ?? '', /^m\d+$/));
    await vscode.page.locator('.part.banner').getByRole('button', { name: 'Close' }).click();
    // Long enough for Mermaid.
    await vscode.page.waitForTimeout(2_000);
    offerToReadme(await vscode.screenshot('file-ladder-capture'), 'capture-light.png');
  });

  test('what the lints find in a trace is marked in its ladder, and in its text', async () => {
    await vscode.openFile('swapped-tags.siptrace');
    await vscode.runCommand('Call Lab: Show Ladder');
    const ladder = new LadderPage(vscode, 'swapped-tags.siptrace');
    await eventually(async () => assert.ok((await ladder.rows()).includes('REFER -> charlie (Replaces)')));
    const row = await ladder.row('REFER -> charlie (Replaces)');
    await eventually(async () => assert.match((await row.locator('.lint-mark').textContent()) ?? '', /T\d/));
    await vscode.runCommand('View: Toggle Problems');
    await eventually(async () => assert.match(await vscode.problems(), /T\d/));
    await vscode.runCommand('View: Toggle Problems');
  });

  test('what gives no ladder says why', async () => {
    for (const [name, why] of [
      ['no-capture.pcap', /no-capture\.pcap cannot be read: .*does not begin as pcap or pcapng/],
      ['nothing.pcap', /nothing\.pcap is empty\./],
      ['names.pcap', /There is neither SIP nor IAX2 in names\.pcap \(frames read: 1\)/],
    ] as const) {
      await vscode.openFile(name);
      await eventually(async () => assert.match(await words(name), why));
    }
    await vscode.runCommand('Call Lab: Open Ladder of File...');
    await vscode.confirmFile(workspace, file('empty.siptrace'));
    await eventually(async () => assert.equal(await words('empty.siptrace'), 'empty.siptrace is empty.'));
    await vscode.openFile('cut-short.pcap');
    const frame = await new LadderPage(vscode, 'cut-short.pcap').frame();
    await eventually(async () => assert.match((await frame.locator('.remark').textContent()) ?? '', /[Tt]he file ends/));
    assert.ok((await new LadderPage(vscode, 'cut-short.pcap').rows()).length > 10);
  });

  test('the ladder of a capture follows its file', async () => {
    await tab('nothing.pcap').click();
    copyFileSync(path.join(captures, 'sip-direct-blind.pcap'), file('nothing.pcap'));
    await eventually(async () => assert.ok((await new LadderPage(vscode, 'nothing.pcap').rows()).includes('202 Accepted (REFER)')));
  });

  test('the map, the state of the transfer and the export are of the trace that has the focus', async () => {
    await vscode.openFile('failed-transfer.siptrace');
    await vscode.runCommand('Call Lab: Show Dialog Map');
    const map = await vscode.webview('body[data-kind="map"][data-source$="failed-transfer.siptrace"] .drawing svg');
    await eventually(async () => assert.deepEqual((await map.locator('.drawing [role="button"]').evaluateAll((all) => all.map((part) => String(part.getAttribute('aria-label'))))).sort(), ['alice and bob: talking', 'alice, talking', 'bob, talking', 'charlie, idle']));
    await map.locator('.drawing .node', { hasText: 'bob' }).click();
    assert.equal(await map.locator('.choice vscode-button').count(), 0);
    await vscode.runCommand('Call Lab: Show State of Transfer');
    await eventually(async () => assert.match(await reason(), /Charlie was busy/));
    const tabs = await vscode.tabs();
    for (const title of ['Dialog Map: failed-transfer.siptrace', 'Transfer State: failed-transfer.siptrace']) assert.ok(tabs.some((tab) => tab.startsWith(title)), tabs.join());
    await vscode.runCommand('Call Lab: Export', 'Whole ladder', 'Save as Mermaid (.mmd)');
    await vscode.confirmFile('failed-transfer.siptrace-whole-ladder.mmd');
    await eventually(() => assert.match(readFileSync(file('failed-transfer.siptrace-whole-ladder.mmd'), 'utf8'), /REFER/));
  });

  const remembered = ['Dialog Map: failed-transfer.siptrace', 'Transfer State: failed-transfer.siptrace', 'Ladder: failed-transfer.siptrace', 'Ladder: empty.siptrace'];

  /** All panels are there again, each with what it showed. */
  async function assertBack(): Promise<void> {
    await eventually(async () => {
      const tabs = await vscode.tabs();
      for (const title of remembered) assert.ok(tabs.some((tab) => tab.startsWith(title)), tabs.join());
    });
    for (const name of ['failed-transfer.siptrace', 'pbx-attended.pcap']) {
      await tab(name.endsWith('.pcap') ? name : `Ladder: ${name}`).click();
      await eventually(async () => assert.ok((await new LadderPage(vscode, name).rows()).length > 10));
    }
    await tab('Transfer State: failed-transfer.siptrace').click();
    await eventually(async () => assert.match(await reason(), /Charlie was busy/));
  }

  test('after the window was loaded again, the ladders are back', async () => {
    await vscode.reload();
    await assertBack();
  });

  test('after the program was started again, they are back; of a file that is gone it is said', async () => {
    rmSync(file('empty.siptrace'));
    await vscode.restart();
    await assertBack();
    await tab('Ladder: empty.siptrace').click();
    await eventually(async () => assert.match(await words('empty.siptrace'), /^empty\.siptrace is not there\./));
    writeFileSync(file('empty.siptrace'), readFileSync(file('failed-transfer.siptrace')));
    await eventually(async () => assert.ok((await new LadderPage(vscode, 'empty.siptrace').rows()).length > 10));
  });

  test('nothing complained', () => {
    assert.deepEqual(vscode.errors, []);
  });
});

/** The message whose row is marked. */
async function marked(ladder: LadderPage): Promise<string | undefined> {
  const frame = await ladder.frame();
  return (await frame.locator('.canvas .row.marked').evaluateAll((rows) => rows.map((row) => row.getAttribute('data-row') ?? '')))[0];
}
