import { SeededRandom, VirtualClock } from '../../src/core';
import { Lab } from '../../src/lab';
import { SimulatedNetwork } from '../../src/net';
import { OwnTimers } from '../../src/scenario/own-timers';
import { heapUsed } from './heap';

/** Journal entries kept: without a bound, a journal is what grows. */
const journalLimit = 2_000;

/** Turns of the microtask queue between two timers: more than the longest chain of promises in the lab has links. */
const turns = 8;

/**
 * Two phones on the simulated network under virtual time that call each other as fast as the machine can; to see what of
 * a call stays in memory.
 */
export class Churn {
  readonly #clock = new VirtualClock();
  readonly #lab: Lab;

  private constructor(keepMessages: number | undefined) {
    const random = new SeededRandom(1);
    this.#lab = new Lab({
      network: new SimulatedNetwork({ clock: this.#clock, random }),
      clock: new OwnTimers(this.#clock),
      random,
      startedAt: new Date('2026-01-01T00:00:00Z'),
      phones: [
        { name: 'alice', host: '127.0.0.11', port: 5060 },
        { name: 'bob', host: '127.0.0.12', port: 5060, behaviour: { kind: 'answer', after: 0 } },
      ],
      ...(keepMessages === undefined ? { entryLimit: journalLimit } : { keepMessages }),
      mediaLimit: journalLimit,
      stopTimeout: 100_000,
    });
  }

  /** With a number of messages, what they mean is read, and so many are kept. */
  static async start(keepMessages?: number): Promise<Churn> {
    const churn = new Churn(keepMessages);
    if (keepMessages !== undefined) churn.#lab.trace.advance(0);
    await churn.#until(churn.#lab.start());
    return churn;
  }

  /** So many calls, one after the other, each up for a moment. */
  async callAndHangUp(count: number): Promise<void> {
    for (let call = 0; call < count; call += 1) {
      await this.#place();
      await this.#until(this.#lab.perform({ verb: 'hangup', phone: 'alice' }));
      await this.pass(100);
    }
  }

  /** So many calls at once, all up. */
  async callAndStay(count: number): Promise<void> {
    for (let call = 0; call < count; call += 1) await this.#place();
    await this.pass(1_000);
  }

  async hangUpAll(): Promise<void> {
    for (const { id } of this.#lab.phone('alice').calls.filter(({ state }) => state !== 'ended')) {
      await this.#until(this.#lab.perform({ verb: 'hangup', phone: 'alice', call: id }));
    }
  }

  /** Lets so many milliseconds of virtual time pass. */
  async pass(duration: number): Promise<void> {
    const end = this.#clock.now() + duration;
    await this.#step(() => (this.#clock.nextDue ?? Number.POSITIVE_INFINITY) > end);
    this.#clock.advance(Math.max(0, end - this.#clock.now()));
  }

  /** Octets of the heap in use when everything that can be collected is. */
  heapUsed(): number {
    return heapUsed();
  }

  /** Throws when something is left. */
  async end(): Promise<void> {
    const leaks = await this.#until(this.#lab.stop());
    if (leaks.calls + leaks.sockets + leaks.timers > 0) throw new Error(`the stopped lab left ${JSON.stringify(leaks)}`);
  }

  async #place(): Promise<void> {
    const outcome = await this.#until(this.#lab.perform({ verb: 'place', phone: 'alice', target: 'bob' }));
    if (!outcome.ok) throw new Error(outcome.text);
    const up = this.#lab.until(() => this.#lab.candidates('hold', 'alice').length > 0);
    await this.#until(up);
  }

  async #until<Result>(work: Promise<Result>): Promise<Result> {
    let isDone = false;
    const done = work.finally(() => {
      isDone = true;
    });
    await this.#step(() => isDone);
    return done;
  }

  async #step(isOver: () => boolean): Promise<void> {
    for (;;) {
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      if (isOver() || !this.#clock.step()) return;
    }
  }
}
