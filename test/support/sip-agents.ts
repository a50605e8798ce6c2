import { randomInteger, SeededRandom, VirtualClock } from '../../src/core';
import {
  type AgentEvents,
  type AgentSettings,
  defaultTimers,
  type DigestServer,
  type Hop,
  MediaNegotiation,
  parseMessage,
  type Referral,
  type Session,
  type SipMessage,
  UserAgent,
} from '../../src/sip';

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
}

/** A user agent of the rig, with what it reported. */
export class RigAgent {
  readonly name: string;
  readonly uri: string;
  readonly agent: UserAgent;
  readonly incoming: Session[] = [];
  readonly states: string[] = [];
  readonly problems: string[] = [];
  readonly referrals: { readonly session: Session; readonly referral: Referral }[] = [];
  onState: (session: Session) => void = () => undefined;
  readonly #rig: AgentRig;

  constructor(rig: AgentRig, name: string, port: number, options: AgentOptions) {
    this.#rig = rig;
    this.name = name;
    this.uri = `sip:${name}@127.0.0.1:${String(port)}`;
    const settings: AgentSettings = {
      displayName: name,
      uri: this.uri,
      contactUri: (transport) => (transport === 'tcp' ? `${this.uri};transport=tcp` : this.uri),
      ringLimit: options.ringLimit ?? 180_000,
      credentialsFor: () => options.credentials,
      refusalToCall: (uri) => (uri.host === '127.0.0.1' ? undefined : `${uri.host} is not on this machine`),
    };
    const events: AgentEvents = {
      onIncoming: (session) => {
        this.incoming.push(session);
        if (session.replaces !== undefined || options.answers === true) session.accept(this.negotiation());
        else session.ring();
      },
      onState: (session, from, to) => {
        this.states.push(`${from} -> ${to}`);
        this.onState(session);
      },
      onMedia: () => undefined,
      onReferral: (session, referral) => this.referrals.push({ session, referral }),
      onDigit: () => undefined,
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
}

/**
 * User agents joined by a wire of the test's making, on a virtual clock: every message takes 1 ms, and `drop` may lose it.
 */
export class AgentRig {
  readonly clock = new VirtualClock();
  readonly random = new SeededRandom(1);
  readonly passed: Passed[] = [];
  readonly stateChanges: string[] = [];
  readonly observer = {
    stateChanged: (machine: string, id: string, from: string, to: string): void => {
      this.stateChanges.push(`${machine} ${id}: ${from} -> ${to}`);
    },
    timer: (): void => undefined,
  };
  /** Says which messages get lost. */
  drop: (message: SipMessage, from: string) => boolean = () => false;
  readonly #agents = new Map<number, RigAgent>();
  #nextPort = 5061;

  add(name: string, options: AgentOptions = {}): RigAgent {
    const port = this.#nextPort;
    this.#nextPort += 1;
    const agent = new RigAgent(this, name, port, options);
    this.#agents.set(port, agent);
    return agent;
  }

  carry(from: string, fromPort: number, bytes: Uint8Array, hop: Hop, onFailure: (error: Error) => void): void {
    const to = this.#agents.get(hop.port);
    const message = parseMessage(bytes);
    this.passed.push({ at: this.clock.now(), from, to: to?.name ?? '?', message });
    if (this.drop(message, from)) return;
    this.clock.setTimer(1, () => {
      if (to === undefined) {
        if (hop.transport === 'tcp') onFailure(new Error('nobody listens there'));
        return;
      }
      to.agent.receive(bytes, { transport: hop.transport, host: '127.0.0.1', port: fromPort });
    });
  }

  /** The messages so far, one line each: `alice>bob INVITE`, `bob>alice 200 INVITE`. */
  get ladder(): string[] {
    return this.passed.map(({ from, to, message }) => `${from}>${to} ${label(message)}`);
  }
}

export function label(message: SipMessage): string {
  return message.kind === 'request' ? message.method : `${String(message.status)} ${message.cseq.method}`;
}
