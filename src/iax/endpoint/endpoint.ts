import { CallLabError, type Disposable, Emitter, type Milliseconds } from '../../core';
import { addressText, type IaxAddress } from '../address';
import { type CallOwner, type CallRequest, IaxCall } from '../call';
import { causes } from '../cause';
import { type CodecName, decodeFrame, type FullFrame, type IaxFrame, IaxFrameError } from '../frame';
import type { Leg, LegUser } from '../leg';
import { unobserved } from '../observer';
import { type IaxBinding, IaxBindings, IaxRegistration, RegistrarExchange, type RegistrationOptions, type RegistrationOwner } from '../registration';
import type { IaxServices } from '../services';
import { type NativeTransfer, type NativeTransferOptions, Transfers } from '../transfer';
import { CallTokens } from './call-token';
import { admit, type DoorkeeperParts } from './doorkeeper';
import { defaultLegLimits, LegKeeper } from './leg-keeper';
import type { IaxEndpointEvents, IaxEndpointOptions } from './options';
import { Poke } from './poke';
import { routeFrame } from './route';
import { StatelessAnswers } from './stateless-answers';
import { TrunkCollector } from './trunk-collector';

const defaultCodecs: readonly CodecName[] = ['PCMU', 'PCMA'];

/** Answers without a call, a second and host: far more than anybody asks for, and no flood. */
const defaultReplies = 2_000;

/**
 * One socket's worth of IAX2 without I/O: datagrams and fired timers go in, datagrams and events come out. It finds the leg
 * that a frame is for, and says to everybody else what he deserves (IAX2 reference sections 1.1, 4.1, 4.2, 7.1).
 */
export class IaxEndpoint {
  readonly local: IaxAddress;
  readonly #transfers: Transfers;
  readonly #options: IaxEndpointOptions;
  readonly #codecs: readonly CodecName[];
  readonly #services: IaxServices;
  readonly #events = new Emitter<IaxEndpointEvents>();
  readonly #keeper: LegKeeper;
  readonly #answers: StatelessAnswers;
  readonly #door: DoorkeeperParts;
  readonly #trunks: TrunkCollector;
  readonly #bindings: IaxBindings;
  readonly #calls = new Map<Leg, IaxCall>();
  readonly #registrations = new Set<IaxRegistration>();
  #callCount = 0;
  #isClosed = false;

