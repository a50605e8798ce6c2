import type { IaxAddress } from '../address';
import { type Cause, causes } from '../cause';
import type { FullFrame } from '../frame';
import { Leg, type LegHost, type LegPath, type LegUser, type MediaCollector } from '../leg';
import type { IaxServices } from '../services';
import { CallNumbers } from './call-numbers';
import { LegTable } from './leg-table';

/** How many legs there may be at a time. */
export interface LegLimits {
  readonly legs: number;
  /** Of them with one host (IAX2 reference 7.2). */
  readonly perSource: number;
}

/** As many as Asterisk lets one address have, and twice that in all. */
export const defaultLegLimits: LegLimits = { legs: 4_096, perSource: 2_048 };

/** Legs that are over and only answer repeats: beyond this many the oldest answers no more. */
const mostLingering = 4_096;

/** Who hears of what becomes of legs. */
export interface LegKeeperHooks {
  onProblem(text: string, source: IaxAddress, frame?: FullFrame): void;
  onForgotten(leg: Leg): void;
}

/** Makes legs, gives them numbers, and lets go of them. */
export class LegKeeper {
  readonly table = new LegTable();
  readonly #services: IaxServices;
  readonly #limits: LegLimits;
  readonly #numbers: CallNumbers;
  readonly #host: LegHost;
  readonly #lingering = new Set<Leg>();
  readonly #hooks: LegKeeperHooks;

  constructor(services: IaxServices, limits: LegLimits, hooks: LegKeeperHooks) {
    this.#services = services;
    this.#limits = limits;
    this.#numbers = new CallNumbers(services.clock, services.random);
    this.#hooks = hooks;
    this.#host = this.#createHost();
  }

  /** Legs that are not over. */
  get live(): number {
    return this.table.live;
  }

  /** Why `host` cannot have another leg now; undefined when it can. */
  refusal(host: string): Cause | undefined {
    if (this.table.liveOf(host) >= this.#limits.perSource) return causes.noCircuit;
    return this.table.live >= this.#limits.legs ? causes.congestion : undefined;
  }

  /** A new leg; undefined when there is no number left. */
  create(user: LegUser, path: LegPath, collector?: MediaCollector): Leg | undefined {
    const number = this.#numbers.take();
    if (number === undefined) return undefined;
    const leg = new Leg(this.#host, user, number, path);
    leg.collector = collector;
    this.table.add(leg);
    return leg;
  }

  /** Forgets every leg at once. */
  abandonAll(): void {
    for (const leg of this.table.all) leg.abandon();
  }

  #createHost(): LegHost {
    const { clock, random, observer } = this.#services;
    return {
      clock,
      random,
      observer,
      transmit: (destination: IaxAddress, bytes: Uint8Array) => {
        this.#services.transmit(destination, bytes);
      },
      onPathChanged: (leg, former) => {
        this.table.rekey(leg, former);
      },
      onOver: (leg) => {
        this.table.release(leg);
        this.#lingering.add(leg);
        const [oldest] = this.#lingering;
        if (this.#lingering.size > mostLingering) oldest?.abandon();
      },
      onForgotten: (leg) => {
        this.#lingering.delete(leg);
        this.table.remove(leg);
        this.#numbers.giveBack(leg.localNumber);
        this.#hooks.onForgotten(leg);
      },
      onProblem: (text: string, source: IaxAddress, frame?: FullFrame) => {
        this.#hooks.onProblem(text, source, frame);
      },
    };
  }
}
