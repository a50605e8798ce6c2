import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { requirePeer } from '../support/peers';
import { openVSCode, type VSCodeWindow } from './driver';

/**
 * The driver itself, on a small extension of its own (fixtures/webview-probe): what the other host tests build on, and
 * what a webview needs in the web host.
 */
describe('the driver of a real VS Code', requirePeer('chromium'), () => {
  let vscode: VSCodeWindow;

  before(async () => {
    vscode = await openVSCode({ extension: path.join(__dirname, 'fixtures/webview-probe'), workspace: 'test/host/fixtures/workspace' });
  });

  after(async () => {
    const { profile } = vscode;
    await vscode.close();
    assert.deepEqual(processesThatName(profile), [], 'no process is left');
  });

  it('sees the commands that are enabled, and no others', async () => {
    assert.equal(await vscode.hasCommand('Webview Probe: Ask'), true);
    assert.equal(await vscode.hasCommand('Webview Probe: Never'), false);
    await assert.rejects(vscode.runCommand('Webview Probe: Never'), /has no command "Webview Probe: Never"/);
  });

  it('answers quick picks and input boxes, and reads the notification', async () => {
    await vscode.runCommand('Webview Probe: Ask', 'bob', 'sip:charlie@127.0.0.1');
    assert.equal(await vscode.notification('calls'), 'bob calls sip:charlie@127.0.0.1');
  });

  it('reads a webview: module scripts, a chunk and messages pass a policy without exceptions', async () => {
    await vscode.runCommand('Webview Probe: Open Panel');
    const page = await vscode.webview('#status');
    await page.getByText('a chunk has been loaded').waitFor();
    await page.getByText('the extension heard the page').waitFor();
    assert.equal(await page.evaluate("getComputedStyle(document.getElementById('status')).fontWeight"), '700');
    assert.deepEqual(await vscode.tabs(), ['Webview Probe']);
  });

  it('reads trees and clicks their inline actions', async () => {
    await vscode.openView('Explorer');
    const rows = await vscode.eventually(() => vscode.tree('Probe Tree'), (seen) => seen.length > 0);
    assert.deepEqual(rows, ['alice idle', 'bob idle']);
    await vscode.treeAction('Probe Tree', 'bob', 'Ring');
    assert.equal(await vscode.notification('rings'), 'bob rings');
  });

  it('opens a file and reads editor and status bar', async () => {
    await vscode.openFile('note.txt');
    assert.equal(await vscode.editorText(), 'first line\nsecond line');
    assert.ok((await vscode.statusBar()).some((item) => item.includes('Plain Text')));
  });

  it('changes the theme and takes screenshots', async () => {
    const sizes = new Set<number>();
    for (const theme of ['light', 'dark', 'high-contrast'] as const) {
      await vscode.setTheme(theme);
      sizes.add(readFileSync(await vscode.screenshot(`driver-${theme}`)).length);
    }
    assert.equal(sizes.size, 3, 'the pictures differ');
  });

  it('hears what goes wrong in a webview', async () => {
    const before = vscode.errors;
    await vscode.runCommand('Webview Probe: Open Panel');
    const page = await vscode.webview('#status');
    await page.evaluate(() => console.error('told by the test'));
    assert.deepEqual(before, [], 'nothing went wrong so far');
    assert.match(vscode.errors.join('\n'), /told by the test/);
  });
});

/** Command lines of running processes that contain `text`; on Linux only, elsewhere none is found. */
function processesThatName(text: string): string[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((id) => {
      try {
        return [readFileSync(`/proc/${id}/cmdline`, 'utf8').replaceAll('\0', ' ')];
      } catch {
        return [];
      }
    })
    .filter((commandLine) => commandLine.includes(text));
}
