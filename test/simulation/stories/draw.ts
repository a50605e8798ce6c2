import { type RandomSource, randomInteger, SeededRandom } from '../../../src/core';
import type { CallInfo, Lab, Verb, VerbName } from '../../../src/lab';
import { type NetworkConditions, PERFECT_CONDITIONS } from '../../../src/net';
import { chance, oneOf, someOf, weighted } from '../../support/chance';
import { drawPhones } from './draw-phones';
import { drawServers } from './draw-servers';
import type { Ending, Story, StoryEvent, StoryOptions } from './story';

type StoryFrame = Omit<Story, 'events'>;

function drawConditions(random: RandomSource, options: StoryOptions): NetworkConditions {
  const drawn = chance(random, 0.3) ? 0 : 0.3 * random.fraction();
  const min = 1 + randomInteger(random, 30);
  return {
    loss: options.loss ?? drawn,
    // Mostly as the command line has it; now and then every copy of a message may be lost.
    lossLimit: chance(random, 0.2) ? 1_000 : PERFECT_CONDITIONS.lossLimit,
    duplicate: chance(random, 0.5) ? 0 : 0.2 * random.fraction(),
    reorder: chance(random, 0.5) ? 0 : 0.3 * random.fraction(),
    delay: { min, max: min + randomInteger(random, 40) },
    holdBack: 20 + randomInteger(random, chance(random, 0.2) ? 900 : 100),
  };
}

/** When the next thing happens, in milliseconds after the last: at the same moment, within a round trip, or at leisure. */
function drawGap(random: RandomSource): number {
  return weighted<() => number>(random, [
    [15, () => 0],
    [20, () => randomInteger(random, 60)],
    [30, () => randomInteger(random, 900)],
    [30, () => 900 + randomInteger(random, 2_500)],
    [5, () => 3_000 + randomInteger(random, 10_000)],
  ])();
}

const verbWeights: readonly (readonly [number, VerbName])[] = [
  [8, 'place'],
  [5, 'consult'],
  [14, 'answer'],
  [2, 'reject'],
  [3, 'redirect'],
  [5, 'hold'],
  [5, 'resume'],
  [3, 'swap'],
  [2, 'dtmf'],
  [5, 'hangup'],
  [8, 'transfer'],
  [9, 'attended-transfer'],
  [4, 'blonde-transfer'],
  [12, 'allow-transfer'],
  [6, 'refuse-transfer'],
  [4, 'pick-up'],
  [2, 'watch'],
  [1, 'unwatch'],
  [3, 'register'],
  [3, 'unregister'],
];

/** How much more likely a verb is than usually: few calls ring there when somebody could transfer them. */
function attraction(lab: Lab, verb: VerbName, phone: string): number {
  if (verb !== 'blonde-transfer') return 1;
  return lab.phone(phone).calls.some(isRinging) ? 6 : 1;
}

/** Whether the other end has yet to answer. */
function isRinging({ direction, state }: CallInfo): boolean {
  return direction === 'outgoing' && (state === 'calling' || state === 'ringing');
}

/**
 * Draws a story from a seed while it is being played: what a phone does next depends, as with people, on what it can do
 * then. What was drawn is kept, and replays without this.
 */
export class StoryTeller {
  readonly frame: StoryFrame;
  readonly #random: RandomSource;
  #left: number;
  /** What else happens at the same moment as the last event. */
  readonly #queued: StoryEvent[] = [];
  #at = 0;
  readonly #crashed: string[] = [];
  #isCut = false;

  constructor(seed: number, options: StoryOptions) {
    const random = new SeededRandom(seed);
    this.#random = random;
    this.frame = {
      seed,
      ...drawServers(random, drawPhones(random)),
      conditions: drawConditions(random, options),
      ending: weighted<Ending>(random, [
        [6, 'settle'],
        [2, 'hang-up'],
        [2, 'stop'],
      ]),
      fullMedia: chance(random, 0.08),
    };
    this.#left = 4 + randomInteger(random, 11);
  }

