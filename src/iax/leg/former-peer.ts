import { type Milliseconds, NamedTimers } from '../../core';
import { buildCommand, type FullFrame } from '../frame';
import type { IaxServices } from '../services';
import { isNumbered } from './frame-rules';
import type { LegPath } from './leg-parts';
import { judgeArrival } from './sequence';

/** A peer left behind may repeat what it sent: as long as any frame is repeated. */
const remembering: Milliseconds = 40_000;

/** The peer that a leg had before it moved, which may have missed the last ACK (IAX2 reference 6.3, 6.4). */
export class FormerPeer {
  readonly #services: IaxServices;
  readonly #timers: NamedTimers<'former peer'>;
  readonly #localNumber: number;
  readonly #onForgotten: (path: LegPath) => void;
  #path: LegPath | undefined;
  /** What we expected next of it. */
  #incoming = 0;

  constructor(services: IaxServices, id: string, localNumber: number, onForgotten: (path: LegPath) => void) {
    this.#services = services;
    this.#timers = new NamedTimers(services.clock, services.observer, id);
    this.#localNumber = localNumber;
    this.#onForgotten = onForgotten;
  }

  get path(): LegPath | undefined {
    return this.#path;
  }

  remember(path: LegPath, incoming: number): void {
    this.forget();
    this.#path = path;
    this.#incoming = incoming;
    this.#timers.set('former peer', remembering, () => this.forget());
  }

  forget(): void {
    const path = this.#path;
    this.#timers.clearAll();
    this.#path = undefined;
    if (path !== undefined) this.#onForgotten(path);
  }

  /** Acknowledges once more what was served before the move; everything else of it is nothing any more. */
  receive(frame: FullFrame): void {
    const path = this.#path;
    if (path === undefined || !isNumbered(frame) || judgeArrival(this.#incoming, frame.outgoingSequence) !== 'duplicate') return;
    const header = { sourceCall: this.#localNumber, destinationCall: path.number, timestamp: frame.timestamp };
    const numbers = { outgoingSequence: frame.incomingSequence, incomingSequence: this.#incoming };
    this.#services.transmit(path.address, buildCommand({ ...header, ...numbers }, 'ACK').bytes);
  }
}
