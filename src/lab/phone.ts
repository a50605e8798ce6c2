import { type ByteRange, CallLabError, describeError, type Milliseconds } from '../core';
import { formatAddress } from '../net';
import {
  type AgentEvents,
  type Hop,
  type MediaNegotiation,
  type ProtocolObserver,
  type Referral,
  routeRequest,
  type Session,
  type SipUri,
  Transferee,
  type UserAgent,
} from '../sip';
import type { Call } from './call';
import { CallAudio } from './call-audio';
import type { CallInfo, Hearing, PhoneInfo } from './call-info';
import { uriOver } from './directory';
import { CallTaker } from './call-taker';
import type { Directory } from './directory';
import { journalObserver } from './journal-observer';
import { journalTap } from './journal-records';
import { type MediaPort, MediaPorts } from './media-ports';
import { createAgent } from './phone-agent';
import { PhoneCalls } from './phone-calls';
import { createNegotiation } from './phone-media';
import { listeners, type PhoneOptions } from './phone-options';
import type { PhoneSurroundings } from './phone-surroundings';
import { PhoneRegistration, type RegistrationInfo } from './phone-registration';
import { PhoneTimers } from './phone-timers';
import { PhoneTransfers, type TransferAsk } from './phone-transfers';
import { PhoneWatch } from './phone-watch';
import { ProblemDesk } from './problem-desk';
import { SipTransport } from './sip-transport';
import { Waiters } from './waiters';

const mostDigits = 64;

/**
 * An endpoint that a person operates: a SIP user agent with its sockets, its audio, and the person's habits. The verbs
 * that act on it are in `phone-actions.ts`.
 */
export class Phone {
  readonly options: PhoneOptions;
  readonly transfers: PhoneTransfers;
  /** The lab's directory as this phone sees it. */
  readonly directory: Directory;
  readonly #around: PhoneSurroundings;
  readonly #calls: PhoneCalls;
  readonly #waiters = new Waiters();
  readonly #timers: PhoneTimers;
  readonly #underWay: PhoneTimers;
  readonly #ports: MediaPorts;
  readonly #problems: ProblemDesk;
  readonly #taker: CallTaker;
  #transport: SipTransport | undefined;
  #agent: UserAgent | undefined;
  #watch: PhoneWatch | undefined;
  #registration: PhoneRegistration | undefined;
  #problem: string | undefined;
  #uri = '';
  #digits = '';
  /** The journal's number of the SIP packet received last. */
  #received = 0;
  /** No new call is begun or taken any more. */
  #isStopping = false;

