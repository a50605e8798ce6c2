import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { SeededRandom, VirtualClock } from '../../../src/core';
import {
  BlockCutter,
  Ear,
  encodeSamples,
  type Heard,
  HOLD_TONE,
  type Law,
  phoneTone,
  phoneToneCount,
  type Tone,
  toneFrame,
  toneSamples,
  voiceOf,
} from '../../../src/media';

const all = Array.from({ length: phoneToneCount }, (_, index) => phoneTone(index));

/** An ear, what it said and when, and one source to speak to it. */
function listener(candidates: readonly number[] = all) {
  const clock = new VirtualClock(1000);
  const log: string[] = [];
  const show = ({ tones, hold }: Heard): string => [...tones, ...(hold ? ['hold'] : [])].join('+') || 'nobody';
  const ear = new Ear({
    clock,
    candidates,
    onHears: (heard) => log.push(`${Math.round(clock.now() - 1000)} ${show(heard)}`),
  });
  const cutter = new BlockCutter(ear);
  /** Speaks for `duration`, packet by packet; those for which `lose` says so never arrive. */
  const speak = (tone: Tone, duration: number, lose: () => boolean = () => false, law: Law = 'pcmu'): void => {
    const frame = toneFrame(tone, law);
    let follows = false;
    for (let at = 0; at < duration; at += 20) {
      clock.advance(20);
      const lost = lose();
      if (!lost) cutter.accept(frame, law, follows);
      follows = !lost;
    }
  };
  return { clock, ear, cutter, log, speak, show: () => show(ear.heard) };
}

