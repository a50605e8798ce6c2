import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';

/** What a test left running, to be ended with it in any case. */
export interface Guest {
  stop(): Promise<void>;
}

/** Where a test keeps its logs, `artifacts/interop/<name>/`, and the strangers that are to end with it. */
export class Place {
  readonly folder: string;
  readonly #guests: Guest[] = [];

  constructor(name: string) {
    this.folder = path.join(import.meta.dirname, '..', '..', '..', 'artifacts', 'interop', name);
    rmSync(this.folder, { recursive: true, force: true });
    mkdirSync(this.folder, { recursive: true });
  }

  /** Ends `guest` with the test. */
  add<Kind extends Guest>(guest: Kind): Kind {
    this.#guests.push(guest);
    return guest;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#guests.map((guest) => guest.stop()));
  }
}
