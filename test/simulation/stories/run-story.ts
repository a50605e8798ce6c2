import { describeError, SeededRandom, VirtualClock } from '../../../src/core';
import { Lab, type VerbName } from '../../../src/lab';
import { SimulatedNetwork } from '../../../src/net';
import { OwnTimers } from '../../../src/scenario/own-timers';
import { checkCalls, checkHearing, checkSubscriptions, isSettled, SuccessWitness, Suspicions } from './checks';
import { StoryTeller } from './draw';
import { GatedNetwork } from './gated-network';
import { hostOf, type Story, type StoryEvent, type StoryOptions } from './story';

/** What became of a story. */
export interface StoryResult {
  readonly story: Story;
  /** A sentence for every invariant that was broken; the part before the first colon names it. */
  readonly failures: readonly string[];
  readonly transfers: { readonly success: number; readonly failed: number };
  readonly messages: number;
}

const transferVerbs: ReadonlySet<VerbName> = new Set(['transfer', 'attended-transfer', 'blonde-transfer']);

/** Lets a test look at the lab of a story, before it starts. */
export type OnLab = (lab: Lab) => void;

/** Turns of the microtask queue between two timers: more than the longest chain of promises in the lab has links. */
const turns = 8;

/** Turns after which work that waits for no timer is taken to wait for nothing at all. */
const turnsWhenStuck = 1_000;

/** 64*T1 (RFC 3261 table 4), after which an unanswered transaction has failed. */
const giveUp = 32_000;

/**
 * The longest that a call can be open after the network has healed: a ringing call (ring limit 17 s), the transaction it
 * hangs on, the next one (BYE after an answer without an ACK) and the re-INVITE or REFER before it.
 */
const longestSettling = 17_000 + 4 * giveUp;

/**
 * A REFER's subscription lives 300 s and is renewed once at the most when nobody has a call any more. One to the calls of a
 * phone lives an hour when who made it has crashed, and nothing happens that would be told.
 */
const longestSubscription = 700_000;
const longestOrphan = 3_700_000;

/** Draws the story of this seed while playing it. */
export function tellStory(seed: number, options: StoryOptions = {}, onLab?: OnLab): Promise<StoryResult> {
  const teller = new StoryTeller(seed, options);
  return new StoryRun(teller.frame, onLab).play({ nextAt: () => teller.nextAt(), next: (lab) => teller.next(lab) });
}

/** Plays a story as it was told. */
export function replayStory(story: Story, onLab?: OnLab): Promise<StoryResult> {
  const events = [...story.events];
  return new StoryRun(story, onLab).play({ nextAt: () => events[0]?.at, next: () => events.shift()! });
}

interface EventSource {
  nextAt(): number | undefined;
  next(lab: Lab): StoryEvent;
}

class StoryRun {
  readonly #frame: Omit<Story, 'events'>;
  readonly #clock = new VirtualClock();
  readonly #network: SimulatedNetwork;
  readonly #lab: Lab;
  readonly #failures: string[] = [];
  readonly #told: StoryEvent[] = [];
  readonly #underWay = new Set<string>();
  readonly #suspicions: Suspicions;
  readonly #witness: SuccessWitness;
  #transfersUnderWay = 0;
  /** Why RTP is carried now though no transfer is under way. */
  #isListening = false;

