/** The audio of a stranger's capture in a real VS Code: bars between the lanes, and what the verdict says of it. */
import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { requirePeer } from '../support/peers';
import { openVSCode, repositoryRoot, type VSCodeWindow } from './driver';
import { eventually } from './eventually';
import { LadderPage } from './ladder';

const capture = 'baresip-blind.pcap';

describe('the audio of a capture', requirePeer('chromium'), () => {
  let vscode: VSCodeWindow;
  const workspace = mkdtempSync(path.join(os.tmpdir(), 'call-lab-audio-'));

  before(async () => {
    copyFileSync(path.join(repositoryRoot, 'test/fixtures/captures', capture), path.join(workspace, capture));
    vscode = await openVSCode({ extension: repositoryRoot, workspace, trusted: false, size: { width: 1400, height: 1000 } });
  });

  after(async () => {
    await vscode.close();
    rmSync(workspace, { recursive: true, force: true });
  });

  test('has bars of its own, and is part of the verdict', async () => {
    await vscode.openFile(capture);
    const ladder = new LadderPage(vscode, capture);
    await eventually(async () => assert.deepEqual(await ladder.lanes(), ['alice', 'bob', 'charlie']));
    assert.match(await ladder.verdict(), /Alice talks to Charlie; Bob has left, and audio went both ways\./);
    const frame = await ladder.frame();
    await eventually(async () => {
      const drawn = ((await frame.locator('.canvas').textContent()) ?? '').replace(/\s+/g, ' ');
      assert.match(drawn, /Charlie sends audio to Alice, 3\.7 s, G\.711 ?u-law/);
      assert.match(drawn, /Alice sends audio to Charlie, 3\.7 s, G\.711 ?u-law/);
    });
    await vscode.screenshot('capture-audio');
  });
});
