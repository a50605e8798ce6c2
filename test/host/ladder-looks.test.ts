/**
 * How transfers look in the panel, in each of the editor's four themes: pictures for the eye (in artifacts/screenshots),
 * and what axe finds in the page inside the real editor.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import { requirePeer } from '../support/peers';
import { openVSCode, repositoryRoot, type Theme, type VSCodeWindow } from './driver';
import { eventually } from './eventually';
import { LadderPage } from './ladder';
import { offerToReadme } from './readme-picture';

const axe = readFileSync(createRequire(__filename).resolve('axe-core/axe.min.js'), 'utf8');
const themes: readonly Theme[] = ['light', 'dark', 'high-contrast', 'high-contrast-light'];
const stories = ['attended-transfer.calllab.yaml', 'native.calllab.yaml'];

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

describe('how ladders look', requirePeer('chromium'), () => {
  let vscode: VSCodeWindow;
  let ladder: LadderPage;

  before(async () => {
    vscode = await openVSCode({ extension: repositoryRoot, workspace: 'examples', size: { width: 1280, height: 860 } });
    ladder = new LadderPage(vscode);
  });

  after(async () => {
    await vscode.close();
  });

  for (const story of stories) {
    test(`${story}, in every theme`, async () => {
      await vscode.runCommand('Call Lab: Run Scenario', story);
      assert.match(await vscode.notification('passed'), /every expectation held/);
      for (const theme of themes) {
        await vscode.setTheme(theme);
        const frame = await ladder.frame();
        await eventually(async () => {
          const open = await frame.evaluate(`[...document.querySelectorAll('.chunk')].filter((chunk) => chunk.dataset.drawn === 'no').length`);
          assert.equal(open, 0);
        });
        await frame.evaluate(axe);
        const { violations } = await frame.evaluate<{ violations: readonly Violation[] }>(`axe.run(document, { resultTypes: ['violations'] })`);
        const name = `${story.split('.')[0] ?? ''}-${theme}.png`;
        const file = await vscode.screenshot(`ladder-${name.slice(0, -4)}`);
        if (name === 'native-light.png') offerToReadme(file, name);
        assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes.map(({ html, failureSummary }) => `${html.slice(0, 150)} ${failureSummary}`)]), [], theme);
      }
    });
  }

  test('nothing complained', () => {
    assert.deepEqual(vscode.errors, []);
  });
});
