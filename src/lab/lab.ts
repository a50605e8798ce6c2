import {
  CallLabError,
  type Clock,
  describeError,
  type Disposable,
  Emitter,
  type ErrorCode,
  type Milliseconds,
  type RandomSource,
} from '../core';
import { type DnsQueries, type Network, platformDns, SipLocator } from '../net';
import { defaultTimers, type TimerValues } from '../sip';
import { Journal, TraceLimit, TraceModel } from '../trace';
import { ToneBook } from './call-audio';
import type { CallInfo, PhoneInfo } from './call-info';
import { Directory } from './directory';
import type { TakeableCall } from './early-call';
import { formatVerb } from './format-verb';
import type { LabEvents } from './lab-events';
import { callsFor, canAct } from './call-choice';
import type { FloodLimits } from './flood-gate';
import { IaxDirectory } from './iax/iax-directory';
import { Outages } from './outages';
import { act } from './phone-actions';
import { defaultPhones, type PhoneOptions } from './phone-options';
import type { Phone } from './phone';
import type { Verb, VerbName } from './verb';
import { register, unregister } from './registration-actions';
import { createPhone, createServer } from './create-phone';
import type { Server } from './server';
import type { ServerInfo, ServerOptions } from './server-options';
import { Waiters } from './waiters';

export interface LabOptions {
  readonly network: Network;
  readonly clock: Clock;
  readonly random: RandomSource;
  /** The wall-clock time of the journal's zero. */
  readonly startedAt: Date;
  /** alice, bob and charlie unless given. */
  readonly phones?: readonly PhoneOptions[];
  /** None unless given. */
  readonly servers?: readonly ServerOptions[];
  /** How long `stop` waits for the peers' answers to our goodbyes, in milliseconds; 5,000 unless given. */
  readonly stopTimeout?: Milliseconds;
  readonly timers?: TimerValues;
  /** Lets phones call and be called beyond this machine; false unless given. */
  readonly allowBeyondLoopback?: boolean;
  /** Asked where hosts are that have a name, but only beyond loopback; the platform's name servers unless given. */
  readonly dns?: DnsQueries;
  /** RTP packets kept in the journal. */
  readonly mediaLimit?: number;
  /** Messages kept of the trace, and of the journal what belongs to them: the newest, and up to a quarter more; all unless given. */
  readonly keepMessages?: number;
  /** Other journal entries kept; all unless given, as far as their packets hold no more than 256 MiB. */
  readonly entryLimit?: number;
  /** How much each phone takes before it drops what comes; far more than a phone ever sees, unless given. */
  readonly floodLimits?: FloodLimits;
}

/** What a stopped lab left behind: all zero, or something is wrong with the lab. */
export interface Leaks {
  readonly sockets: number;
  readonly timers: number;
  readonly calls: number;
}

/** How often a pending verdict is looked at again. */
const timekeeping: Milliseconds = 250;

/** What became of a verb. */
export interface VerbOutcome {
  readonly ok: boolean;
  /** One sentence for the person. */
  readonly text: string;
  /** Of the error catalogue; only when not ok. */
  readonly code?: ErrorCode;
}

/**
 * The running lab: phones, their calls, and the journal of everything that happens. The command line, scenario files, the
 * extension and tests all use this one facade.
 */
export class Lab {
  readonly journal: Journal;
  readonly #options: LabOptions;
  readonly #emitter = new Emitter<LabEvents>();
  readonly #directory: Directory;
  readonly #iaxDirectory: IaxDirectory;
  readonly #phones: Map<string, Phone>;
  readonly #servers: ReadonlyMap<string, Server>;
  readonly #waiters = new Waiters();
  #trace: TraceModel | undefined;
  readonly #outages: Outages;
  #running = false;
  #timekeeper: Disposable | undefined;
  #stopping: Promise<Leaks> | undefined;

