import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { VirtualClock } from '../../../src/core';
import { type Heard, type Law, VoiceSession } from '../../../src/media';

/** Two sessions whose frames reach each other unless `loses` says otherwise. */
function pair(loses: (frame: number) => boolean = () => false): { clock: VirtualClock; alice: VoiceSession; heard: Heard[]; sent: Law[] } {
  const clock = new VirtualClock();
  const heard: Heard[] = [];
  const sent: Law[] = [];
  const candidates = [350, 500];
  const bob = new VoiceSession({ clock, tone: 500, candidates, send: () => undefined, onHears: (what) => heard.push(what) });
  const alice = new VoiceSession({
    clock,
    tone: 350,
    candidates,
    send: (law, payload) => {
      if (!loses(sent.push(law))) bob.receive(law, clock.now(), payload);
    },
    onHears: () => undefined,
  });
  return { clock, alice, heard, sent };
}

describe('the voice of a call in bare frames', () => {
  for (const law of ['pcmu', 'pcma'] as const) {
    it(`is heard by its tone in ${law}, then the hold tone, then nothing`, () => {
      const { clock, alice, heard } = pair();
      alice.play('voice');
      clock.advance(500);
      assert.equal(heard.length, 0, 'nothing is sent before the codec is known');
      alice.configure(law);
      clock.advance(500);
      assert.deepEqual(heard.at(-1), { tones: new Set([350]), hold: false });
      alice.play('hold');
      clock.advance(1_000);
      assert.deepEqual(heard.at(-1), { tones: new Set(), hold: true });
      alice.play('none');
      clock.advance(1_000);
      assert.deepEqual(heard.at(-1), { tones: new Set(), hold: false });
    });
  }

  it('is heard although six of ten frames are lost', () => {
    const { clock, alice, heard } = pair((frame) => frame % 10 >= 4);
    alice.configure('pcmu');
    alice.play('voice');
    clock.advance(5_000);
    assert.deepEqual(heard, [{ tones: new Set([350]), hold: false }]);
  });

  it('sends fifty frames a second, and leaves no timer', () => {
    const { clock, alice, sent } = pair();
    alice.configure('pcmu');
    alice.play('voice');
    clock.advance(1_999);
    assert.equal(sent.length, 100);
    alice.dispose();
    clock.advance(5_000);
    assert.equal(sent.length, 100);
    assert.equal(clock.pendingTimers, 0);
  });
});
