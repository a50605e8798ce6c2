import { type RandomSource, randomInteger, SeededRandom } from '../../../src/core';
import { DigestServer } from '../../../src/sip';
import type { AgentOptions, RigAgent } from '../../support/sip-agents';
import { oneOf } from '../../support/chance';
import { drawMutation } from './draw';
import type { PlacedMutation } from './mutation';
import { type Cast, type ScriptName, scriptNames, scripts } from './scripts';
import { type Chooser, MutatingWire } from './wire';

/** Who the agents of a flow are. */
export interface Habits {
  /** Whether bob demands digest authentication. */
  readonly guarded: boolean;
  /** Whether charlie wants to be reached over TCP. */
  readonly stream: boolean;
  /** What each of the agents makes of 100rel; `supported` unless given. */
  readonly reliable?: readonly Reliable[];
  /** Seconds after which sessions are refreshed; without it nobody asks for that. */
  readonly sessionTimer?: number;
  /** Whether everybody tells who was reached. */
  readonly identity?: boolean;
}

type Reliable = 'off' | 'supported' | 'required';

/** A mutated flow as data: it replays from this alone. */
export interface Flow {
  /** Of the agents' chance. */
  readonly seed: number;
  /** One script, or two that are played at once by the same agents. */
  readonly scripts: readonly ScriptName[];
  readonly habits: Habits;
  readonly mutations: readonly PlacedMutation[];
}

export interface FlowResult {
  readonly flow: Flow;
  /** What broke; undefined when nothing did. */
  readonly failure: string | undefined;
  /** What happened, for the coverage: `INVITE`, `lost 200 BYE`, `transfer done 200` ... */
  readonly seen: readonly string[];
}

/** How often, and how many milliseconds apart, an act is tried that cannot be done yet. */
const tries = 8;
const betweenTries = 300;

/** Of virtual time, in milliseconds: how long a flow runs before everybody hangs up; one in which sessions are refreshed. */
const flowTime = 12_000;
const longFlowTime = 200_000;

/**
 * After the hang-up, in milliseconds: what speaks RFC 3261 is gone by the first, whatever was lost; what a peer asked us to
 * wait for, such as Retry-After and Expires, is cut off at an hour, and two such waits may follow each other.
 */
const patience = [200_000, 2 * 3_600_000 + 200_000] as const;

/** About as many messages come of one thing that somebody does. */
const messagesPerStep = 4;

const account = { username: 'caller', password: 'secret' } as const;

/** Draws the flow of this seed while it is played, and plays it. */
export function fuzzFlow(seed: number): FlowResult {
  const random = new SeededRandom(seed);
  const names = [oneOf(random, scriptNames), ...(randomInteger(random, 3) === 0 ? [oneOf(random, scriptNames)] : [])];
  const habits = drawHabits(random);
  // Anywhere in the flow: without this the first messages would have most of it.
  const steps = names.reduce((sum, name) => sum + scripts[name].length, 0);
  let unharmed = Math.floor(messagesPerStep * steps * random.fraction() ** 2);
  const likelihood = oneOf(random, [0.1, 0.3, 0.8]);
  for (;;) {
    let left = 1 + randomInteger(random, 4);
    const result = play({ seed, scripts: names, habits }, (message, wire) => {
      unharmed -= 1;
      if (unharmed >= 0 || left === 0 || random.fraction() >= likelihood) return undefined;
      left -= 1;
      return drawMutation(random, message, wire);
    });
    // The flow was over too soon: once more, from its beginning.
    if (result.flow.mutations.length > 0) return result;
    unharmed = 0;
  }
}

function drawHabits(random: RandomSource): Habits {
  const happens = (oneIn: number): boolean => randomInteger(random, oneIn) === 0;
  const reliable = happens(2) ? undefined : cast.map(() => oneOf<Reliable>(random, ['off', 'supported', 'supported', 'required']));
  return {
    guarded: happens(10),
    stream: happens(10),
    ...(reliable !== undefined && { reliable }),
    ...(happens(3) && { sessionTimer: oneOf(random, [90, 120, 1_800]) }),
    ...(happens(4) && { identity: true }),
  };
}

/** Plays a flow again. */
export function replayFlow(flow: Flow): FlowResult {
  const planned = new Map(flow.mutations.map(({ label, ordinal, mutation }) => [`${label} ${String(ordinal)}`, mutation]));
  return play(flow, ({ label, ordinal }) => planned.get(`${label} ${String(ordinal)}`));
}

