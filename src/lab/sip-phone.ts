import { CallLabError, describeError } from '../core';
import { formatAddress } from '../net';
import {
  type AgentEvents,
  type MediaNegotiation,
  parseUri,
  type ProtocolObserver,
  type Referral,
  routeRequest,
  type Session,
  type SipUri,
  Transferee,
  type UserAgent,
} from '../sip';
import { CallAudio } from './call-audio';
import type { PhoneInfo } from './call-info';
import { CallTaker } from './call-taker';
import { type Directory, uriOver } from './directory';
import type { TakeableCall } from './early-call';
import { journalObserver } from './journal-observer';
import { journalTap } from './journal-records';
import { type MediaPort, MediaPorts } from './media-ports';
import type { Callee, Phone, ProtocolVerb } from './phone';
import { createAgent } from './phone-agent';
import { PhoneBase } from './phone-base';
import { createNegotiation } from './phone-media';
import { listeners, type PhoneOptions } from './phone-options';
import { PhoneRegistration, type RegistrationInfo } from './phone-registration';
import type { PhoneSurroundings } from './surroundings';
import { PhoneTimers } from './phone-timers';
import type { PhoneTransfers, TransferAsk } from './phone-transfers';
import { PhoneWatch } from './phone-watch';
import { allTakeable } from './pick-up';
import { actBySip } from './sip-actions';
import { SipCall } from './sip-call';
import { createTransfers } from './sip-transfers';
import { SipTransport } from './sip-transport';
import type { VerbName } from './verb';

/** A SIP user agent with its sockets, its audio, and the habits of the person who operates it. */
export class SipPhone extends PhoneBase<Session, SipCall> implements Phone {
  readonly transfers: PhoneTransfers;
  /** The lab's directory as this phone sees it. */
  readonly directory: Directory;
  readonly #underWay: PhoneTimers;
  readonly #ports: MediaPorts;
  readonly #taker: CallTaker;
  #transport: SipTransport | undefined;
  #agent: UserAgent | undefined;
  #watch: PhoneWatch | undefined;
  #registration: PhoneRegistration | undefined;
  #problem: string | undefined;
  #uri = '';
  /** The journal's number of the SIP packet received last. */
  #received = 0;
  /** No new call is begun or taken any more. */
  #isStopping = false;

