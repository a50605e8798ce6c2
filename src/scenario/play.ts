import { type Clock, type Disposable, DisposableStore, type Milliseconds } from '../core';
import { decodeFrame, frameTypes } from '../iax';
import { formatVerb, type Lab, type VerbName, type VerbOutcome } from '../lab';
import type { PacketEntry } from '../trace';
import { formatDuration } from './duration';
import type { Patience } from './environment';
import { describeFact, judgeCondition } from './facts';
import type { PlannedVerb, Scenario, Step, WaitStep } from './scenario';
import { verify } from './verify';

/** IAX2 frames that are sent for as long as a call lasts, and tell of nothing. */
const upkeep: ReadonlySet<string | undefined> = new Set(['PING', 'PONG', 'LAGRQ', 'LAGRP', 'ACK', 'POKE']);

/** Whether a packet may be part of something that is still going on. */
function isNews({ protocol, bytes }: PacketEntry): boolean {
  if (protocol !== 'iax2') return protocol === 'sip';
  try {
    const frame = decodeFrame(bytes);
    return frame.kind === 'full' && frame.type !== frameTypes.voice && !upkeep.has(frame.command);
  } catch {
    return false; // no frame at all
  }
}

/** What a scenario is played on. */
export interface Stage {
  /** Running, with the scenario's phones. */
  readonly lab: Lab;
  readonly clock: Clock;
  readonly patience: Patience;
  /** Ends the play before its time. */
  readonly signal?: AbortSignal | undefined;
  readonly onStep?: ((step: Step, index: number) => void) | undefined;
}

/** Verbs whose outcome is a matter of other people; the steps after them do not wait for it. */
const lengthyVerbs: ReadonlySet<VerbName> = new Set(['transfer', 'attended-transfer', 'blonde-transfer']);

/** How long nothing may have happened before the end is taken for the end. */
const settling: Milliseconds = 400;

/**
 * Does the steps of a scenario on a running lab, then waits until its expectations hold and everything is quiet. Returns a
 * sentence for everything that was not as it should be. The phones' calls are left as they are.
 */
export async function playScenario(scenario: Scenario, stage: Stage): Promise<readonly string[]> {
  const player = new Player(scenario, stage);
  try {
    return await player.play();
  } finally {
    player.dispose();
  }
}

class Player implements Disposable {
  readonly #scenario: Scenario;
  readonly #stage: Stage;
  readonly #failures: string[] = [];
  readonly #underWay = new Set<PlannedVerb>();
  readonly #checks = new Set<() => void>();
  readonly #disposables = new DisposableStore();
  #lastEvent: Milliseconds;

