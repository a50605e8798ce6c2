import { type Clock, CryptoRandom, type Milliseconds, type RandomSource, RealClock, SeededRandom, VirtualClock } from '../core';
import { type Network, type NetworkConditions, PERFECT_CONDITIONS, RealNetwork, SimulatedNetwork } from '../net';
import { OwnTimers } from './own-timers';
import type { Scenario } from './scenario';
import { driveVirtualTime } from './virtual-time';

/** How long a scenario bears with what does not come. */
export interface Patience {
  /** For a wait that names no time of its own. */
  readonly wait: Milliseconds;
  /** For the outcome of a verb. */
  readonly verb: Milliseconds;
  /** In the end, expectations that do not hold yet may still come true as long as something happens this often. */
  readonly quiet: Milliseconds;
  /** For the peers' answers when the phones hang up. */
  readonly stop: Milliseconds;
}

/** What a scenario runs in: real sockets and time, or simulated ones. */
export interface Environment {
  readonly network: Network;
  readonly clock: Clock;
  readonly random: RandomSource;
  /** The wall-clock time of the journal's zero. */
  readonly startedAt: Date;
  readonly patience: Patience;
  /** What replays the run; undefined for a real one. */
  readonly seed: number | undefined;
  /** Lets time pass until `work` is done. */
  drive<Result>(work: Promise<Result>): Promise<Result>;
}

/** On loopback nothing is lost: what has not come after some seconds does not come. */
const realPatience: Patience = { wait: 10_000, verb: 60_000, quiet: 2_000, stop: 5_000 };

/** With loss, a message may take the 32 s of 64*T1 (RFC 3261 section 17.1.1.2), and a transfer is a chain of messages. */
const simulatedPatience: Patience = { wait: 120_000, verb: 300_000, quiet: 40_000, stop: 40_000 };

export function realEnvironment(startedAt: Date): Environment {
  return {
    network: new RealNetwork(),
    clock: new RealClock(),
    random: new CryptoRandom(),
    startedAt,
    patience: realPatience,
    seed: undefined,
    drive: (work) => work,
  };
}

export interface SimulationOptions extends Partial<Pick<NetworkConditions, 'loss' | 'lossLimit' | 'duplicate' | 'reorder'>> {
  readonly seed: number;
}

/**
 * How many copies of one datagram may be lost, so that what SIP repeats still gets through: an INVITE and its answer cross
 * one hop (7 copies, three lost of each way), but a 2xx and its ACK cross every hop from end to end with nobody on the way
 * who repeats them: 11 copies for the losses of two ways over each hop (RFC 3261 sections 13.3.1.4 and 16.7).
 */
export function lossLimitFor({ servers }: Pick<Scenario, 'servers'>): number {
  const hops = 1 + servers.length;
  return Math.max(1, Math.min(PERFECT_CONDITIONS.lossLimit, Math.floor(10 / (2 * hops))));
}

/** A network in memory under a virtual clock: the same seed gives the same journal, octet for octet. */
export function simulatedEnvironment({ seed, ...conditions }: SimulationOptions): Environment {
  const clock = new VirtualClock();
  // Two sources, so that one more tag drawn by a phone does not change which packets are lost.
  const networkRandom = new SeededRandom(seed);
  const random = new SeededRandom(~seed);
  return {
    network: new SimulatedNetwork({ clock, random: networkRandom, delay: { min: 1, max: 4 }, ...conditions }),
    clock: new OwnTimers(clock),
    random,
    startedAt: new Date('2026-01-01T00:00:00Z'),
    patience: simulatedPatience,
    seed,
    drive: (work) => driveVirtualTime(clock, work),
  };
}