  constructor(options: PhoneOptions, around: PhoneSurroundings) {
    this.options = options;
    this.#around = around;
    this.directory = around.directory.seenBy({ hasProxy: () => this.#hasProxy });
    this.#timers = new PhoneTimers(around.clock);
    this.#problems = new ProblemDesk(options.name, around);
    this.transfers = this.#createTransfers();
    this.#underWay = new PhoneTimers(around.clock);
    this.#calls = new PhoneCalls(options.name, around.directory, options.holdTone ?? true);
    this.#ports = new MediaPorts({
      network: around.network,
      clock: around.clock,
      host: this.host,
      tap: journalTap(around.journal, options.name, 'rtp'),
      onError: (error) => {
        this.reportProblem(error.code, error.message);
      },
    });
    this.#taker = new CallTaker({
      options,
      directory: around.directory,
      ports: this.#ports,
      negotiate: (port) => this.#negotiate(port),
      after: (delay, then) => {
        this.#timers.after(delay, then);
      },
      turnTo: (call) => {
        this.turnTo(call);
      },
      reportProblem: (code, text) => {
        this.reportProblem(code, text);
      },
    });
  }

  get name(): string {
    return this.options.name;
  }

  get host(): string {
    return this.options.host ?? '127.0.0.1';
  }

  get displayName(): string {
    return this.options.displayName ?? this.name.charAt(0).toUpperCase() + this.name.slice(1);
  }

  /** Opens the ports. A port that cannot be had makes a phone with a `problem`; nothing is thrown. */
  async start(): Promise<void> {
    const { network, journal, directory } = this.#around;
    const tap = journalTap(journal, this.name, 'sip');
    try {
      this.#registration = new PhoneRegistration(this.options, directory);
      this.#transport = await SipTransport.open({
        network,
        clock: this.#around.clock,
        host: this.host,
        port: this.options.port ?? 0,
        limits: this.#around.floodLimits,
        locator: this.#around.locator,
        listen: listeners(this.options, this.#around.transports),
        journal: (packet) => {
          const seq = tap(packet);
          if (packet.direction === 'received') this.#received = seq;
        },
        onMessage: (bytes, source) => this.#agent?.receive(bytes, source),
        onProblem: (code, text, range) => {
          this.reportProblem(code, text, range === undefined ? {} : { packet: this.#received, range });
        },
      });
    } catch (error) {
      this.#problem = describeError(error);
      this.reportProblem(error instanceof Error && 'code' in error ? String(error.code) : 'CL1003', this.#problem);
      return;
    }
    const authority = formatAddress(this.#transport.local);
    this.#uri = `sip:${this.name}@${authority}`;
    directory.add(this.name, this.#transport.addresses, this.#uri, this.#registration.addressOfRecord);
    this.#agent = this.#createAgent(this.#transport, authority, this.#registration);
    this.#watch = new PhoneWatch(this, this.#around, () => this.#changed());
    this.register();
  }

  /** Registers if the phone is one that does, or refreshes; ask {@link registration} what became of it. */
  register(): void {
    this.#registration?.register(this.agent.services, () => this.#changed());
  }

  unregister(): void {
    this.#registration?.unregister();
  }

  get registration(): RegistrationInfo | undefined {
    return this.#registration?.info(this.#around.clock.now());
  }

  /** Where a request to `uri` goes first. */
  nextHop(uri: SipUri): Hop {
    return routeRequest(uri, this.#registration?.routes ?? []).hop;
  }

  get uri(): string {
    return this.#uri;
  }

  /** Why the phone does not work, or undefined. */
  get problem(): string | undefined {
    return this.#problem;
  }

  get agent(): UserAgent {
    if (this.#agent === undefined) throw new Error(`${this.name} has not started`);
    return this.#agent;
  }

  get isWorking(): boolean {
    // One that has crashed may take a while to close its connections, and does nothing meanwhile.
    return this.#agent !== undefined && this.#problem === undefined;
  }

  /** Whom it watches and who watches it; undefined when the phone does not work. */
  get watch(): PhoneWatch | undefined {
    return this.#watch;
  }

  /** Calls that have not ended, the oldest first. */
  get calls(): readonly Call[] {
    return this.#calls.live;
  }

  /** Snapshots of all calls, the ended ones first. */
  get callInfos(): readonly CallInfo[] {
    return this.#calls.infos;
  }

  get hears(): Hearing {
    return this.#calls.hears;
  }

  get #hasProxy(): boolean {
    return (this.#registration?.routes.length ?? 0) > 0;
  }

  info(): PhoneInfo {
    return {
      name: this.name,
      displayName: this.displayName,
      uri: this.#uri,
      transports: this.isWorking ? [...(this.#transport?.addresses.keys() ?? [])] : [],
      uris: this.isWorking ? [...(this.#transport?.addresses ?? [])].map(([over, at]) => uriOver(over, this.name, at)) : [],
      problem: this.#problem,
      calls: this.callInfos,
      hears: this.hears,
      digits: this.#digits,
      watches: this.#watch?.watching.infos ?? [],
      asks: this.asks,
      registration: this.registration,
      hasProxy: this.#hasProxy,
    };
  }

  /** Transfers that wait for the person's consent. */
  get asks(): readonly TransferAsk[] {
    return this.transfers.asks;
  }

  /** Resolves when `isMet` holds; looked at again whenever a call of this phone changes. */
  until(isMet: () => boolean): Promise<void> {
    return this.#waiters.until(isMet);
  }

  /** Waits for `work`, but for no longer than `limit`. */
  within(work: Promise<void>, limit: Milliseconds): Promise<void> {
    return this.#timers.within(work, limit);
  }

  /** Whether anybody on this machine receives what is sent there; undefined where that cannot be known. */
  isHeardAt({ transport, host, port }: Hop): Promise<boolean | undefined> {
    return this.#around.network.hears(transport, { host, port });
  }

  /** Calls `target` with a media port of its own; `headers` go into the INVITE. Throws CL3007 when the lab is being stopped. */
  async place(target: SipUri, headers: readonly (readonly [string, string])[] = []): Promise<Call> {
    const port = await this.#ports.take();
    if (this.#isStopping) {
      // The verb had to wait for something, and the stop overtook it: nobody would hang this call up.
      this.#ports.giveBack(port);
      throw new CallLabError('CL3007', 'The lab is being stopped');
    }
    const session = this.agent.place({ target, headers }, this.#negotiate(port));
    return this.#addCall(session, port);
  }

  /** Answers; the call is up when the ACK comes. Throws what the network or the session description gives as a reason. */
  async accept(call: Call): Promise<void> {
    await this.#taker.accept(call);
  }

  /** The person speaks into this call from now on. */
  turnTo(call: Call): void {
    this.#calls.turnTo(call);
  }

  reportProblem(code: string, text: string, more: { readonly packet?: number; readonly range?: ByteRange } = {}): void {
    this.#problems.report({ code, text, ...more });
  }

  /** Says goodbye in every call. Wait for {@link isQuiet}, then {@link close}. */
  hangUpAll(): void {
    this.#isStopping = true;
    this.#timers.dispose();
    this.transfers.refuseAll();
    this.transfers.abandonTransferors();
    for (const call of this.calls) call.session.hangUp('the lab stopped');
    this.#agent?.subscriptions.leave();
  }

  /** No call is up or on its way, and every goodbye was answered. */
  get isQuiet(): boolean {
    const { isQuiet = true, subscriptions } = this.#agent ?? {};
    return isQuiet && this.#registration?.isQuiet !== false && (!this.#isStopping || subscriptions?.isQuiet !== false);
  }

  /** Calls that were not ended properly. */
  get callsLeft(): number {
    return this.calls.length;
  }

  /** Dies as its program would: nobody is told of the end of its calls, and its ports are free. */
  async crash(): Promise<void> {
    this.#isStopping = true;
    this.#problem ??= `it has crashed; "${this.name} restart" brings it back`;
    this.#timers.dispose();
    this.transfers.abandonTransferors();
    const closed = this.close();
    this.#changed();
    await closed;
  }

  /** The same phone, started anew: at the same port, with nothing remembered. */
  successor(): Phone {
    const { port } = this.#transport?.local ?? {};
    return new Phone({ ...this.options, ...(port !== undefined && { port }) }, this.#around);
  }

  async close(): Promise<void> {
    this.transfers.abandonTransferees();
    this.#registration?.abandon();
    this.#agent?.abandon();
    this.#underWay.dispose();
    this.#calls.clear();
    this.#waiters.check();
    await Promise.all([this.#transport?.close(), this.#ports.close()]);
    this.#problems.close();
    this.#agent = undefined;
  }

  get #observer(): ProtocolObserver {
    return journalObserver(this.#around.journal, this.name);
  }

  #createAgent(transport: SipTransport, authority: string, registration: PhoneRegistration): UserAgent {
    const events: AgentEvents = {
      onIncoming: (session) => this.#onIncoming(session),
      onState: (session) => this.#onState(session),
      onMedia: (session) => this.#onMedia(session),
      onReferral: (session, referral) => this.transfers.receive(session, referral),
      onDigit: (_session, digit) => this.#onDigit(digit),
      onIdentity: (session) => {
        const call = this.#calls.find(session);
        if (call !== undefined) this.#callChanged(call);
      },
      onProblem: (problem) => {
        this.#problems.reportOfAgent(problem, this.#received);
      },
    };
    const identity = { uri: registration.addressOfRecord ?? this.#uri, authority, displayName: this.displayName };
    const around = { ...this.#around, directory: this.directory, observer: this.#observer, transport, registration, events };
    return createAgent(this.options, identity, { ...around, later: (delay, act) => this.#underWay.after(delay, act) });
  }

  // --- what the agent reports ---

  #onIncoming(session: Session): void {
    const call = this.#addCall(session, undefined);
    if (this.#isStopping) {
      session.reject(480, 'The phone is being switched off');
      return;
    }
    this.#taker.take(call);
    if (session.replaces === undefined) this.#watch?.observeRinging(session);
  }

  #onState(session: Session): void {
    this.#watch?.observe(session);
    const call = this.#calls.find(session);
    if (call === undefined) return; // it ended before it was added; #addCall sees that
    this.transfers.update(session);
    // Who answered has turned to the call already; its ACK may come when they talk to somebody else.
    if (session.state === 'connected' && session.direction === 'outgoing') this.turnTo(call);
    if (session.state === 'ended') this.#onEnded(call);
    this.#callChanged(call);
  }

  #onEnded(call: Call): void {
    this.#calls.remove(call);
    if (call.port !== undefined) this.#ports.giveBack(call.port);
    call.port = undefined;
  }

  #onMedia(session: Session): void {
    const call = this.#calls.find(session);
    const media = session.negotiation?.media;
    if (call?.port === undefined || session.state === 'ended') return;
    if (media !== undefined) {
      const { clock, random, tones } = this.#around;
      call.audio ??= new CallAudio({
        clock,
        random,
        port: call.port,
        tones,
        owner: this.name,
        onHears: (hearing, address) => {
          this.#around.journal.append({ kind: 'hears', owner: this.name, ...hearing, address });
          if (this.#around.events.listenerCount('hears') > 0) this.#around.events.emit('hears', this.name, this.hears);
          this.#changed();
        },
        onDigit: (digit) => {
          this.#onDigit(digit);
        },
      });
      call.audio.configure(media);
    }
    this.#calls.tune();
    this.#callChanged(call);
  }

  #onDigit(digit: string): void {
    this.#digits = (this.#digits + digit).slice(-mostDigits);
    this.#around.events.emit('digit', this.name, digit);
    this.#changed();
  }

  // --- transfers ---

  #createTransfers(): PhoneTransfers {
    return new PhoneTransfers({
      services: { clock: this.#around.clock, observer: this.#observer },
      follow: (session, referral) => this.#follow(session, referral),
      describe: (session, referral) => {
        const { directory } = this.#around;
        const target = referral.request.target.toString();
        return {
          phone: this.name,
          by: directory.nameOf(session.remoteUri),
          target: directory.nameOf(target),
          targetUri: target.split('?', 1)[0] ?? target,
          call: this.#calls.find(session)?.id ?? '',
        };
      },
      onAsked: (ask) => {
        this.#around.events.emit('asked', ask);
        this.#changed();
      },
      onNews: (text) => {
        this.#around.events.emit('notice', this.name, text);
        this.#changed();
      },
      onChanged: () => {
        this.#changed();
      },
      onFailed: (error) => {
        this.reportProblem('CL3005', `${this.name} could not follow the transfer: ${describeError(error)}`);
      },
    });
  }

  /** The peer referred us: call the target, with a fresh media port. */
  async #follow(session: Session, referral: Referral): Promise<Transferee | undefined> {
    const port = await this.#ports.take();
    if (this.#isStopping) {
      this.#ports.giveBack(port);
      return undefined;
    }
    const services = { clock: this.#around.clock, observer: this.#observer };
    const transferee = new Transferee(this.agent, services, session, referral, this.#negotiate(port));
    this.#addCall(transferee.referred, port);
    return transferee;
  }

  // --- calls and their audio ---

  #addCall(session: Session, port: MediaPort | undefined): Call {
    const call = this.#calls.add(session, port, this.#around.journal.now());
    this.#watch?.observe(session);
    if (call.hasEnded) this.#onEnded(call);
    this.#callChanged(call);
    return call;
  }

  #negotiate(port: MediaPort): MediaNegotiation {
    return createNegotiation(this.options, port, this.#around.random);
  }

  #callChanged(call: Call): void {
    const { events } = this.#around;
    // Most snapshots would be made for nobody.
    if (events.listenerCount('call') > 0) events.emit('call', call.info());
    this.#changed();
  }

  #changed(): void {
    this.#waiters.check();
    this.#around.events.emit('changed');
  }
}