  constructor(frame: Omit<Story, 'events'>, onLab: OnLab | undefined) {
    this.#frame = frame;
    const { seed, phones, servers, conditions } = frame;
    this.#network = new SimulatedNetwork({ clock: this.#clock, random: new SeededRandom(seed ^ 0x5eed), ...conditions });
    this.#lab = new Lab({
      network: new GatedNetwork(this.#network, () => this.#isListening || frame.fullMedia || this.#isTransferOpen),
      clock: new OwnTimers(this.#clock),
      random: new SeededRandom(~seed),
      startedAt: new Date('2026-01-01T00:00:00Z'),
      phones,
      servers,
      stopTimeout: 2 * giveUp + 1_000,
      mediaLimit: 1_000,
    });
    this.#suspicions = new Suspicions(this.#lab, phones);
    this.#witness = new SuccessWitness(this.#lab, this.#suspicions);
    onLab?.(this.#lab);
  }

  async play(source: EventSource): Promise<StoryResult> {
    try {
      await this.#wait(this.#lab.start());
      await this.#playEvents(source);
      await this.#end();
    } catch (error) {
      this.#fail('exception', error instanceof Error ? (error.stack ?? error.message) : describeError(error));
    }
    const transfers = this.#lab.trace.transfers;
    return {
      story: { ...this.#frame, events: this.#told },
      failures: [...this.#suspicions.failures, ...this.#witness.failures, ...this.#failures],
      transfers: {
        success: transfers.filter(({ verdict }) => verdict === 'success').length,
        failed: transfers.filter(({ verdict }) => verdict === 'failed').length,
      },
      messages: this.#lab.trace.messages.length,
    };
  }

  get #isTransferOpen(): boolean {
    return this.#transfersUnderWay > 0 || this.#witness.hasPending;
  }

  async #playEvents(source: EventSource): Promise<void> {
    const begun = this.#clock.now();
    for (let at = source.nextAt(); at !== undefined; at = source.nextAt()) {
      await this.#passUntil(begun + at, () => false);
      const event = source.next(this.#lab);
      this.#told.push(event);
      this.#happen(event);
    }
    await this.#passUntil(this.#clock.now() + 30, () => false);
  }

  #happen(event: StoryEvent): void {
    switch (event.kind) {
      case 'verb': {
        const name = `${String(this.#told.length)} ${event.verb.phone} ${event.verb.verb}`;
        const isTransfer = transferVerbs.has(event.verb.verb);
        if (isTransfer) this.#transfersUnderWay += 1;
        this.#underWay.add(name);
        if (event.verb.verb === 'crash' || event.verb.verb === 'restart') {
          this.#suspicions.crash(this.#lab, event.verb.phone);
          this.#suspicions.brokenStreams ||= this.#frame.phones.some(({ transport }) => transport !== 'udp');
        }
        void this.#lab.perform(event.verb).then((outcome) => {
          if (isTransfer) this.#transfersUnderWay -= 1;
          this.#underWay.delete(name);
          this.#suspicions.verbDone(event.verb, outcome);
        });
        return;
      }
      case 'cut':
        this.#suspicions.brokenStreams ||= this.#frame.phones.some(({ transport }) => transport !== 'udp');
        this.#network.partition(this.#hostOf(event.phone), '*');
        return;
      case 'heal':
        this.#network.heal();
        return;
    }
  }

  #hostOf(phone: string): string {
    const index = this.#frame.phones.findIndex(({ name }) => name === phone);
    return this.#frame.phones[index]?.host ?? hostOf(index);
  }

  async #end(): Promise<void> {
    const { ending } = this.#frame;
    if (ending !== 'stop') {
      this.#network.heal();
      this.#network.setConditions({ loss: 0, duplicate: 0, reorder: 0 });
      if (ending === 'settle') await this.#settle();
      await this.#hangUpAll();
    }
    this.#suspicions.isStopping = true;
    const leaks = await this.#wait(this.#lab.stop());
    for (const [what, count] of Object.entries(leaks)) {
      if (count !== 0) this.#fail('leak', `the stopped lab left ${String(count)} ${what} behind`);
    }
    await this.#pass(1_000);
    for (const verb of this.#underWay) this.#fail('verb without outcome', verb);
    for (const transfer of this.#lab.trace.transfers) {
      if (transfer.verdict === 'pending') this.#fail('pending verdict', `${transfer.id} (${transfer.kind}): ${transfer.reason}`);
    }
    if (this.#network.openSockets !== 0) this.#fail('leak', `${String(this.#network.openSockets)} sockets are open in the network`);
  }

  /** Waits until nothing is open any more, and looks whether both sides of every call know of each other. */
  async #settle(): Promise<void> {
    const deadline = this.#clock.now() + longestSettling;
    const look = (): readonly string[] => checkCalls(this.#lab, this.#suspicions);
    const isQuiet = (): boolean => isSettled(this.#lab) && !this.#isTransferOpen && look().length === 0;
    let isDone = false;
    while (!isDone && this.#clock.now() < deadline) {
      this.#decideTransfers();
      await this.#passUntil(this.#clock.now() + 250, () => false);
      if (!isQuiet()) continue;
      // Nothing may be under way that would undo it.
      await this.#passUntil(this.#clock.now() + (this.#frame.fullMedia ? 2 * giveUp : 1_500), () => false);
      isDone = isQuiet();
    }
    if (!isSettled(this.#lab)) {
      const open = this.#lab.calls.filter(({ state }) => state !== 'connected' && state !== 'ended');
      for (const call of open) this.#fail('unsettled call', `${call.id} with ${call.peer} is still ${call.state} after ${String(longestSettling)} ms`);
    }
    for (const failure of look()) this.#failures.push(failure);
    if (!this.#frame.fullMedia && this.#frame.seed % 4 !== 0) return;
    this.#isListening = true;
    await this.#passUntil(this.#clock.now() + 1_500, () => false);
    for (const failure of checkHearing(this.#lab, this.#suspicions)) this.#failures.push(failure);
    this.#isListening = false;
  }

  /** Whoever is still asked for consent makes up their mind: nobody waits for ever. */
  #decideTransfers(): void {
    const verb = this.#frame.seed % 3 === 0 ? 'refuse-transfer' : 'allow-transfer';
    for (const { asks } of this.#lab.phones) for (const { phone, call } of asks) void this.#lab.perform({ verb, phone, call });
  }

  /** Everybody hangs up; every call ends, and every subscription by itself. */
  async #hangUpAll(): Promise<void> {
    const live = (): boolean => this.#lab.calls.some(({ state }) => state !== 'ended');
    // A call may still come of a transfer that is under way: whoever gets one hangs up once more.
    const deadline = this.#clock.now() + longestSettling;
    while (this.#clock.now() < deadline) {
      for (const call of this.#lab.calls) {
        if (call.state !== 'ended') void this.#lab.perform({ verb: 'hangup', phone: call.phone, call: call.id });
      }
      await this.#passUntil(this.#clock.now() + 1_000, () => false);
      if (!live() && !this.#isTransferOpen) break;
    }
    for (const { id, peer, state } of this.#lab.calls) {
      if (state !== 'ended') this.#fail('endless call', `${id} with ${peer} is ${state} though everybody has hung up`);
    }
    await this.#stopWatching();
    // What a dead connection swallows, a SUBSCRIBE that ends among it, leaves the other side to the subscription's expiry.
    const isOrphaned = this.#suspicions.hadCrash || this.#suspicions.brokenStreams;
    const end = this.#clock.now() + (isOrphaned ? longestOrphan : longestSubscription);
    const open = (): readonly string[] => checkSubscriptions(this.#lab.journal.entries);
    for (let step = 5_000; open().length > 0 && this.#clock.now() < end; step *= 1.2) await this.#pass(step);
    for (const subscription of open()) this.#fail('endless subscription', subscription);
  }

  /** Whoever watches somebody would go on for ever. */
  async #stopWatching(): Promise<void> {
    const watchers = new Set(this.#told.flatMap((event) => (event.kind === 'verb' && ['watch', 'pick-up'].includes(event.verb.verb) ? [event.verb.phone] : [])));
    for (const phone of watchers) {
      for (const { name: target } of this.#frame.phones) if (target !== phone) void this.#lab.perform({ verb: 'unwatch', phone, target });
    }
    await this.#passUntil(this.#clock.now() + giveUp, () => false);
  }

  #fail(what: string, text: string): void {
    this.#failures.push(`${what}: ${text}`);
  }

  /** Lets time pass until `work` is done; throws when nothing can bring it to its end. */
  async #wait<Result>(work: Promise<Result>): Promise<Result> {
    let isDone = false;
    const isOver = (): boolean => isDone;
    const done = work.finally(() => {
      isDone = true;
    });
    done.catch(() => undefined);
    await this.#passUntil(Number.POSITIVE_INFINITY, isOver);
    if (!isOver()) throw new Error('nothing is left that could end the wait');
    return done;
  }

  #pass(duration: number): Promise<void> {
    return this.#passUntil(this.#clock.now() + duration, () => false);
  }

  async #passUntil(end: number, isDone: () => boolean): Promise<void> {
    for (;;) {
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      if (isDone()) return;
      const due = this.#clock.nextDue;
      if (due !== undefined && due <= end) this.#clock.step();
      else if (Number.isFinite(end)) break;
      else if (!(await this.#stir(isDone))) return;
    }
    this.#clock.advance(Math.max(0, end - this.#clock.now()));
  }

  /** Gives promises many turns when no timer is left; whether that brought anything about. */
  async #stir(isDone: () => boolean): Promise<boolean> {
    for (let turn = 0; turn < turnsWhenStuck && !isDone(); turn += 1) await Promise.resolve();
    return isDone() || this.#clock.nextDue !== undefined;
  }
}
