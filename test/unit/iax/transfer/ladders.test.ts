import assert from 'node:assert/strict';
import path from 'node:path';
import { suite, test } from 'node:test';
import { buildLadder, toMermaidFile } from '../../../../src/ladder';
import { TraceModel } from '../../../../src/trace';
import { assertGolden } from '../../../support/golden';
import { type StageOptions, TransferStage } from '../../../support/iax-transfer-stage';

/*
 * Each kind of native transfer as a ladder to read, from what our endpoints sent, with the verdict of the trace on it. It must be the
 * verdict of the engine too.
 */

interface Story {
  readonly name: string;
  readonly options?: StageOptions;
  readonly media?: boolean;
  readonly attempts?: number;
  /** Lines, as `S>B TXREL`, that do not arrive. */
  readonly lost?: RegExp;
  /** Milliseconds after which the path is good again. */
  readonly until?: number;
  readonly outcome: string;
}

const stories: readonly Story[] = [
  { name: 'supervised', options: { isHeld: true }, outcome: 'done' },
  { name: 'blonde', options: { isBlonde: true, isHeld: true }, outcome: 'done' },
  { name: 'media-only', media: true, outcome: 'media' },
  { name: 'refused', options: { boss: { transferPolicy: 'off' } }, outcome: 'rejected' },
  { name: 'unreachable', lost: /^[CB]>[CB] /, outcome: 'timed-out' },
  { name: 'second-attempt', lost: /^C>B /, until: 5_000, attempts: 2, outcome: 'done' },
  { name: 'txrel-lost-twice', lost: /^S>B TXREL/, until: 2_500, outcome: 'done' },
];

function play({ options, media = false, attempts = 1, lost, until = Number.POSITIVE_INFINITY }: Story): TransferStage {
  const stage = new TransferStage({ seed: 4, ...options });
  assert.ok(stage.setUp());
  const started = stage.rig.clock.now();
  stage.rig.filter = (datagram) => lost === undefined || stage.rig.clock.now() - started > until || !lost.test(stage.brief(datagram));
  stage.connect({ media, attempts });
  assert.ok(stage.carryUntil(() => stage.outcomes.length > 0));
  if (stage.ofBoss.state === 'ringing') stage.ofBoss.answer();
  stage.carry(500);
  stage.ofBoss.hangUp();
  stage.carry(100);
  stage.withCustomer.hangUp();
  stage.carry(500);
  return stage;
}

suite('golden ladders of native transfers', () => {
  for (const story of stories) {
    test(story.name, () => {
      const stage = play(story);
      assert.equal(stage.outcomes[0]?.is, story.outcome);
      const packets = stage.rig.sent.map(({ at, from, to, bytes }) => ({ at: 1_700_000_000_000 + at, transport: 'udp' as const, source: from, destination: to, bytes }));
      const model = TraceModel.from(packets);
      model.finish();
      assertGolden(path.join(__dirname, 'golden', `${story.name}.mmd`), toMermaidFile(buildLadder(model, { acknowledgements: false })));
      const verdicts = model.transfers.map(({ verdict }) => verdict);
      const isGood = story.outcome === 'done' || story.outcome === 'media';
      assert.equal(verdicts.at(-1), isGood ? 'success' : 'failed', verdicts.join());
      assert.deepEqual(model.lints.map(({ id }) => id), []);
      assert.equal(stage.strike().timers, 0);
    });
  }
});
