/** What one program of the transfer bench did, as it prints it: one line of JSON. */
export interface TransferReport {
  readonly transfers: number;
  /** Final NOTIFYs that reached their transferor: as many as transfers, or something is wrong. */
  readonly finalNotifies: number;
  readonly seconds: number;
  /** Processor time, in seconds. */
  readonly processorSeconds: number;
  /** From a REFER received to the new INVITE on the wire, in milliseconds, ascending. */
  readonly delays: readonly number[];
}

/** Counts what happens between `start` and `end`; before that the program only warms up. */
export class TransferMeter {
  transfers = 0;
  finalNotifies = 0;
  readonly #delays: number[] = [];
  #isOn = false;
  #begun = 0;
  #processor = process.cpuUsage();

  get isOn(): boolean {
    return this.#isOn;
  }

  start(): void {
    this.transfers = 0;
    this.finalNotifies = 0;
    this.#delays.length = 0;
    this.#isOn = true;
    this.#begun = performance.now();
    this.#processor = process.cpuUsage();
  }

  /** A REFER became an INVITE within so many milliseconds. */
  delay(milliseconds: number): void {
    if (this.#isOn) this.#delays.push(milliseconds);
  }

  end(): TransferReport {
    const { user, system } = process.cpuUsage(this.#processor);
    return {
      transfers: this.transfers,
      finalNotifies: this.finalNotifies,
      seconds: (performance.now() - this.#begun) / 1000,
      processorSeconds: (user + system) / 1e6,
      delays: [...this.#delays].sort((a, b) => a - b),
    };
  }
}

/** Runs `loop` for each trio until the time is over, warmed up for a second, and prints what was done. */
export async function measureTransfers(trios: number, seconds: number, meter: TransferMeter, transferOnce: (trio: number) => Promise<void>): Promise<void> {
  let isOver = false;
  const loop = async (trio: number): Promise<void> => {
    while (!isOver) {
      await transferOnce(trio);
      meter.transfers += 1;
    }
  };
  const loops = Array.from({ length: trios }, (_, trio) => loop(trio));
  await pause(1_000);
  meter.start();
  await pause(seconds * 1_000);
  const report = meter.end();
  isOver = true;
  await Promise.all(loops);
  console.log(JSON.stringify(report));
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}
