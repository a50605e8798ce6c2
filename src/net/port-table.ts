const FIRST_EPHEMERAL = 49_152;
const LAST_PORT = 65_535;

/** The ports of one simulated host and one protocol, and what is bound to them. */
export class PortTable<Bound> {
  readonly #bound = new Map<number, Bound>();
  #next = FIRST_EPHEMERAL;

  get(port: number): Bound | undefined {
    return this.#bound.get(port);
  }

  set(port: number, bound: Bound): void {
    this.#bound.set(port, bound);
  }

  /** Frees `port` if `bound` is what holds it. */
  release(port: number, bound: Bound): void {
    if (this.#bound.get(port) === bound) this.#bound.delete(port);
  }

  /** A port nobody is bound to: the same sequence in every run. Undefined when all are taken. */
  allocate(): number | undefined {
    for (let tried = FIRST_EPHEMERAL; tried <= LAST_PORT; tried += 1) {
      const port = this.#next;
      this.#next = port === LAST_PORT ? FIRST_EPHEMERAL : port + 1;
      if (!this.#bound.has(port)) return port;
    }
    return undefined;
  }

  values(): Bound[] {
    return [...this.#bound.values()];
  }
}
