import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SeededRandom } from '../../src/core';
import type { Session, SipMessage } from '../../src/sip';
import { AgentRig, nothing, type RigAgent, type RigTransfer } from '../support/sip-agents';

/*
 * Three agents whose people do random things at random times, also at bad moments, over a network that loses, doubles,
 * delays and so reorders what they say, forgets one of them for up to a minute, or garbles what it carries. Afterwards
 * nothing may be left, whatever happened.
 *
 * CALL_LAB_RANDOM_RUNS sets how many runs; CALL_LAB_RANDOM_SEED where they start.
 */

const verbs = [
  'place', 'place', 'place', 'place', 'answer', 'reject', 'redirect', 'hang up', 'hold', 'hold', 'resume', 'blind', 'blind', 'attended', 'attended', 'vanish',
] as const;

interface Step {
  /** Milliseconds after the step before. */
  readonly wait: number;
  readonly verb: (typeof verbs)[number];
  readonly agent: number;
  /** Which call of the agent, among those there are. */
  readonly call: number;
  /** Which of the other agents. */
  readonly other: number;
  readonly tcp: boolean;
  /** Who is called answers after so many milliseconds; undefined leaves it to chance. */
  readonly answered: number | undefined;
}

interface Plan {
  readonly steps: readonly Step[];
  readonly seed: number;
  /** Shares of the datagrams. */
  readonly loss: number;
  readonly doubled: number;
  /** The longest delay of a datagram, in milliseconds. */
  readonly delay: number;
  readonly ringLimit: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  // Often together, sometimes a little later, rarely long after.
  wait: fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: 0, max: 5 }) },
    { weight: 4, arbitrary: fc.integer({ min: 5, max: 600 }) },
    { weight: 2, arbitrary: fc.integer({ min: 600, max: 6_000 }) },
    { weight: 1, arbitrary: fc.integer({ min: 6_000, max: 40_000 }) },
  ),
  verb: fc.constantFrom(...verbs),
  agent: fc.nat(2),
  call: fc.nat(5),
  other: fc.nat(1),
  tcp: fc.boolean(),
  answered: fc.option(fc.integer({ min: 0, max: 1_500 }), { nil: undefined, freq: 4 }),
});

const plan: fc.Arbitrary<Plan> = fc.record({
  steps: fc.array(step, { minLength: 1, maxLength: 40, size: 'max' }),
  seed: fc.nat(1_000_000),
  loss: fc.constantFrom(0, 0, 0.1, 0.3),
  doubled: fc.constantFrom(0, 0.1),
  delay: fc.constantFrom(1, 20, 200, 900),
  ringLimit: fc.constantFrom(5_000, 30_000, 180_000),
});

class Run {
  readonly rig: AgentRig;
  readonly #agents: readonly RigAgent[];
  readonly #chance: SeededRandom;
  readonly #transfers: RigTransfer[] = [];
  readonly #holds: { result?: string }[] = [];
  readonly #plan: Plan;
  readonly #mayVanish: boolean;
  /** Until when nobody hears of an agent, nor it of anybody, by its name. */
  readonly #goneUntil = new Map<string, number>();
  #isBad = true;

