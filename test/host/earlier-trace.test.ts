import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requirePeer } from '../support/peers';
import { repositoryRoot } from './driver';
import { reportInHost, runInHost } from './in-host';

test('the earlier part of a long trace, in a real VS Code', requirePeer('chromium'), async (t) => {
  const run = await runInHost('earlier-trace', { extension: repositoryRoot, workspace: 'test/host/fixtures/workspace' });
  await reportInHost(t, run);
  assert.deepEqual(run.errors, []);
});
