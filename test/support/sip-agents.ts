import { CallLabError, randomInteger, type RandomSource, SeededRandom, VirtualClock } from '../../src/core';
import {
  type AgentEvents,
  type AgentSettings,
  type BlondeMode,
  BlondeTransfer,
  defaultTimers,
  type DigestServer,
  escapeUriHeader,
  type Hop,
  type HoldStyle,
  MediaNegotiation,
  parseMessage,
  parseUri,
  type ProtocolObserver,
  type Referral,
  type ReferPolicy,
  type Session,
  type SipMessage,
  Transferee,
  Transferor,
  type TransferOutcome,
  type TransferPlan,
  type TransferUser,
  UserAgent,
} from '../../src/sip';
import { ScriptedPeer } from './scripted-peer';

/** One message as it passed between two agents. */
export interface Passed {
  readonly at: number;
  readonly from: string;
  readonly to: string;
  readonly message: SipMessage;
}

export interface AgentOptions {
  readonly digest?: (clock: VirtualClock) => DigestServer;
  readonly credentials?: { readonly username: string; readonly password: string };
  readonly ringLimit?: number;
  /** Answers every call at once. */
  readonly answers?: boolean;
  /** Answers a call with Replaces at once (the default), or leaves it to the test. */
  readonly takesOver?: boolean;
  /** Does what a REFER asks (the default), or leaves it to the test. */
  readonly follows?: boolean;
  /** What becomes of a REFER; `accept` unless given. */
  readonly referPolicy?: ReferPolicy;
  readonly replacesRefusal?: 486 | 603;
  readonly referStatus?: 200 | 202;
  /** The transport that its Contact asks for. */
  readonly transport?: Hop['transport'];
  /** Route of what it sends outside a dialog: an outbound proxy. */
  readonly routes?: readonly string[];
  /** Anything else of its settings. */
  readonly settings?: Partial<AgentSettings>;
  /** What it calls itself, if not by its address. */
  readonly addressOfRecord?: string;
}

/** What an agent of a rig lives on: time, chance, and who carries its messages. */
export interface AgentWire {
  readonly clock: VirtualClock;
  readonly random: RandomSource;
  readonly observer: ProtocolObserver;
  /** Brings `bytes` of the agent `from` to the next hop; `onFailure` is called later when they certainly did not leave. */
  carry(from: string, fromPort: number, bytes: Uint8Array, hop: Hop, onFailure: (error: Error) => void): void;
}

/** A user agent of the rig, with what it reported. */
export class RigAgent {
  readonly name: string;
  readonly uri: string;
  readonly agent: UserAgent;
  readonly incoming: Session[] = [];
  /** `connected -> ended`, in order, of all sessions. */
  readonly states: string[] = [];
  readonly problems: string[] = [];
  readonly digits: string[] = [];
  readonly referrals: { readonly session: Session; readonly referral: Referral }[] = [];
  /** Sessions, each time their media changed. */
  readonly media: Session[] = [];
  readonly transferees: Transferee[] = [];
  /** The other party's URI, each time it became another one. */
  readonly identities: string[] = [];
  onState: (session: Session) => void = () => undefined;
  readonly #rig: AgentWire;
  readonly #transferors = new Set<Transferor | BlondeTransfer>();