  constructor(options: IaxEndpointOptions) {
    const { clock, random, observer = unobserved, limits = {} } = options;
    this.#options = options;
    this.local = options.local;
    this.#codecs = options.codecs ?? defaultCodecs;
    this.#services = {
      clock,
      random,
      observer,
      transmit: (destination, bytes) => {
        if (!this.#isClosed) options.send(destination, bytes);
      },
    };
    this.#keeper = new LegKeeper(
      this.#services,
      { ...defaultLegLimits, ...limits },
      { onProblem: (text, source, frame) => this.#report(text, source, frame), onForgotten: (leg) => this.#calls.delete(leg) },
    );
    this.#answers = new StatelessAnswers(this.#services, limits.repliesPerSecond ?? defaultReplies);
    this.#door = {
      tokens: new CallTokens(clock, random),
      answers: this.#answers,
      keeper: this.#keeper,
      requiresToken: (source, username) => options.requiresToken?.(source, username) ?? true,
      hasRegistrar: options.registrar !== undefined,
    };
    this.#transfers = this.#createTransfers();
    this.#trunks = new TrunkCollector(this.#services);
    this.#bindings = new IaxBindings(clock, (binding, change) => this.#events.emit('binding', binding, change));
  }

  /** Calls that are not over, those that nobody has been told of yet among them. */
  get calls(): readonly IaxCall[] {
    return [...this.#calls.values()].filter(({ state }) => state !== 'ended');
  }

  /** Who has registered here. */
  get bindings(): readonly IaxBinding[] {
    return this.#bindings.all;
  }

  /** Where a user has registered; undefined when he has not. */
  bindingOf(username: string): IaxBinding | undefined {
    return this.#bindings.find(username);
  }

  /** No call, no registration and no farewell is on its way; what only answers repeats does not count. */
  get isQuiet(): boolean {
    return this.#keeper.live === 0;
  }

  /** What it keeps just now: legs that are up, and those that only answer repeats too. To find leaks. */
  get footprint(): { readonly live: number; readonly legs: number } {
    return { live: this.#keeper.live, legs: this.#keeper.table.size };
  }

  on<Name extends keyof IaxEndpointEvents>(event: Name, listener: (...args: IaxEndpointEvents[Name]) => void): Disposable {
    return this.#events.on(event, listener);
  }

  /** Calls somebody. Throws CL1006 when there is no call number left. */
  place(destination: IaxAddress, request: CallRequest): IaxCall {
    const codecs = request.codecs ?? this.#codecs;
    const collector = request.trunk === true ? this.#trunks : undefined;
    return this.#createCall({ codecs, request }, (user) => this.#need(this.#keeper.create(user, { address: destination, number: 0 }, collector)));
  }

  /** Registers with a registrar, and keeps it up until it is released. */
  register(destination: IaxAddress, options: RegistrationOptions): IaxRegistration {
    const owner: RegistrationOwner = {
      services: this.#services,
      run: (request, registrar) => {
        // From a timer, too: nobody is there to catch an error.
        const leg = this.#keeper.create(request, { address: registrar, number: 0 });
        if (leg === undefined) request.fail(causes.congestion);
        else request.begin(leg);
      },
    };
    const registration = new IaxRegistration(owner, destination, options);
    this.#registrations.add(registration);
    registration.register();
    return registration;
  }

  /** Asks whether IAX2 is spoken there. `onDone` gets the round trip, or undefined when nobody answers. */
  poke(destination: IaxAddress, onDone: (roundTrip: Milliseconds | undefined) => void): void {
    const poke = new Poke(onDone);
    poke.begin(this.#need(this.#keeper.create(poke, { address: destination, number: 0 })));
  }

  /**
   * Connects two calls of ours with each other by a native transfer, and leaves (IAX2 reference 6.4, 6.6). It has begun when this
   * returns. Throws CL3003 where it cannot even be tried: a call that is not up, two codecs, a peer without an IPv4 address.
   */
  connect(a: IaxCall, b: IaxCall, options?: NativeTransferOptions): NativeTransfer {
    return this.#transfers.connect(a, b, options);
  }

  /** One datagram from the wire. Never throws, whatever it holds. */
  receive(source: IaxAddress, bytes: Uint8Array): void {
    if (this.#isClosed) return;
    const frame = this.#decode(source, bytes);
    switch (frame?.kind) {
      case 'full':
        this.#receiveFull(source, frame);
        break;
      case 'mini':
        this.#receiveMini(source, frame.sourceCall, frame.timestamp, frame.data);
        break;
      case 'trunk':
        // IAX2 reference 1.4: entries of calls that are not known are passed over.
        for (const { sourceCall, timestamp, data } of frame.entries) this.#receiveMini(source, sourceCall, timestamp, data);
        break;
      // IAX2 reference 7.1: no video here, and nothing else.
      case 'mini-video':
      case undefined:
        break;
    }
  }

  /** Drops everything at once, for good, without a word to anybody: hang up first and wait until it is quiet. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#transfers.dispose();
    for (const registration of this.#registrations) registration.abandon();
    for (const call of this.calls) call.abandon();
    this.#keeper.abandonAll();
    this.#trunks.dispose();
    this.#bindings.clear();
  }

  #decode(source: IaxAddress, bytes: Uint8Array): IaxFrame | undefined {
    try {
      return decodeFrame(bytes);
    } catch (error) {
      if (!(error instanceof IaxFrameError)) throw error;
      // IAX2 reference 7.1: dropped, and counted by whoever listens.
      this.#report(error.message, source, undefined);
      return undefined;
    }
  }

  #receiveFull(source: IaxAddress, frame: FullFrame): void {
    const route = routeFrame(this.#keeper.table, source, frame);
    switch (route.to) {
      case 'leg':
        route.leg.receive(frame);
        break;
      case 'new-number':
        route.leg.learn(frame.sourceCall);
        route.leg.receive(frame);
        break;
      case 'reply':
        route.leg.receiveReply(frame);
        break;
      case 'former':
        route.leg.receiveFormer(frame);
        break;
      case 'outside': {
        const call = this.#calls.get(route.leg);
        const isOfTransfer = call !== undefined && this.#transfers.onOutsideFrame(call, source, frame);
        // IAX2 reference 7.1: right numbers from a wrong address: dropped. A wrong number: INVAL.
        if (!isOfTransfer && route.isSameAddress) this.#answers.invalidate(source, frame);
        break;
      }
      case 'opening':
        if (admit(this.#door, source, frame)) this.#open(source, frame);
        break;
      case 'nobody':
        this.#answers.invalidate(source, frame);
        break;
    }
  }

  /** IAX2 reference 1.3: there is no destination number: the call is found by address and number of its peer. */
  #receiveMini(source: IaxAddress, number: number, timestamp: number | undefined, data: Uint8Array): void {
    const leg = this.#keeper.table.ofPeer(source, number);
    // What a leg's former peer still sends is not of this call any more.
    if (leg?.isFrom(source, number) === true) leg.receiveMini(timestamp, data);
    else this.#transfers.callOfMedia(source, number)?.leg.receiveMini(timestamp, data);
  }

  /** NEW, REGREQ or REGREL of somebody who has shown that he is where he says. */
  #open(source: IaxAddress, frame: FullFrame): void {
    const path = { address: source, number: frame.sourceCall };
    const leg = frame.command === 'NEW' ? this.#openCall(path) : this.#openRegistration(path);
    if (leg === undefined) this.#answers.explain(source, frame, causes.congestion);
    else leg.receive(frame);
  }

  #openCall(path: Leg['path']): Leg | undefined {
    let made: Leg | undefined;
    const { access } = this.#options;
    try {
      this.#createCall({ codecs: this.#codecs, access }, (user) => (made = this.#need(this.#keeper.create(user, path))));
    } catch (error) {
      if (!(error instanceof CallLabError)) throw error;
    }
    return made;
  }

  #openRegistration(path: Leg['path']): Leg | undefined {
    const { registrar } = this.#options;
    if (registrar === undefined) return undefined;
    const exchange = new RegistrarExchange(this.#services, registrar, this.#bindings);
    const leg = this.#keeper.create(exchange, path);
    if (leg !== undefined) exchange.begin(leg);
    return leg;
  }

  #createCall(setup: ConstructorParameters<typeof IaxCall>[1]['setup'], createLeg: (user: LegUser) => Leg): IaxCall {
    const id = `call ${String(this.#callCount + 1)}`;
    const direction = setup.request === undefined ? 'incoming' : 'outgoing';
    const call = new IaxCall(this.#owner, { id, direction, setup }, createLeg);
    this.#callCount += 1;
    this.#calls.set(call.leg, call);
    return call;
  }

  #createTransfers(): Transfers {
    const { transferPolicy, loopbackOnly = true } = this.#options;
    return new Transfers({
      ...this.#services,
      local: this.local,
      loopbackOnly,
      consentOf: (peer) => (typeof transferPolicy === 'function' ? transferPolicy(peer) : transferPolicy),
      isTaken: ({ address, callNumber }) => {
        const leg = this.#keeper.table.ofPeer(address, callNumber);
        // A leg that is over, or has moved away from there, only answers repeats.
        return leg?.state === 'open' && leg.isFrom(address, callNumber);
      },
      ask: (call, target, decide) => {
        // Nobody is there to say yes.
        if (this.#events.listenerCount('transferRequested') === 0) decide(false);
        else this.#events.emit('transferRequested', call, target, decide);
      },
      onProblem: (text, source, frame) => this.#report(text, source, frame),
    });
  }

  get #owner(): CallOwner {
    return {
      services: this.#services,
      onOffered: (call) => {
        // IAX2 reference 2.4: nobody is here who could answer.
        if (this.#events.listenerCount('incoming') === 0) call.reject(causes.noRoute);
        else this.#events.emit('incoming', call);
      },
      onEnded: (call) => {
        this.#transfers.onEnded(call);
        this.#events.emit('ended', call);
      },
      onTransferCommand: (call, frame) => this.#transfers.onCommand(call, frame),
      onAllAcknowledged: (call) => this.#transfers.onAllAcknowledged(call),
      onProblem: (text, call, frame) => this.#report(text, call.peer, frame),
    };
  }

  #need(leg: Leg | undefined): Leg {
    if (leg === undefined) throw new CallLabError('CL1006', `all call numbers of ${addressText(this.local)} are in use`);
    return leg;
  }

  #report(text: string, source: IaxAddress, frame: FullFrame | undefined): void {
    this.#events.emit('problem', { text, source, frame });
  }
}
