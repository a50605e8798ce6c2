import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { requirePeer } from '../support/peers';
import { repositoryRoot } from './driver';
import { reportInHost, runInHost } from './in-host';

test('what other extensions, tasks and keybindings can do', requirePeer('chromium'), async (t) => {
  const run = await runInHost('api', {
    extension: repositoryRoot,
    workspace: 'test/host/fixtures/workspace',
    env: { CALL_LAB_TRACE: path.join(repositoryRoot, 'test/unit/capture/blind-busy.siptrace') },
  });
  await reportInHost(t, run);
  assert.deepEqual(run.errors, []);
});