  /** When the next event is due; undefined when the story is told. */
  nextAt(): number | undefined {
    if (this.#queued.length > 0) return this.#at;
    if (this.#left === 0) return undefined;
    this.#at += drawGap(this.#random);
    return this.#at;
  }

  /** What happens at the time that {@link nextAt} gave. */
  next(lab: Lab): StoryEvent {
    const queued = this.#queued.shift();
    if (queued !== undefined) return queued;
    this.#left -= 1;
    if (chance(this.#random, 0.07)) return this.#drawAccident();
    if (chance(this.#random, 0.15)) {
      const collision = this.#drawCollision(lab);
      if (collision !== undefined) return collision;
    }
    return { at: this.#at, kind: 'verb', verb: this.#drawVerb(lab) };
  }

  get #names(): readonly string[] {
    return this.frame.phones.map(({ name }) => name);
  }

  #drawAccident(): StoryEvent {
    const random = this.#random;
    const phone = oneOf(random, this.#names);
    if (this.#isCut && chance(random, 0.6)) {
      this.#isCut = false;
      return { at: this.#at, kind: 'heal' };
    }
    if (this.#crashed.length > 0 && chance(random, 0.5)) {
      const back = this.#crashed.shift()!;
      return { at: this.#at, kind: 'verb', verb: { verb: 'restart', phone: back } };
    }
    if (this.#crashed.length === 0 && chance(random, 0.5)) {
      const verb = oneOf(random, ['crash', 'crash', 'restart'] as const);
      if (verb === 'crash') this.#crashed.push(phone);
      return { at: this.#at, kind: 'verb', verb: { verb, phone } };
    }
    this.#isCut = true;
    return { at: this.#at, kind: 'cut', phone };
  }

  /** Both parties of a call act in the same moment. */
  #drawCollision(lab: Lab): StoryEvent | undefined {
    const random = this.#random;
    const up = lab.calls.filter(({ state }) => state === 'connected');
    if (up.length === 0) return undefined;
    const call = oneOf(random, up);
    const peer = up.find(({ phone, callId }) => phone !== call.phone && callId === call.callId);
    if (peer === undefined) return undefined;
    const both = chance(random, 0.5) ? oneOf(random, ['hold', 'hold', 'hangup', 'transfer'] as const) : undefined;
    const [first, second] = [call, peer].map(({ id, phone, peer: other }): Verb => {
      // Glare and crossing goodbyes come of two who want the same.
      const verb = both ?? oneOf(random, ['hold', 'resume', 'hangup', 'transfer', 'attended-transfer'] as const);
      const target = oneOf(random, this.#names.filter((name) => name !== phone && name !== other));
      switch (verb) {
        case 'hold':
        case 'resume':
        case 'hangup':
          return { verb, phone, call: id };
        case 'transfer':
        case 'attended-transfer':
          return { verb, phone, call: id, target };
      }
    });
    const gap = chance(random, 0.5) ? 0 : randomInteger(random, 80);
    this.#at += gap;
    this.#queued.push({ at: this.#at, kind: 'verb', verb: second! });
    return { at: this.#at - gap, kind: 'verb', verb: first! };
  }

  #drawVerb(lab: Lab): Verb {
    const random = this.#random;
    const phones = this.#names;
    const isSensible = chance(random, 0.9);
    const possible = phones.flatMap((phone) =>
      verbWeights
        .filter(([, verb]) => !isSensible || lab.can(verb, phone))
        .map(([weight, verb]) => [weight * attraction(lab, verb, phone), { phone, verb }] as const),
    );
    const { phone, verb } = weighted(random, possible);
    const candidates = lab.candidates(verb, phone);
    const call: CallInfo | undefined = candidates.length === 0 ? undefined : oneOf(random, candidates);
    const named = call === undefined ? undefined : { call: chance(random, 0.8) ? call.id : call.peer };
    const others = phones.filter((name) => name !== phone && name !== call?.peer);
    const target = oneOf(random, chance(random, 0.95) ? others : phones);
    switch (verb) {
      case 'place':
      case 'consult':
        return { verb, phone, target };
      case 'answer':
      case 'resume':
      case 'hangup':
        return { verb, phone, ...named };
      case 'reject':
        return { verb, phone, ...named, status: oneOf(random, [486, 603, 480, 500]) };
      case 'allow-transfer':
      case 'refuse-transfer':
        return { verb, phone, ...named };
      case 'redirect':
        return { verb, phone, ...named, targets: someOf(random, others.length > 0 ? others : phones, 3) };
      case 'transfer':
        return { verb, phone, ...named, target };
      case 'attended-transfer':
      case 'blonde-transfer': {
        // Mostly who is consulted already; for a blonde transfer, who still rings.
        const consulted = lab.calls.filter((other) => other.phone === phone && other.peer !== call?.peer && (verb === 'blonde-transfer' ? isRinging(other) : other.state !== 'ended'));
        return { verb, phone, ...named, target: consulted.length > 0 && chance(random, 0.8) ? oneOf(random, consulted).peer : target };
      }
      case 'hold':
        return { verb, phone, ...named, style: oneOf(random, ['sendonly', 'inactive', 'c0', undefined] as const) };
      case 'pick-up': {
        const ringing = lab.calls.filter(({ phone: owner, state }) => owner !== phone && state === 'incoming');
        const barge = chance(random, 0.2) ? { barge: true } : {};
        return { verb, phone, target: ringing.length > 0 && chance(random, 0.8) ? oneOf(random, ringing).phone : target, ...barge };
      }
      case 'watch':
      case 'unwatch':
        return { verb, phone, target };
      case 'swap':
      case 'crash':
      case 'restart':
      case 'register':
      case 'unregister':
        return { verb, phone };
      case 'dtmf':
        return { verb, phone, ...named, digits: '12#' };
    }
  }
}
