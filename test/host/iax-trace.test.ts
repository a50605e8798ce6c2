import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requirePeer } from '../support/peers';
import { repositoryRoot } from './driver';
import { reportInHost, runInHost } from './in-host';

test('a trace of IAX2 in the editor of a real VS Code', requirePeer('chromium'), async (t) => {
  const run = await runInHost('iax-trace', { extension: repositoryRoot, workspace: 'test/host/fixtures/workspace' });
  await reportInHost(t, run);
  assert.deepEqual(run.errors, []);
});