function play({ seed, scripts: names, habits }: Omit<Flow, 'mutations'>, choose: Chooser): FlowResult {
  const wire = new MutatingWire(seed, choose);
  const people = castOf(wire, habits);
  let failure: string | undefined;
  try {
    for (const name of names) for (const [at, act] of scripts[name]) wire.clock.setTimer(at, () => attempt(wire, () => act(people), tries));
    wire.clock.advance(habits.sessionTimer === undefined ? flowTime : longFlowTime);
    failure = finish(wire);
  } catch (error) {
    failure = `uncaught: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  }
  return { flow: { seed, scripts: names, habits, mutations: wire.applied }, failure, seen: seenIn(wire, people) };
}

const cast = ['alice', 'bob', 'charlie', 'dave'] as const;

function castOf(wire: MutatingWire, { guarded, stream, reliable, sessionTimer, identity }: Habits): Cast {
  const digest: AgentOptions['digest'] = (clock) =>
    new DigestServer({ realm: 'flows', users: new Map([[account.username, account.password]]), algorithms: ['MD5'], random: wire.random, clock });
  const [alice, bob, charlie, dave] = cast.map((name, index) =>
    wire.add(name, {
      ringLimit: 5_000,
      credentials: account,
      ...(guarded && name === 'bob' && { digest }),
      ...(stream && name === 'charlie' && { transport: 'tcp' }),
      ...(name === 'dave' && { answers: true }),
      settings: {
        ...(reliable?.[index] !== undefined && { reliable: reliable[index] }),
        ...(sessionTimer !== undefined && { sessionTimer: { expires: sessionTimer, refresher: index % 2 === 0 ? 'uac' : 'uas' } }),
        ...(identity === true && { connectedIdentity: true, trustsIdentity: () => true }),
      },
    }),
  ) as [RigAgent, RigAgent, RigAgent, RigAgent];
  return { alice, bob, charlie, dave, transfers: [] };
}

function attempt(wire: MutatingWire, act: () => boolean, left: number): void {
  if (!act() && left > 1) wire.clock.setTimer(betweenTries, () => attempt(wire, act, left - 1));
}

/** The wire is mended and everybody hangs up. What is left when all time limits are over; undefined for nothing. */
function finish(wire: MutatingWire): string | undefined {
  wire.isBad = false;
  let left = '';
  for (const time of patience) {
    for (const { agent } of wire.agents) for (const session of agent.sessions) session.hangUp();
    wire.clock.advance(time);
    left = leftIn(wire);
    if (left === '') return undefined;
  }
  return `leak: ${left}`;
}

function leftIn({ agents, clock }: MutatingWire): string {
  const left = agents.flatMap(({ name, agent }) =>
    Object.entries(agent.footprint).filter(([, count]) => count > 0).map(([what, count]) => `${name} has ${String(count)} ${what}`),
  );
  if (clock.pendingTimers > 0) left.push(`${String(clock.pendingTimers)} timers run`);
  for (const { name, agent } of agents) if (!agent.isQuiet) left.push(`${name} is not quiet`);
  return left.join(', ');
}

function seenIn({ sent, applied, agents }: MutatingWire, { transfers }: Cast): readonly string[] {
  return [
    ...new Set(sent.map(({ label }) => `message ${label.slice(label.indexOf(' ') + 1)}`)),
    ...applied.map(({ label }) => `mutated ${label.slice(label.indexOf(' ') + 1)}`),
    ...applied.map(({ mutation }) => `mutation ${mutation.kind}`),
    ...transfers.map(({ verdict }) => `transfer ${verdict}`),
    ...agents.flatMap(({ states }) => [...new Set(states)].map((state) => `state ${state}`)),
  ];
}

/** Leaves out what the failure does not need. */
export function reduceFlow(failing: FlowResult): FlowResult {
  let best = failing;
  const kind = kindOf(failing.failure);
  const accept = (flow: Flow): void => {
    const result = replayFlow(flow);
    if (kindOf(result.failure) === kind) best = result;
  };
  accept(failing.flow);
  for (const mutation of failing.flow.mutations) accept({ ...best.flow, mutations: best.flow.mutations.filter((each) => JSON.stringify(each) !== JSON.stringify(mutation)) });
  for (const name of failing.flow.scripts) accept({ ...best.flow, scripts: best.flow.scripts.length > 1 ? best.flow.scripts.filter((each) => each !== name) : best.flow.scripts });
  for (const habits of [{ guarded: false, stream: false }, { ...best.flow.habits, guarded: false, stream: false }]) accept({ ...best.flow, habits });
  return best;
}

function kindOf(failure: string | undefined): string | undefined {
  return failure?.slice(0, failure.indexOf(':'));
}

