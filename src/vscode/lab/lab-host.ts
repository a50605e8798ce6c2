import { type Disposable, DisposableStore, Emitter } from '../../core';
import type { Lab, LabEvents } from '../../lab';

export type LabPhase = 'stopped' | 'starting' | 'running' | 'stopping';

/** What the host tells: everything its lab tells, whichever lab that is. */
export interface LabHostEvents extends LabEvents {
  /** Another lab is there: its journal begins anew. */
  lab: [Lab];
}

/**
 * Owns the lab of this window. A lab lives from one start to the next stop; the one that ended stays, so that its trace
 * can still be read, until the next one starts.
 */
export class LabHost implements Disposable {
  readonly #create: () => Promise<Lab>;
  readonly #emitter = new Emitter<LabHostEvents>();
  #held = new DisposableStore();
  #lab: Lab | undefined;
  #phase: LabPhase = 'stopped';
  #change: Promise<unknown> = Promise.resolve();

  constructor(create: () => Promise<Lab>) {
    this.#create = create;
  }

  get phase(): LabPhase {
    return this.#phase;
  }

  /** The running lab, or the last one. */
  get lab(): Lab | undefined {
    return this.#lab;
  }

  /** The lab while it runs. */
  get runningLab(): Lab | undefined {
    return this.#phase === 'running' ? this.#lab : undefined;
  }

  /** Starts a lab unless one runs. Starts and stops follow each other, whoever asks. */
  start(create: () => Promise<Lab> = this.#create): Promise<Lab> {
    return this.#after(async () => {
      if (this.#phase === 'running' && this.#lab !== undefined) return this.#lab;
      this.#enter('starting');
      try {
        const lab = await create();
        this.#adopt(lab);
        await lab.start();
        this.#enter('running');
        return lab;
      } catch (error) {
        this.#enter('stopped');
        throw error;
      }
    });
  }

  /** Hangs everything up, closes the sockets. */
  stop(): Promise<void> {
    return this.#after(async () => {
      if (this.#phase !== 'running') return;
      this.#enter('stopping');
      try {
        await this.#lab?.stop();
      } finally {
        this.#enter('stopped');
      }
    });
  }

  on<Name extends keyof LabHostEvents>(event: Name, listener: (...args: LabHostEvents[Name]) => void): Disposable {
    return this.#emitter.on(event, listener);
  }

  /** Something around the lab has changed that views show. */
  touch(): void {
    this.#emitter.emit('changed');
  }

  dispose(): void {
    this.#held.dispose();
  }

  #adopt(lab: Lab): void {
    this.#held.dispose();
    this.#held = new DisposableStore();
    this.#lab = lab;
    const events: readonly (keyof LabEvents)[] = [
      'call',
      'hears',
      'transfer',
      'digit',
      'asked',
      'notice',
      'problem',
      'verb',
      'state',
      'changed',
    ];
    for (const event of events) this.#held.add(lab.on(event, (...args) => this.#emitter.emit(event, ...args)));
    this.#held.add(lab.trace.on('message', () => this.#emitter.emit('changed')));
    this.#emitter.emit('lab', lab);
  }

  #enter(phase: LabPhase): void {
    this.#phase = phase;
    this.#emitter.emit('changed');
  }

  #after<Result>(task: () => Promise<Result>): Promise<Result> {
    const result = this.#change.then(task);
    this.#change = result.catch(() => undefined);
    return result;
  }
}
