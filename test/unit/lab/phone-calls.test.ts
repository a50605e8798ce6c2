import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { startLab } from '../../support/lab-rig';

describe('the calls of a phone', () => {
  it('lists every call at every moment, also while it is let go', async () => {
    const rig = await startLab();
    const seen: string[] = [];
    rig.lab.on('changed', () => {
      const [call] = rig.lab.phone('alice').calls;
      if (call !== undefined || seen.length > 0) seen.push(call?.state ?? 'gone');
    });
    await rig.connect('alice', 'bob');
    await rig.do('alice hangup');
    await rig.end();
    assert.deepEqual([...new Set(seen)], ['calling', 'ringing', 'connected', 'ended'], 'never gone');
  });
});