  constructor(about: Plan, { mayVanish }: { readonly mayVanish: boolean }) {
    this.#plan = about;
    this.#mayVanish = mayVanish;
    this.rig = new AgentRig(about.seed);
    this.#chance = new SeededRandom(about.seed + 1);
    this.#agents = ['alice', 'bob', 'charlie'].map((name) => this.rig.add(name, { ringLimit: about.ringLimit }));
    this.rig.delays = (message, from, to) => {
      const now = this.rig.clock.now();
      if (this.#isBad && [from, to].some((name) => (this.#goneUntil.get(name) ?? 0) > now)) return [];
      // A stream loses and reorders nothing.
      if (isStream(message) || !this.#isBad) return [1];
      if (this.#chance.fraction() < about.loss) return [];
      const copies = this.#chance.fraction() < about.doubled ? 2 : 1;
      return Array.from({ length: copies }, () => 1 + Math.floor(this.#chance.fraction() * about.delay));
    };
  }

  /** From now on some of the octets are not what was sent. */
  garble(): void {
    this.rig.garble = (bytes) => (this.#isBad && this.#chance.fraction() < 0.15 ? garbled(bytes, this.#chance) : bytes);
  }

  carryOut(): void {
    for (const each of this.#plan.steps) {
      this.rig.clock.advance(each.wait);
      this.#do(each);
    }
  }

  /** The network is mended. What is up after a while is up on both sides, with the same idea of who holds. */
  checkAgreement(): void {
    this.#isBad = false;
    this.rig.clock.advance(100_000);
    const all = this.#agents.flatMap(({ name, agent }) => agent.sessions.map((session) => ({ name, session })));
    for (const { name, session } of all) {
      if (session.state === 'ended') continue;
      const { callId, localTag, remoteTag } = session.dialog ?? {};
      const other = all.find(({ session: each }) => each.dialog?.callId === callId && each.dialog?.localTag === remoteTag && each.dialog?.remoteTag === localTag);
      if (session.state !== 'connected') continue; // it may ring on until somebody does something
      const what = `${name}'s call with ${session.remoteUri} (${String(callId)})`;
      assert.equal(other?.session.state, 'connected', `${what} is up on one side only`);
      const [ours, theirs] = [session.negotiation?.media, other.session.negotiation?.media];
      assert.equal(ours?.heldByUs, theirs?.heldByPeer, `${what}: the other side has another idea of our hold`);
    }
  }

  /** The network is mended, and everybody hangs up: nothing is left, and everybody was told how everything ended. */
  checkEnd(patience = 200_000): void {
    this.#isBad = false;
    assert.deepEqual(this.rig.end(patience), nothing, 'something is left');
    for (const { name, agent } of this.#agents) assert.ok(agent.isQuiet, `${name} is not quiet`);
    for (const transfer of this.#transfers) assert.notEqual(transfer.verdict, 'pending', 'a transfer without an outcome');
    for (const { result } of this.#holds) assert.notEqual(result, undefined, 'a hold without an answer');
    for (const { states } of this.#agents) {
      assert.ok(!states.some((state) => state.startsWith('ended')), `a call came back from its end: ${states.join(', ')}`);
    }
  }

  /** Whatever the people do, their phones speak properly: nobody finds fault with the form of a message. */
  checkManners(): void {
    const faults = new Set([400, 405, 406, 415, 416, 420, 482, 488, 489, 501, 505]);
    for (const { from, to, message } of this.rig.passed) {
      if (message.kind === 'request') continue;
      assert.ok(!faults.has(message.status), `${from} answered a ${message.cseq.method} of ${to} with ${String(message.status)}`);
    }
  }

  /** RFC 3261 12.2.1.1: the requests of one side of a dialog have contiguous numbers. */
  checkNumbers(): void {
    const numbers = new Map<string, number>();
    for (const { from, message } of this.rig.passed) {
      if (message.kind !== 'request' || message.method === 'ACK' || message.method === 'CANCEL') continue;
      const dialog = `${from} ${message.callId} ${message.fromTag ?? ''}${message.toTag === undefined ? '' : ` ${message.toTag}`}`;
      const branch = `${dialog} ${message.topVia.branch ?? ''}`;
      if (numbers.has(branch)) continue; // a repeat
      numbers.set(branch, message.cseq.sequence);
      const last = numbers.get(dialog);
      if (last !== undefined) assert.equal(message.cseq.sequence, last + 1, `${from} ${message.method} in ${message.callId}`);
      numbers.set(dialog, message.cseq.sequence);
    }
  }

  /** The person at `agent` takes whatever call waits then. */
  #answerLater(agent: RigAgent, delay: number): void {
    this.rig.clock.setTimer(delay, () => {
      const waiting = agent.incoming.find(({ state }) => state === 'incoming');
      if (waiting !== undefined) agent.take(waiting);
    });
  }

  #thirdParty(agent: RigAgent, call: Session, tcp: boolean): string {
    const third = this.#agents.find((each) => each !== agent && !call.remoteUri.startsWith(each.uri));
    return `${third?.uri ?? call.remoteUri}${tcp ? ';transport=tcp' : ''}`;
  }

  #do({ verb, agent: index, call: which, other: otherIndex, tcp, answered }: Step): void {
    const agent = this.#agents[index];
    const others = this.#agents.filter((each) => each !== agent);
    const other = others[otherIndex];
    if (agent === undefined || other === undefined) return;
    const pick = (isMeant: (session: Session) => boolean, skip?: Session): Session | undefined => {
      const fitting = agent.agent.sessions.filter((session) => session !== skip && isMeant(session));
      return fitting[which % Math.max(1, fitting.length)];
    };
    const target = tcp ? `${other.uri};transport=tcp` : other.uri;
    // Mostly what makes sense, sometimes whatever there is.
    const anyCall = pick(() => true);
    const up = pick(({ state }) => state === 'connected') ?? anyCall;
    const ringing = pick(({ state }) => state === 'incoming') ?? anyCall;
    switch (verb) {
      case 'place':
        if (agent.agent.sessions.length < 6) agent.call(target);
        if (answered !== undefined) this.#answerLater(other, answered);
        return;
      case 'answer':
        if (ringing !== undefined) agent.take(ringing);
        return;
      case 'reject':
        ringing?.reject(486);
        return;
      case 'redirect':
        ringing?.redirect([target]);
        return;
      case 'hang up':
        anyCall?.hangUp();
        return;
      case 'vanish':
        if (this.#mayVanish) this.#goneUntil.set(agent.name, this.rig.clock.now() + 40 * (answered ?? 100));
        return;
      case 'hold':
      case 'resume':
        if (up !== undefined) this.#holds.push(agent.hold(up, verb === 'hold'));
        return;
      case 'blind':
        if (up === undefined) return;
        // Mostly to the third party, sometimes in a circle.
        this.#transfers.push(agent.transfer(up, which > 0 ? this.#thirdParty(agent, up, tcp) : target));
        if (answered !== undefined) for (const each of others) this.#answerLater(each, answered);
        return;
      case 'attended': {
        const consultation = up === undefined ? undefined : pick(({ state }) => state === 'connected' || state === 'ringing', up);
        if (up === undefined || consultation === undefined) return;
        const to = consultation.dialog?.remoteTarget ?? consultation.remoteUri;
        this.#transfers.push(agent.transfer(up, to, consultation));
      }
    }
  }
}

/** The Via of a garbled request comes back in its answer, and may be unreadable. */
function isStream(message: SipMessage): boolean {
  return (message.header('Via') ?? '').startsWith("SIP/2.0/TCP");
}

/** One to three faults: an octet, a gap, a line twice or gone, a number, a Contact, a status. */
function garbled(bytes: Uint8Array, chance: SeededRandom): Uint8Array {
  const below = (bound: number): number => Math.floor(chance.fraction() * bound);
  let text = Buffer.from(bytes).toString('latin1');
  for (let faults = 1 + below(3); faults > 0; faults -= 1) {
    const at = below(text.length);
    const lines = text.split('\r\n');
    const kinds = [
      () => text.slice(0, at) + String.fromCharCode(below(256)) + text.slice(at + 1),
      () => text.slice(0, at) + text.slice(at + 1 + below(10)),
      () => lines.toSpliced(below(lines.length), 0, lines[below(lines.length)] ?? '').join('\r\n'),
      () => lines.toSpliced(below(lines.length), 1).join('\r\n'),
      () => text.replace(/\d+/u, String(below(5_000_000_000))),
      () => text.replace(/Contact: [^\r]*/u, `Contact: ${oddContacts[below(oddContacts.length)] ?? ''}`),
      () => text.replace(/SIP\/2.0 \d\d\d/u, `SIP/2.0 ${String(100 + below(600))}`),
    ];
    text = kinds[below(kinds.length)]?.() ?? text;
  }
  return Buffer.from(text, 'latin1');
}

const oddContacts = ['*', '<mailto:x@y>', '<sip:a\u00a0@127.0.0.1>', '<sip:x@192.0.2.1>', '<sip:alice@127.0.0.1:5061;method=x?a=b>'] as const;

/** How far the random world may be from its default size. */
const runs = Number(process.env['CALL_LAB_RANDOM_RUNS'] ?? 120);
const seed = Number(process.env['CALL_LAB_RANDOM_SEED'] ?? 20_261);

test('random calls and transfers over a bad network leave nothing behind', () => {
  fc.assert(
    fc.property(plan, (about) => {
      const run = new Run(about, { mayVanish: false });
      run.carryOut();
      run.checkAgreement();
      run.checkEnd();
      run.checkNumbers();
      run.checkManners();
    }),
    { numRuns: runs, seed, endOnFailure: false },
  );
});

test('hanging up at any moment leaves nothing behind, even when phones vanish for a while', () => {
  fc.assert(
    fc.property(plan, (about) => {
      const run = new Run(about, { mayVanish: true });
      run.carryOut();
      run.checkEnd();
      run.checkNumbers();
      run.checkManners();
    }),
    { numRuns: runs, seed: seed + 1, endOnFailure: false },
  );
});

test('a network that garbles what it carries makes nobody stumble, and leaves nothing behind', () => {
  fc.assert(
    fc.property(plan, (about) => {
      const run = new Run(about, { mayVanish: false });
      run.garble();
      run.carryOut();
      // A call whose first INVITE arrives garbled after that rings to its limit, and waits for an ACK in vain.
      run.checkEnd(300_000);
    }),
    { numRuns: runs, seed: seed + 2, endOnFailure: false },
  );
});