  constructor(rig: AgentWire, name: string, port: number, options: AgentOptions) {
    this.#rig = rig;
    this.name = name;
    this.uri = `sip:${name}@127.0.0.1:${String(port)}`;
    const settings: AgentSettings = {
      displayName: name,
      uri: options.addressOfRecord ?? this.uri,
      contactUri: (transport) => (transport === 'tcp' ? `${this.uri};transport=tcp` : this.uri),
      ringLimit: options.ringLimit ?? 180_000,
      credentialsFor: () => options.credentials,
      refusalToCall: (uri) => (uri.host === '127.0.0.1' || options.routes !== undefined ? undefined : `${uri.host} is not on this machine`),
      routes: () => options.routes ?? [],
      referPolicy: options.referPolicy,
      replacesRefusal: options.replacesRefusal,
      referStatus: options.referStatus,
      ...options.settings,
    };
    const events: AgentEvents = {
      onIncoming: (session) => {
        this.incoming.push(session);
        const isTaken = session.replaces !== undefined && options.takesOver !== false;
        if (isTaken || options.answers === true) this.take(session);
        else session.ring();
      },
      onState: (session, from, to) => {
        this.states.push(`${from} -> ${to}`);
        for (const transferor of this.#transferors) if (transferor.concerns(session)) transferor.update();
        for (const transferee of this.transferees) if (transferee.concerns(session)) transferee.update();
        this.onState(session);
      },
      onMedia: (session) => this.media.push(session),
      onReferral: (session, referral) => {
        this.referrals.push({ session, referral });
        // Later, as in a phone that first has to find itself a port for the audio.
        if (options.follows !== false) rig.clock.setTimer(0, () => this.follow(session, referral));
      },
      onIdentity: (session) => this.identities.push(session.remoteUri),
      onDigit: (_session, digit) => this.digits.push(digit),
      onProblem: ({ text }) => this.problems.push(text),
    };
    this.agent = new UserAgent({
      settings,
      clock: rig.clock,
      random: rig.random,
      timers: defaultTimers,
      observer: rig.observer,
      digest: options.digest?.(rig.clock),
      events,
      sentBy: () => `127.0.0.1:${String(port)}`,
      transmit: (bytes, hop, onFailure) => {
        rig.carry(name, port, bytes, hop, onFailure);
      },
    });
  }

  negotiation(): MediaNegotiation {
    return new MediaNegotiation({
      origin: this.name,
      sessionId: 1 + randomInteger(this.#rig.random, 1_000_000),
      address: '127.0.0.1',
      port: 40_000,
      laws: ['pcmu', 'pcma'],
    });
  }

  /** Calls `target`: another agent, or a URI. */
  call(target: { readonly uri: string } | string, headers: readonly (readonly [string, string])[] = []): Session {
    const uri = typeof target === 'string' ? target : target.uri;
    return this.agent.place({ target: parseUri(uri), headers }, this.negotiation());
  }

  /** Answers a call; a reason against it, such as an offer that cannot be used, is a problem and no error. */
  take(session: Session): void {
    try {
      session.accept(this.negotiation());
    } catch (error) {
      if (!(error instanceof CallLabError)) throw error;
      this.problems.push(error.message);
    }
  }

  /** The call that came in last. */
  get lastCall(): Session {
    const call = this.incoming.at(-1);
    if (call === undefined) throw new Error(`nobody called ${this.name}`);
    return call;
  }

  /** Holds or resumes; the result gets what `done` is told: `undefined` for agreed. */
  hold(session: Session, on = true, style: HoldStyle = 'sendonly'): { result?: string } {
    const outcome: { result?: string } = {};
    session.changeHold(on, style, (failure) => {
      if (outcome.result !== undefined) throw new Error('told twice');
      outcome.result = failure === undefined ? 'agreed' : `${String(failure.status)} ${failure.reason}`;
    });
    return outcome;
  }

  /** Transfers `session` to `target`; with `consultation`, to the party of that call, which it replaces. */
  transfer(
    session: Session,
    target: { readonly uri: string } | string,
    consultation?: Session,
    more: Partial<TransferPlan> = {},
  ): RigTransfer {
    const uri = typeof target === 'string' ? target : target.uri;
    const replaces = consultation?.replacesValue;
    const transfer = new RigTransfer();
    const transferor = new Transferor(
      {
        transferee: session,
        referTo: `<${uri}${replaces === undefined ? '' : `?Replaces=${escapeUriHeader(replaces)}`}>`,
        ...(consultation === undefined ? {} : { consultation }),
        holdStyle: 'sendonly',
        ...more,
      },
      { clock: this.#rig.clock, observer: this.#rig.observer },
      this.#userOf(transfer, () => this.#transferors.delete(transferor)),
    );
    this.#transferors.add(transferor);
    transfer.transferor = transferor;
    transferor.start();
    return transfer;
  }

  /** Completes a transfer while the consultation rings. */
  blonde(transferee: Session, consultation: Session, mode: BlondeMode): RigTransfer {
    const transfer = new RigTransfer();
    const services = { clock: this.#rig.clock, observer: this.#rig.observer };
    const user = this.#userOf(transfer, () => this.#transferors.delete(blonde));
    const blonde = new BlondeTransfer({ transferee, consultation, mode, holdStyle: 'sendonly' }, services, user);
    this.#transferors.add(blonde);
    blonde.start();
    return transfer;
  }

  #userOf(transfer: RigTransfer, forget: () => void): TransferUser {
    return {
      onProgress: ({ status, reason }) => transfer.progress.push(`${String(status)} ${reason}`),
      onNews: (text) => transfer.news.push(text),
      onDone: (outcome) => {
        if (transfer.outcome !== undefined) throw new Error('told twice');
        transfer.outcome = outcome;
        forget();
      },
    };
  }

  follow(session: Session, referral: Referral): void {
    const services = { clock: this.#rig.clock, observer: this.#rig.observer };
    const transferee = new Transferee(this.agent, services, session, referral, this.negotiation());
    this.transferees.push(transferee);
    transferee.update();
  }
}

/** A transfer as its transferor sees it. */
export class RigTransfer {
  readonly progress: string[] = [];
  readonly news: string[] = [];
  outcome: TransferOutcome | undefined;
  transferor: Transferor | undefined;

  /** `done 200`, `failed 486`, `unknown`, or `pending`. */
  get verdict(): string {
    if (this.outcome === undefined) return 'pending';
    const { result, status } = this.outcome;
    return status === undefined ? result : `${result} ${String(status)}`;
  }
}

interface Party {
  readonly name: string;
  receive(bytes: Uint8Array, source: Hop): void;
}

/**
 * User agents joined by a wire of the test's making, on a virtual clock: every message takes 1 ms, and `drop` may lose it.
 */
export class AgentRig implements AgentWire {
  readonly clock = new VirtualClock();
  readonly random: SeededRandom;
  readonly passed: Passed[] = [];
  readonly stateChanges: string[] = [];
  readonly observer = {
    stateChanged: (machine: string, id: string, from: string, to: string): void => {
      this.stateChanges.push(`${machine} ${id}: ${from} -> ${to}`);
    },
    timer: (name: string, id: string, action: string): void => {
      this.timers.push(`${action} ${name} (${id})`);
    },
  };
  /** What happened to timers, in order: `set glare (re-INVITE in ...)`. */
  readonly timers: string[] = [];
  /** Says which messages get lost. */
  drop: (message: SipMessage, from: string, to: string) => boolean = () => false;
  /** When copies of a message arrive, in milliseconds from now: none for a lost one, two for a duplicate. */
  delays: (message: SipMessage, from: string, to: string) => readonly number[] = (message, from, to) =>
    this.drop(message, from, to) ? [] : [1];
  /** What becomes of the octets of a message on their way. */
  garble: (bytes: Uint8Array) => Uint8Array = (bytes) => bytes;
  readonly agents: RigAgent[] = [];
  readonly #parties = new Map<number, Party>();
  #nextPort = 5061;

  constructor(seed = 1) {
    this.random = new SeededRandom(seed);
  }

  add(name: string, options: AgentOptions = {}): RigAgent {
    const port = this.#takePort();
    const added = new RigAgent(this, name, port, options);
    this.agents.push(added);
    this.#parties.set(port, { name, receive: (bytes, source) => added.agent.receive(bytes, source) });
    return added;
  }

  /** A peer that says exactly what the test has it say. */
  addPeer(name: string): ScriptedPeer {
    const port = this.#takePort();
    const peer = new ScriptedPeer({
      name,
      port,
      random: this.random,
      send: (bytes, hop) => {
        this.carry(name, port, bytes, hop, () => undefined);
      },
    });
    this.#parties.set(port, peer);
    return peer;
  }

  /** Anybody else who is reached at a port of their own. */
  join<Joined extends Party>(make: (port: number) => Joined): Joined {
    const port = this.#takePort();
    const party = make(port);
    this.#parties.set(port, party);
    return party;
  }

  carry(from: string, fromPort: number, bytes: Uint8Array, hop: Hop, onFailure: (error: Error) => void): void {
    const to = hop.host === '127.0.0.1' ? this.#parties.get(hop.port) : undefined;
    const message = parseMessage(bytes);
    this.passed.push({ at: this.clock.now(), from, to: to?.name ?? '?', message });
    // What a socket tells: nobody is reached beyond this machine, and nobody accepts the connection.
    if (hop.host !== '127.0.0.1' || (to === undefined && hop.transport === 'tcp')) {
      this.clock.setTimer(1, () => onFailure(new Error(`nobody is reached at ${hop.host}:${String(hop.port)}`)));
      return;
    }
    for (const delay of this.delays(message, from, to?.name ?? '?')) {
      const arrived = this.garble(bytes);
      this.clock.setTimer(delay, () => to?.receive(arrived, { transport: hop.transport, host: '127.0.0.1', port: fromPort }));
    }
  }

  /** The messages so far, one line each: `alice>bob INVITE`, `bob>alice 200 INVITE`. */
  get ladder(): string[] {
    return this.passed.map(({ from, to, message }) => `${from}>${to} ${label(message)}`);
  }

  /** Has `act` happen, lets `time` pass, and gives the messages since then. */
  run(time: number, act: () => void = () => undefined): string[] {
    const before = this.passed.length;
    act();
    this.clock.advance(time);
    return this.ladder.slice(before);
  }

  /** Two agents with a call that is up: the session of either side. */
  connect(caller: RigAgent, callee: RigAgent): [Session, Session] {
    const outgoing = caller.call(callee);
    this.clock.advance(50);
    const incoming = callee.lastCall;
    if (incoming.state === 'incoming') incoming.accept(callee.negotiation());
    this.clock.advance(50);
    if (outgoing.state !== 'connected' || incoming.state !== 'connected') throw new Error('the call did not come up');
    return [outgoing, incoming];
  }

  /** The latest message that `is` holds for. */
  find(what: string): SipMessage {
    const found = this.passed.findLast(({ from, to, message }) => `${from}>${to} ${label(message)}` === what);
    if (found === undefined) throw new Error(`there was no ${what} among\n${this.ladder.join('\n')}`);
    return found.message;
  }

  /** Everybody hangs up, and the time of every timer passes. What is left then, which should be nothing. */
  end(patience = 70_000): { sessions: number; timers: number; calls: number } {
    const sessions = this.agents.flatMap(({ agent }) => agent.sessions);
    for (const session of sessions) session.hangUp();
    this.clock.advance(patience);
    const left = this.agents.flatMap(({ agent }) => agent.sessions);
    const calls = left.filter(({ state }) => state !== 'ended').length;
    return { sessions: left.length, timers: this.clock.pendingTimers, calls };
  }

  #takePort(): number {
    this.#nextPort += 1;
    return this.#nextPort - 1;
  }
}

/** What is left after a clean end. */
export const nothing = { sessions: 0, timers: 0, calls: 0 } as const;

export function label(message: SipMessage): string {
  return message.kind === 'request' ? message.method : `${String(message.status)} ${message.cseq.method}`;
}