describe('Ear', () => {
  test('hears a phone after three packets and forgets it 300 ms after the last', () => {
    const { clock, log, speak } = listener();
    speak(voiceOf(500), 1000);
    clock.advance(1000);
    assert.deepEqual(log, ['60 500', '1300 nobody']);
    assert.equal(clock.pendingTimers, 0);
  });

  test('hears the hold tone as hold and as nobody', () => {
    const { clock, log, speak } = listener();
    speak(HOLD_TONE, 200);
    clock.advance(1000);
    assert.deepEqual(log, ['60 hold', '500 nobody']);
  });

  test('says what changed, once: one phone after another, without a moment of silence between', () => {
    const { clock, log, speak } = listener();
    speak(voiceOf(500), 500);
    speak(voiceOf(650), 500);
    clock.advance(1000);
    assert.deepEqual(log, ['60 500', '560 500+650', '800 650', '1300 nobody']);
  });

  test('one stray packet, or two, are nobody', () => {
    const { clock, log, speak } = listener();
    speak(voiceOf(500), 40);
    clock.advance(400);
    speak(voiceOf(500), 40);
    clock.advance(400);
    assert.deepEqual(log, []);
  });

  test('three packets spread over more than 200 ms are nobody yet', () => {
    const { clock, log, speak } = listener();
    for (let count = 0; count < 6; count += 1) {
      speak(voiceOf(500), 20);
      clock.advance(100);
    }
    assert.deepEqual(log, []);
  });

  test('a change of law in the middle is not heard', () => {
    const { log, speak } = listener();
    speak(voiceOf(500), 300, undefined, 'pcmu');
    speak(voiceOf(500), 300, undefined, 'pcma');
    assert.deepEqual(log, ['60 500']);
  });

  test('two sources at once are two phones', () => {
    const { clock, ear, cutter, log } = listener();
    const other = new BlockCutter(ear);
    for (let at = 0; at < 500; at += 20) {
      clock.advance(20);
      cutter.accept(toneFrame(voiceOf(350), 'pcmu'), 'pcmu', true);
      other.accept(toneFrame(voiceOf(3800), 'pcma'), 'pcma', true);
    }
    assert.deepEqual(log, ['60 350', '60 350+3800']);
  });

  for (const length of [80, 160, 240, 320, 480]) {
    test(`cuts packets of ${length / 8} ms into blocks`, () => {
      const { clock, cutter, log, show } = listener();
      const speech = encodeSamples(toneSamples(voiceOf(1250), 8000), 'pcma');
      for (let at = 0; at < speech.length; at += length) {
        clock.advance(length / 8);
        cutter.accept(speech.subarray(at, at + length), 'pcma', at > 0);
      }
      assert.equal(show(), '1250');
      assert.equal(log.length, 1);
    });
  }

  test('a seam in the middle of a block is no sound', () => {
    const { clock, cutter, log } = listener();
    const halves = encodeSamples(toneSamples(voiceOf(1250), 8000), 'pcma');
    // Every second packet of 10 ms is lost: no block of 20 ms is ever whole.
    for (let at = 0; at < halves.length; at += 160) {
      clock.advance(20);
      cutter.accept(halves.subarray(at, at + 80), 'pcma', false);
    }
    assert.deepEqual(log, []);
  });

  test('under 30 % loss it hears within 200 ms nearly always, never flaps, and is quiet within 400 ms', () => {
    let slow = 0;
    const runs = 300;
    for (let seed = 1; seed <= runs; seed += 1) {
      const random = new SeededRandom(seed);
      const { clock, log, speak } = listener();
      speak(voiceOf(phoneTone(seed % phoneToneCount)), 4000, () => random.fraction() < 0.3);
      clock.advance(320);
      const [first = '', last = '', ...more] = log;
      assert.deepEqual(more, [], `seed ${seed}: ${log.join(', ')}`);
      assert.match(first, new RegExp(` ${phoneTone(seed % phoneToneCount)}$`));
      assert.match(last, / nobody$/);
      assert.ok(Number.parseInt(last) <= 4300);
      if (Number.parseInt(first) > 200) slow += 1;
    }
    assert.ok(slow <= runs / 100, `${slow} of ${runs} took more than 200 ms`);
  });

  test('an hour under 30 % loss without a flap', () => {
    const random = new SeededRandom(99);
    const { log, speak } = listener([350, 500, 650]);
    speak(voiceOf(500), 3_600_000, () => random.fraction() < 0.3);
    assert.equal(log.length, 1);
  });

  test('two phones mixed, under 30 % loss in either law', () => {
    for (const law of ['pcmu', 'pcma'] as const) {
      const random = new SeededRandom(5);
      const { log, speak } = listener();
      speak({ frequencies: [950 - 150, 1100], amplitude: 8000 }, 10_000, () => random.fraction() < 0.3, law);
      assert.equal(log.length, 1);
      assert.match(log[0] ?? '', / 800\+1100$/);
    }
  });

  test('new candidates: what is heard of those kept stays heard, the others fall silent at once', () => {
    const { clock, ear, log, speak } = listener([350, 500]);
    speak({ frequencies: [350, 500], amplitude: 8000 }, 200);
    ear.lookFor([500, 650]);
    speak({ frequencies: [500, 650], amplitude: 8000 }, 200);
    ear.lookFor([]);
    clock.advance(1000);
    assert.deepEqual(log, ['60 350+500', '200 500', '260 500+650', '400 nobody']);
    assert.equal(clock.pendingTimers, 0);
  });

  test('dispose says that nobody is heard, and leaves no timer', () => {
    const { clock, ear, log, speak } = listener();
    speak(voiceOf(350), 100);
    assert.equal(clock.pendingTimers, 1);
    ear.dispose();
    ear.dispose();
    assert.deepEqual(log, ['60 350', '100 nobody']);
    assert.equal(clock.pendingTimers, 0);
  });

  test('whoever speaks is heard, and nobody else, whatever the order of speech, silence and loss', () => {
    const step = fc.record({
      who: fc.option(fc.nat(5), { nil: undefined }),
      duration: fc.integer({ min: 30, max: 60 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 6 }), fc.nat(10_000), (steps, seed) => {
        const random = new SeededRandom(seed);
        const { clock, speak, show } = listener();
        for (const { who, duration } of steps) {
          if (who === undefined) clock.advance(duration * 20);
          else speak(voiceOf(phoneTone(who)), duration * 20, () => random.fraction() < 0.2);
          assert.equal(show(), who === undefined ? 'nobody' : String(phoneTone(who)));
        }
        clock.advance(400);
        assert.equal(show(), 'nobody');
        assert.equal(clock.pendingTimers, 0);
      }),
      { numRuns: 40 },
    );
  });
});