  constructor(options: LabOptions) {
    this.#options = options;
    const { clock, mediaLimit, entryLimit } = options;
    this.journal = new Journal({
      clock,
      startedAt: options.startedAt,
      ...(mediaLimit === undefined ? {} : { mediaLimit }),
      ...(entryLimit === undefined ? {} : { limit: entryLimit }),
    });
    const allowBeyondLoopback = options.allowBeyondLoopback ?? false;
    this.#directory = new Directory(allowBeyondLoopback);
    this.#iaxDirectory = new IaxDirectory(this.#directory, allowBeyondLoopback);
    const phones = options.phones ?? defaultPhones;
    const tones = new ToneBook(phones.map((phone) => phone.name));
    const around = {
      network: options.network,
      clock,
      random: options.random,
      timers: options.timers ?? defaultTimers,
      journal: this.journal,
      directory: this.#directory,
      iaxDirectory: this.#iaxDirectory,
      allowBeyondLoopback,
      tones,
      events: this.#emitter,
      floodLimits: options.floodLimits,
      locator: options.allowBeyondLoopback === true ? new SipLocator(options.dns ?? platformDns(), options.random) : undefined,
      transports: new Set(phones.map(({ transport }) => transport ?? 'udp')),
      takeableAt: (name: string) => this.#phones.get(name)?.takeable ?? [],
    };
    this.#phones = new Map(phones.map((phone) => [phone.name, createPhone(phone, around)]));
    this.#outages = new Outages(this.#phones);
    const servers = options.servers ?? [];
    this.#servers = new Map(servers.map((server) => [server.name, createServer(server, around)]));
    this.#emitter.on('changed', () => {
      this.#waiters.check();
    });
  }

  /** Starts all servers and phones. One whose port cannot be had gets a `problem`; the rest works. */
  async start(): Promise<void> {
    if (this.#running || this.#stopping !== undefined) return;
    this.#running = true;
    for (const server of this.#servers.values()) await server.start();
    for (const phone of this.#phones.values()) await phone.start();
    for (const phone of this.#phones.values()) phone.begin();
    this.#emitter.emit('state', 'running');
    this.#emitter.emit('changed');
  }

  /** Hangs up everything, waits for the answers, closes every socket. Says what is left, which should be nothing. */
  stop(): Promise<Leaks> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  get isRunning(): boolean {
    return this.#running;
  }

  /** Calls, transfers and verdicts, read out of the journal, kept up to date. Made when first asked for. */
  get trace(): TraceModel {
    if (this.#trace === undefined) this.#trace = this.#watch();
    return this.#trace;
  }

  get phones(): readonly PhoneInfo[] {
    return [...this.#phones.values()].map((phone) => phone.info());
  }

  get servers(): readonly ServerInfo[] {
    return [...this.#servers.values()].map((server) => server.info());
  }

  /** Throws CL3001 with the names there are. */
  phone(name: string): PhoneInfo {
    return this.#find(name).info();
  }

  /** All calls of all phones, ended ones included. */
  get calls(): readonly CallInfo[] {
    return [...this.#phones.values()].flatMap((phone) => phone.callInfos);
  }

  /** Does what a person asks; never rejects. */
  async perform(verb: Verb): Promise<VerbOutcome> {
    const text = formatVerb(verb);
    this.#report(verb, text, 'started', '');
    try {
      if (!this.#running) throw new CallLabError('CL3007', 'The lab is not running');
      if (this.#stopping !== undefined) throw new CallLabError('CL3007', 'The lab is being stopped');
      const detail = await this.#carryOut(verb);
      this.#report(verb, text, 'done', detail);
      return { ok: true, text: detail };
    } catch (error) {
      const detail = error instanceof CallLabError ? error.message : describeError(error);
      this.#report(verb, text, 'failed', detail);
      return { ok: false, text: detail, code: error instanceof CallLabError ? error.code : 'CL1003' };
    }
  }

  #carryOut(verb: Verb): Promise<string> {
    const phone = this.#find(verb.phone);
    switch (verb.verb) {
      case 'crash':
        return this.#outages.crash(phone.name);
      case 'restart':
        return this.#outages.restart(phone.name);
      case 'register':
        return register(phone);
      case 'unregister':
        return unregister(phone);
      default:
        return act(phone, verb);
    }
  }

  /** Whether `verb` makes sense on this phone now, for this call if one is named. */
  can(verb: VerbName, phone: string, call?: string): boolean {
    const found = this.#phones.get(phone);
    if (!this.#running || found === undefined) return false;
    if (verb === 'restart') return true;
    if (!canAct(found, verb)) return false;
    return call === undefined || callsFor(found, verb).some((candidate) => candidate.isMeantBy(call));
  }

  /** The calls `verb` could act on, the likeliest first. */
  candidates(verb: VerbName, phone: string): readonly CallInfo[] {
    const found = this.#phones.get(phone);
    return found === undefined ? [] : callsFor(found, verb).map((call) => call.info());
  }

  /** The calls that `phone` could pick up, those that ring first; it knows of them by watching, or they are of this lab. */
  takeable(phone: string): readonly TakeableCall[] {
    const found = this.#phones.get(phone);
    return found === undefined || !this.#running ? [] : found.pickable;
  }

  /** Resolves when `isMet` holds; looked at again after every change. */
  until(isMet: () => boolean): Promise<void> {
    return this.#waiters.until(isMet);
  }

  on<Name extends keyof LabEvents>(event: Name, listener: (...args: LabEvents[Name]) => void): Disposable {
    return this.#emitter.on(event, listener);
  }

  #find(name: string): Phone {
    const phone = this.#phones.get(name);
    if (phone !== undefined) return phone;
    throw new CallLabError('CL3001', `There is no phone "${name}"; there are ${[...this.#phones.keys()].join(', ')}`);
  }

  #report(verb: Verb, text: string, outcome: 'started' | 'done' | 'failed', detail: string): void {
    this.journal.append({ kind: 'verb', owner: verb.phone, text, outcome, detail });
    this.#emitter.emit('verb', { text, outcome, detail });
    this.#emitter.emit('changed');
  }

  #watch(): TraceModel {
    const trace = TraceModel.read(this.journal);
    const { keepMessages: keep } = this.#options;
    if (keep !== undefined) new TraceLimit(trace, this.journal, { keep });
    trace.on('transfer', (transfer) => {
      this.#emitter.emit('transfer', transfer);
      this.#emitter.emit('changed');
      this.#keepTime(trace);
    });
    trace.on('lint', () => {
      this.#emitter.emit('changed');
    });
    this.#keepTime(trace);
    return trace;
  }

  /** A verdict may wait for something that does not come: then only time decides it, and nothing else tells the time. */
  #keepTime(trace: TraceModel): void {
    if (this.#timekeeper !== undefined || !this.#running) return;
    if (!trace.awaitsTime) return;
    this.#timekeeper = this.#options.clock.setTimer(timekeeping, () => {
      this.#timekeeper = undefined;
      trace.advance(this.journal.now());
      this.#keepTime(trace);
    });
  }

  async #stop(): Promise<Leaks> {
    const { clock, network, stopTimeout = 5_000 } = this.#options;
    await this.#outages.end();
    const phones = [...this.#phones.values()];
    for (const phone of phones) phone.hangUpAll();
    const isQuiet = (): boolean => phones.every((phone) => phone.isQuiet);
    await this.#settle(isQuiet, stopTimeout);
    // Only now: the goodbyes may need the way that the registration gave.
    const registered = phones.filter((phone) => phone.registration !== undefined);
    for (const phone of registered) phone.unregister();
    await this.#settle(() => registered.every((phone) => phone.isQuiet), stopTimeout);
    const calls = phones.reduce((sum, phone) => sum + phone.callsLeft, 0);
    await Promise.all(phones.map((phone) => phone.close()));
    await Promise.all([...this.#servers.values()].map((server) => server.close()));
    this.#directory.clear();
    this.#iaxDirectory.clear();
    this.#running = false;
    this.#timekeeper?.dispose();
    this.#trace?.finish();
    this.#emitter.emit('state', 'stopped');
    this.#emitter.emit('changed');
    return { sockets: network.openSockets, timers: clock.pendingTimers, calls };
  }

  /** Waits until `isDone`, looking every few milliseconds, or until the time is up. */
  async #settle(isDone: () => boolean, limit: Milliseconds): Promise<void> {
    const { clock } = this.#options;
    const deadline = clock.now() + limit;
    while (!isDone() && clock.now() < deadline) {
      await new Promise<void>((resolve) => {
        clock.setTimer(5, resolve);
      });
    }
  }
}