  constructor(options: PhoneOptions, around: PhoneSurroundings) {
    super(options, around);
    this.directory = around.directory.seenBy({ hasProxy: () => this.#hasProxy });
    this.#underWay = new PhoneTimers(around.clock);
    this.transfers = this.#createTransfers();
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
        this.timers.after(delay, then);
      },
      turnTo: (call) => {
        this.turnTo(call);
      },
      reportProblem: (code, text) => {
        this.reportProblem(code, text);
      },
    });
  }

  async start(): Promise<void> {
    const { network, journal, directory } = this.around;
    const tap = journalTap(journal, this.name, 'sip');
    try {
      this.#registration = new PhoneRegistration(this.options, directory);
      this.#transport = await SipTransport.open({
        network,
        clock: this.around.clock,
        host: this.host,
        port: this.options.port ?? 0,
        limits: this.around.floodLimits,
        locator: this.around.locator,
        listen: listeners(this.options, this.around.transports),
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
    this.#watch = new PhoneWatch(this, this.around, () => this.changed());
    this.register();
  }

  register(): void {
    this.#registration?.register(this.agent.services, () => this.changed());
  }

  unregister(): void {
    this.#registration?.unregister();
  }

  get registration(): RegistrationInfo | undefined {
    return this.#registration?.info(this.around.clock.now());
  }

  begin(): void {
    this.#watch?.begin();
  }

  get uri(): string {
    return this.#uri;
  }

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

  get takeable(): readonly TakeableCall[] {
    return this.#watch?.takeable ?? [];
  }

  get pickable(): readonly TakeableCall[] {
    return allTakeable(this);
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
      digits: this.digits,
      watches: this.#watch?.watching.infos ?? [],
      asks: this.asks,
      registration: this.registration,
      hasProxy: this.#hasProxy,
    };
  }

  get asks(): readonly TransferAsk[] {
    return this.transfers.asks;
  }

  can(verb: VerbName): boolean | undefined {
    if (verb === 'watch') return true;
    if (verb === 'unwatch') return (this.#watch?.watching.targets ?? []).length > 0;
    return verb === 'pick-up' ? this.pickable.length > 0 : undefined;
  }

  perform(verb: ProtocolVerb): Promise<string> {
    return actBySip(this, verb);
  }

  /** The URI that a person means. Throws CL2002 or CL1002. */
  resolve(target: string): SipUri {
    return this.directory.resolve(target, this.options.transport ?? 'udp');
  }

  find(target: string): Callee {
    const uri = this.resolve(target);
    return { uri: uri.toString(), phone: this.directory.nameBehind(uri) };
  }

  async missingAt({ uri }: Callee): Promise<string | undefined> {
    const { transport, host, port } = routeRequest(parseUri(uri), this.#registration?.routes ?? []).hop;
    const isHeard = await this.around.network.hears(transport, { host, port });
    return isHeard === false ? `${transport.toUpperCase()} ${formatAddress({ host, port })}` : undefined;
  }

  place({ uri }: Callee): Promise<SipCall> {
    return this.placeAt(parseUri(uri));
  }

  /** Calls `target` with a media port of its own; `headers` go into the INVITE. Throws CL3007 when the lab is being stopped. */
  async placeAt(target: SipUri, headers: readonly (readonly [string, string])[] = []): Promise<SipCall> {
    const port = await this.#ports.take();
    if (this.#isStopping) {
      // The verb had to wait for something, and the stop overtook it: nobody would hang this call up.
      this.#ports.giveBack(port);
      throw new CallLabError('CL3007', 'The lab is being stopped');
    }
    const session = this.agent.place({ target, headers }, this.#negotiate(port));
    return this.#addCall(session, port);
  }

  /** The call is up when the ACK comes. */
  async accept(call: SipCall): Promise<void> {
    await this.#taker.accept(call);
  }

  hangUpAll(): void {
    this.#isStopping = true;
    this.timers.dispose();
    this.transfers.refuseAll();
    this.transfers.abandonTransferors();
    for (const call of this.calls) call.session.hangUp('the lab stopped');
    this.#agent?.subscriptions.leave();
  }

  get isQuiet(): boolean {
    const { isQuiet = true, subscriptions } = this.#agent ?? {};
    return isQuiet && this.#registration?.isQuiet !== false && (!this.#isStopping || subscriptions?.isQuiet !== false);
  }

  async crash(): Promise<void> {
    this.#isStopping = true;
    this.#problem ??= `it has crashed; "${this.name} restart" brings it back`;
    this.timers.dispose();
    this.transfers.abandonTransferors();
    const closed = this.close();
    this.changed();
    await closed;
  }

  successor(): SipPhone {
    const { port } = this.#transport?.local ?? {};
    return new SipPhone({ ...this.options, ...(port !== undefined && { port }) }, this.around);
  }

  async close(): Promise<void> {
    this.transfers.abandonTransferees();
    this.#registration?.abandon();
    this.#agent?.abandon();
    this.#underWay.dispose();
    this.book.clear();
    this.checkWaiters();
    await Promise.all([this.#transport?.close(), this.#ports.close()]);
    this.problems.close();
    this.#agent = undefined;
  }

  get #observer(): ProtocolObserver {
    return journalObserver(this.around.journal, this.name);
  }

  #createAgent(transport: SipTransport, authority: string, registration: PhoneRegistration): UserAgent {
    const events: AgentEvents = {
      onIncoming: (session) => this.#onIncoming(session),
      onState: (session) => this.#onState(session),
      onMedia: (session) => this.#onMedia(session),
      onReferral: (session, referral) => this.transfers.receive(session, referral),
      onDigit: (_session, digit) => this.onDigit(digit),
      onIdentity: (session) => {
        const call = this.book.find(session);
        if (call !== undefined) this.callChanged(call);
      },
      onProblem: (problem) => {
        this.problems.reportOfAgent(problem, this.#received);
      },
    };
    const identity = { uri: registration.addressOfRecord ?? this.#uri, authority, displayName: this.displayName };
    const around = { ...this.around, directory: this.directory, observer: this.#observer, transport, registration, events };
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
    const call = this.book.find(session);
    if (call === undefined) return; // it ended before it was added; #addCall sees that
    this.transfers.update(session);
    // Who answered has turned to the call already; its ACK may come when they talk to somebody else.
    if (session.state === 'connected' && session.direction === 'outgoing') this.turnTo(call);
    if (session.state === 'ended') this.#onEnded(call);
    this.callChanged(call);
  }

  #onEnded(call: SipCall): void {
    call.audio?.dispose();
    call.audio = undefined;
    this.book.remove(call.session);
    if (call.port !== undefined) this.#ports.giveBack(call.port);
    call.port = undefined;
  }

  #onMedia(session: Session): void {
    const call = this.book.find(session);
    const media = session.negotiation?.media;
    if (call?.port === undefined || session.state === 'ended') return;
    if (media !== undefined) {
      const { clock, random, tones } = this.around;
      call.audio ??= new CallAudio({
        clock,
        random,
        port: call.port,
        tones,
        owner: this.name,
        onHears: (hearing, address) => {
          this.onHears(hearing, address);
        },
        onDigit: (digit) => {
          this.onDigit(digit);
        },
      });
      call.audio.configure(media);
    }
    this.book.tune();
    this.callChanged(call);
  }

  // --- transfers ---

  #createTransfers(): PhoneTransfers {
    return createTransfers({
      name: this.name,
      services: { clock: this.around.clock, observer: this.#observer },
      directory: this.around.directory,
      find: (session) => this.book.find(session),
      follow: (session, referral) => this.#follow(session, referral),
      onAsked: (ask) => {
        this.around.events.emit('asked', ask);
        this.changed();
      },
      onNews: (text) => {
        this.notice(text);
      },
      onChanged: () => {
        this.changed();
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
    const services = { clock: this.around.clock, observer: this.#observer };
    const transferee = new Transferee(this.agent, services, session, referral, this.#negotiate(port));
    this.#addCall(transferee.referred, port);
    return transferee;
  }

  // --- calls and their audio ---

  #addCall(session: Session, port: MediaPort | undefined): SipCall {
    const { journal, directory } = this.around;
    const call = this.book.add(
      session,
      (number, attention) =>
        new SipCall({
          id: `${this.name}/${String(number)}`,
          phone: this.options,
          session,
          since: journal.now(),
          directory,
          attention,
          port,
          until: (isMet) => this.until(isMet),
        }),
    );
    this.#watch?.observe(session);
    if (call.hasEnded) this.#onEnded(call);
    this.callChanged(call);
    return call;
  }

  #negotiate(port: MediaPort): MediaNegotiation {
    return createNegotiation(this.options, port, this.around.random);
  }
}
