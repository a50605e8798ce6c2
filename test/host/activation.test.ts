import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { exitCode, startGroup } from '../../scripts/lib/processes.mjs';
import { requirePeer } from '../support/peers';
import { repositoryRoot } from './driver';
import { reportInHost, runInHost } from './in-host';

const scenario = { CALL_LAB_SCENARIO: '/scenarios/of the test.yaml' };

test('the extension activates from its folder, as under development', requirePeer('chromium'), async (t) => {
  const run = await runInHost('activation', {
    extension: repositoryRoot,
    workspace: 'test/host/fixtures/workspace',
    env: { ...scenario, CALL_LAB_EXPECTED_PATH: repositoryRoot },
  });
  await reportInHost(t, run);
  assert.deepEqual(run.errors, []);
});

test('the packaged extension installs and activates', requirePeer('chromium'), async (t) => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'call-lab-vsix-'));
  try {
    const vsix = path.join(folder, 'call-lab.vsix');
    const packaging = startGroup(process.execPath, ['scripts/package.mjs', vsix], { cwd: repositoryRoot, stdio: 'ignore' });
    assert.equal(await exitCode(packaging), 0);
    const run = await runInHost('activation', {
      // An in-host suite wants an extension under development beside it; this one has nothing to do with ours.
      extension: path.join(__dirname, 'fixtures/webview-probe'),
      vsix,
      workspace: 'test/host/fixtures/workspace',
      env: { ...scenario, CALL_LAB_EXPECTED_PATH: path.join(os.tmpdir(), 'call-lab-host-') },
    });
    await reportInHost(t, run);
    assert.deepEqual(run.errors, []);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
