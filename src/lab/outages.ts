import { CallLabError } from '../core';
import type { Phone } from './phone';

/**
 * Phones that crash and come back, one after the other: a phone that is being started cannot be started again, and a lab
 * that stops must know of all the sockets there will be.
 */
export class Outages {
  readonly #phones: Map<string, Phone>;
  #last: Promise<unknown> = Promise.resolve();
  #isOver = false;

  constructor(phones: Map<string, Phone>) {
    this.#phones = phones;
  }

  /** Rejects with CL3003 when the phone does not work anyway. */
  crash(name: string): Promise<string> {
    return this.#next(name, async (phone) => {
      if (!phone.isWorking) throw new CallLabError('CL3003', `${name} does not work: ${phone.problem ?? 'it is being started'}`);
      await phone.crash();
      return 'gone without a word';
    });
  }

  /** Crashes the phone if that has not happened yet, and puts a new one in its place. */
  restart(name: string): Promise<string> {
    return this.#next(name, async (old) => {
      const phone = old.successor();
      await old.crash();
      this.#phones.set(name, phone);
      await phone.start();
      if (phone.problem !== undefined) throw new CallLabError('CL3003', `${name} did not come back: ${phone.problem}`);
      phone.begin();
      return 'back, and remembers nothing';
    });
  }

  /** Nothing more is begun; resolves when what is under way is done. */
  async end(): Promise<void> {
    this.#isOver = true;
    await this.#last;
  }

  #next(name: string, work: (phone: Phone) => Promise<string>): Promise<string> {
    const result = this.#last.then(() => {
      const phone = this.#phones.get(name);
      if (this.#isOver || phone === undefined) throw new CallLabError('CL3007', 'The lab is being stopped');
      return work(phone);
    });
    this.#last = result.catch(() => undefined);
    return result;
  }
}
