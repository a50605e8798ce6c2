import { setTimeout as pause } from 'node:timers/promises';
import { CryptoRandom, RealClock } from '../../src/core';
import { Lab, parseVerb, type PhoneOptions } from '../../src/lab';
import { RealNetwork } from '../../src/net';

/** Who calls, who gives the caller away, and who gets the caller; each three go through the same again and again. */
const trios: readonly (readonly [string, string, string])[] = [
  ['alice', 'bob', 'charlie'],
  ['dave', 'erin', 'frank'],
  ['customer', 'secretary', 'boss'],
];

/** How long somebody has for what a step waits for, in milliseconds; then the three hang up and begin anew. */
const patience = 8_000;

/** A lab on real sockets of the loopback whose phones call, hold, consult, transfer and hang up, at a steady number of messages a second. */
export class EnduranceLab {
  readonly lab: Lab;
  readonly #rate: number;
  #isOver = false;
  #begun = 0;
  /** Rounds done, and those that did not come to their end. */
  rounds = 0;
  broken = 0;

  constructor(rate: number) {
    this.#rate = rate;
    const behaviour = { kind: 'answer', after: 0 } as const;
    const phones = trios.flatMap((trio, index): PhoneOptions[] =>
      trio.map((name) => ({ name, behaviour, ...(index === 1 && { transport: 'tcp' }), ...(index === 2 && { protocol: 'iax2' }) })),
    );
    this.lab = new Lab({ network: new RealNetwork(), clock: new RealClock(), random: new CryptoRandom(), startedAt: new Date(), phones });
  }

  /** Goes on until `stop`; resolves when everybody has hung up. Throws when something is left. */
  async run(): Promise<void> {
    await this.lab.start();
    this.#begun = performance.now();
    await Promise.all(trios.map((trio, index) => this.#go(trio, index)));
    const leaks = await this.lab.stop();
    if (leaks.calls + leaks.sockets + leaks.timers > 0) throw new Error(`the stopped lab left ${JSON.stringify(leaks)}`);
  }

  stop(): void {
    this.#isOver = true;
  }

  async #go(trio: readonly [string, string, string], index: number): Promise<void> {
    for (let round = index; !this.#isOver; round += 1) {
      try {
        await this.#round(trio, round % 3);
      } catch {
        this.broken += 1;
      }
      await this.#hangUp(trio);
      this.rounds += 1;
    }
  }

  /** A call that is held and resumed; then a blind transfer, an attended one, or none. */
  async #round([caller, giver, getter]: readonly [string, string, string], kind: number): Promise<void> {
    await this.#do(`${caller} place ${giver}`);
    await this.#until(() => this.lab.candidates('hold', giver).length > 0);
    await this.#do(`${giver} hold`);
    await this.#do(`${giver} resume`);
    if (kind === 0) return;
    const isIax = caller === 'customer';
    if (kind === 1 && !isIax) {
      await this.#do(`${giver} transfer ${caller} to ${getter}`);
    } else {
      await this.#do(`${giver} consult ${getter}`);
      await this.#until(() => this.lab.phone(getter).calls.some(({ state }) => state === 'connected'));
      await this.#do(`${giver} attended-transfer ${caller} to ${getter}`);
    }
    await this.#until(() => this.lab.phone(giver).calls.every(({ state }) => state === 'ended'));
    await pause(300);
  }

  async #hangUp(trio: readonly string[]): Promise<void> {
    const live = (): readonly { phone: string; id: string }[] => this.lab.calls.filter(({ phone, state }) => trio.includes(phone) && state !== 'ended');
    for (let attempt = 0; attempt < 20 && live().length > 0; attempt += 1) {
      for (const { phone, id } of live()) await this.lab.perform({ verb: 'hangup', phone, call: id });
      await pause(100);
    }
  }

  async #do(verb: string): Promise<void> {
    await this.#inTime();
    const outcome = await this.lab.perform(parseVerb(verb));
    if (!outcome.ok) throw new Error(`${verb}: ${outcome.text}`);
  }

  /** Nobody does anything as long as more messages have come than the rate allows. */
  async #inTime(): Promise<void> {
    while (!this.#isOver && this.lab.trace.endIndex > (this.#rate * (performance.now() - this.#begun)) / 1_000) await pause(5);
  }

  async #until(isMet: () => boolean): Promise<void> {
    const isInTime = await Promise.race([this.lab.until(isMet).then(() => true), pause(patience, false)]);
    if (!isInTime) throw new Error('it did not come');
  }
}