  constructor(scenario: Scenario, stage: Stage) {
    this.#scenario = scenario;
    this.#stage = stage;
    const { lab, clock, signal } = stage;
    this.#lastEvent = clock.now();
    const changed = (): void => {
      this.#lastEvent = clock.now();
      this.#check();
    };
    this.#disposables.add(lab.on('changed', changed));
    this.#disposables.add(
      lab.journal.on('entry', (entry) => {
        if (entry.kind === 'packet' && isNews(entry)) this.#lastEvent = clock.now();
      }),
    );
    const abort = (): void => {
      this.#fail(undefined, 'The scenario was stopped.');
    };
    signal?.addEventListener('abort', abort);
    this.#disposables.add({ dispose: () => signal?.removeEventListener('abort', abort) });
  }

  dispose(): void {
    this.#disposables.dispose();
  }

  async play(): Promise<readonly string[]> {
    for (const [index, step] of this.#scenario.steps.entries()) {
      this.#stage.onStep?.(step, index);
      if (step.kind === 'wait') await this.#wait(step);
      else await this.#perform(step.verbs);
      if (this.#failures.length > 0) return this.#failures;
    }
    await this.#settle();
    return this.#failures;
  }

  async #perform(verbs: readonly PlannedVerb[]): Promise<void> {
    for (const planned of verbs) {
      this.#underWay.add(planned);
      void this.#stage.lab.perform(planned.verb).then((outcome) => {
        this.#underWay.delete(planned);
        this.#judge(planned, outcome);
        this.#check();
      });
    }
    const awaited = verbs.filter(({ verb }) => !lengthyVerbs.has(verb.verb));
    const { verb: limit } = this.#stage.patience;
    const isDone = await this.#until(() => !awaited.some((planned) => this.#underWay.has(planned)), limit);
    if (!isDone) for (const planned of awaited) this.#failWithoutOutcome(planned, limit);
  }

  #judge({ verb, failure, range }: PlannedVerb, { ok, text, code }: VerbOutcome): void {
    const words = `"${formatVerb(verb)}"`;
    if (failure === undefined) {
      if (!ok) this.#fail(range.from.line, `${words} failed: ${text}.`);
    } else if (ok) {
      this.#fail(range.from.line, `${words} should have failed, but did not: ${text}.`);
    } else if (failure.code !== undefined && failure.code !== code) {
      this.#fail(range.from.line, `${words} should have failed with ${failure.code}, but did with ${code ?? 'no code'}: ${text}.`);
    }
  }

  async #wait({ conditions, within, range }: WaitStep): Promise<void> {
    const { lab, patience } = this.#stage;
    const judgements = (): readonly ('yes' | 'no' | 'never')[] => conditions.map(({ condition }) => judgeCondition(condition, lab));
    const limit = within ?? patience.wait;
    await this.#until(() => judgements().every((is) => is === 'yes') || judgements().includes('never'), limit);
    if (this.#failures.length > 0) return;
    for (const [index, is] of judgements().entries()) {
      const planned = conditions[index];
      if (is === 'yes' || planned === undefined) continue;
      const why = is === 'never' ? 'cannot come true any more' : `did not come true within ${formatDuration(limit)}`;
      this.#fail(range.from.line, `"${planned.text}" ${why}: ${describeFact(planned.condition, lab)}.`);
    }
  }

  /** Until all holds and nothing has happened for a moment; or so long without an event that nothing more will. */
  async #settle(): Promise<void> {
    const { clock, patience } = this.#stage;
    const begun = clock.now();
    while (this.#failures.length === 0) {
      const quietFor = clock.now() - this.#lastEvent;
      if (quietFor >= settling) {
        const faults = verify(this.#scenario.expectations, this.#stage.lab);
        const verbs = this.#openVerbs();
        if (faults.length === 0 && verbs.length === 0) return;
        // Everything is right and a verb still waits for news: it has its own patience.
        const isQuiet = quietFor >= patience.quiet && faults.length > 0;
        if (isQuiet || clock.now() - begun >= patience.verb) this.#failures.push(...faults, ...verbs);
      }
      await this.#until(() => false, 50);
    }
  }

  /** Verbs that have no outcome yet and should have one. */
  #openVerbs(): readonly string[] {
    const { expectations } = this.#scenario;
    const mayPend = expectations.transfers?.list.some(({ verdict }) => verdict === 'pending') === true;
    return mayPend ? [] : [...this.#underWay].map(({ verb, range }) => `line ${range.from.line}: "${formatVerb(verb)}" has no outcome.`);
  }

  #failWithoutOutcome(planned: PlannedVerb, limit: Milliseconds): void {
    if (!this.#underWay.has(planned)) return;
    this.#fail(planned.range.from.line, `"${formatVerb(planned.verb)}" still has no outcome after ${formatDuration(limit)}.`);
  }

  /** Resolves with true when `isMet` holds or something failed, with false when the time is up. */
  #until(isMet: () => boolean, limit: Milliseconds): Promise<boolean> {
    return new Promise((resolve) => {
      const finish = (result: boolean): void => {
        this.#checks.delete(check);
        timer.dispose();
        resolve(result);
      };
      const check = (): void => {
        if (this.#failures.length > 0 || isMet()) finish(true);
      };
      const timer = this.#stage.clock.setTimer(limit, () => {
        finish(false);
      });
      this.#checks.add(check);
      check();
    });
  }

  #check(): void {
    for (const check of [...this.#checks]) check();
  }

  #fail(line: number | undefined, text: string): void {
    this.#failures.push(line === undefined ? text : `line ${line}: ${text}`);
    this.#check();
  }
}
