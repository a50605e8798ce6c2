import { CallLabError, describeError, type Disposable, type Milliseconds } from '../../core';
import { causes, type IaxCall, IaxEndpoint, TakingOver } from '../../iax';
import type { Credentials } from '../phone-options';
import { journalObserver } from '../journal-observer';
import { ProblemDesk } from '../problem-desk';
import type { Server } from '../server';
import type { ServerSurroundings } from '../surroundings';
import type { ServerInfo, ServerOptions } from '../server-options';
import { Dialplan, type Route } from './dialplan';
import { iaxUriOf } from './iax-directory';
import { IaxRelay } from './iax-relay';
import { IaxSocket } from './iax-socket';

/** Seconds (IAX2 reference 5.4: Asterisk grants 60 unless told otherwise). */
const defaultRefresh = { min: 60, max: 3_600 } as const;
const defaultRingLimit: Milliseconds = 20_000;

/** An IAX2 server of the lab: registrar, dialplan by number, and the host in the middle of the calls through it. */
export class IaxServer implements Server {
  readonly options: ServerOptions;
  readonly #around: ServerSurroundings;
  readonly #problems: ProblemDesk;
  readonly #plan: Dialplan;
  readonly #relays = new Set<IaxRelay>();
  readonly #limits = new Set<Disposable>();
  /** Calls whose wish to be transferred is listened to. */
  readonly #heeded = new WeakSet<IaxCall>();
  #socket: IaxSocket | undefined;
  #endpoint: IaxEndpoint | undefined;
  #problem: string | undefined;

  constructor(options: ServerOptions, around: ServerSurroundings) {
    this.options = options;
    this.#around = around;
    this.#problems = new ProblemDesk(options.name, around);
    this.#plan = new Dialplan(options, {
      directory: around.iaxDirectory,
      bindings: () => this.#endpoint?.bindings ?? [],
    });
  }

  get name(): string {
    return this.options.name;
  }

  async start(): Promise<void> {
    const { network, journal, iaxDirectory } = this.#around;
    const { host = '127.0.0.1', port = 0 } = this.options;
    try {
      this.#socket = await IaxSocket.open({
        network,
        journal,
        owner: this.name,
        host,
        port,
        onPacket: (bytes, from) => this.#endpoint?.receive(from, bytes),
        onError: (error) => {
          this.#problems.report({ code: error.code, text: error.message });
        },
      });
    } catch (error) {
      this.#problem = describeError(error);
      this.#problems.report({ code: error instanceof CallLabError ? error.code : 'CL1003', text: this.#problem });
      return;
    }
    this.#endpoint = this.#createEndpoint(this.#socket);
    iaxDirectory.addServer({ name: this.name, address: this.#socket.local, extensions: this.options.extensions });
  }

  info(): ServerInfo {
    const { clock, journal } = this.#around;
    const now = clock.now();
    const local = this.#socket?.local;
    return {
      name: this.name,
      kind: this.options.kind,
      uri: local === undefined ? '' : iaxUriOf(local, undefined),
      domain: '',
      isRegistrar: this.options.registrar !== undefined,
      problem: this.#problem,
      bindings: (this.#endpoint?.bindings ?? []).map(({ username, address, expiresAt }) => ({
        addressOfRecord: local === undefined ? username : iaxUriOf(local, username),
        contact: iaxUriOf(address, username),
        q: 1,
        expires: Math.max(0, Math.ceil((expiresAt - now) / 1_000)),
        until: Math.round((expiresAt - now + journal.now()) / 1_000) * 1_000,
      })),
    };
  }

  async close(): Promise<void> {
    for (const relay of [...this.#relays]) relay.dispose();
    for (const limit of this.#limits) limit.dispose();
    this.#limits.clear();
    this.#endpoint?.close();
    await this.#socket?.close();
    this.#problems.close();
    this.#endpoint = undefined;
    this.#socket = undefined;
  }

  #createEndpoint(socket: IaxSocket): IaxEndpoint {
    const { clock, random, journal, allowBeyondLoopback } = this.#around;
    const { registrar } = this.options;
    const users = new Map(registrar?.users?.map((user) => [user.username, user]));
    const secretOf = (username: string): string | undefined => users.get(username)?.password;
    const endpoint = new IaxEndpoint({
      clock,
      random,
      local: socket.local,
      send: (destination, bytes) => {
        socket.send(bytes, destination);
      },
      observer: journalObserver(journal, this.name),
      ...(registrar?.challengeCalls === true && { access: { secretOf } }),
      ...(registrar !== undefined && {
        registrar: {
          ...(registrar.users !== undefined && { access: { secretOf } }),
          minRefresh: registrar.minExpires ?? defaultRefresh.min,
          maxRefresh: registrar.maxExpires ?? defaultRefresh.max,
        },
      }),
      requiresToken: (_source, username) => !isTokenOptional(users, username),
      // Nobody has a say in where the server's legs go: it stays in the middle unless it decides otherwise itself.
      transferPolicy: 'off',
      loopbackOnly: !allowBeyondLoopback,
    });
    endpoint.on('incoming', (call) => {
      this.#onIncoming(call);
    });
    endpoint.on('problem', ({ text }) => {
      this.#problems.report({ code: 'CL2012', text });
    });
    endpoint.on('binding', () => {
      this.#around.events.emit('changed');
    });
    return endpoint;
  }

  /** A call through the server: looks the number up, and calls whoever it is. */
  #onIncoming(call: IaxCall): void {
    const route = this.#plan.find(call.parties.calledNumber);
    if ('cause' in route) {
      call.reject(route.cause);
      return;
    }
    if (this.#relays.size >= (this.options.maxCalls ?? Infinity)) {
      call.reject({ code: causes.noCircuit.code, text: 'All lines of this server are busy' });
      return;
    }
    const next = this.#tryToPlace(call, route);
    if (next === undefined) {
      call.reject(causes.congestion);
      return;
    }
    // IAX2 reference 5.1: the leg is up and its codec agreed before anybody answers, so that ringing can be told.
    call.accept();
    this.#join(call, next);
  }

  #tryToPlace(call: IaxCall, route: Route): IaxCall | undefined {
    try {
      return this.#placeFor(call, route);
    } catch (error) {
      this.#problems.report({ code: error instanceof CallLabError ? error.code : 'CL1003', text: describeError(error) });
      return undefined;
    }
  }

  /** Throws CL1006 when there is no call number left. */
  #place(route: Route, callingNumber: string | undefined, callingName: string | undefined): IaxCall {
    if (this.#endpoint === undefined) throw new CallLabError('CL3007', `${this.name} does not run`);
    return this.#endpoint.place(route.address, { number: route.number, context: route.context, callingNumber, callingName });
  }

  /** Makes one conversation of two calls. */
  #join(call: IaxCall, called: IaxCall): IaxRelay {
    const { clock, tones } = this.#around;
    const relay = new IaxRelay(call, called, {
      clock,
      frames: tones.frames,
      onOver: () => {
        this.#relays.delete(relay);
      },
    });
    this.#relays.add(relay);
    const isConnected = (): boolean => call.state === 'up' && called.state === 'up';
    if (isConnected()) this.#connectNatively(relay);
    else called.on('state', () => isConnected() && this.#connectNatively(relay));
    for (const side of [call, called]) this.#obeyTransfer(side);
    return relay;
  }

  /** Both have answered: lets them talk directly, where the server is set to do so (IAX2 reference 6.2, 6.9). */
  #connectNatively(relay: IaxRelay): void {
    const { transfer = 'off' } = this.options;
    if (transfer === 'off' || this.#endpoint === undefined || !this.#relays.has(relay)) return;
    // What passes from call to call goes on until both ends are ready; the relay is stopped then.
    this.#endpoint.connect(relay.a, relay.b, { media: transfer === 'media', relay, attempts: this.options.transferAttempts ?? 1 });
  }

  /** TRANSFER: whoever is behind `call` goes on with another number (IAX2 reference 6.7). */
  #obeyTransfer(call: IaxCall): void {
    if (this.#heeded.has(call)) return;
    this.#heeded.add(call);
    call.on('transferAsked', (number) => {
      const relay = [...this.#relays].find((each) => each.has(call));
      const far = relay?.otherOf(call);
      const route = this.#plan.find(number);
      const takingOver = new TakingOver(
        { observer: journalObserver(this.#around.journal, this.name) },
        {
          transferor: call,
          far,
          relay,
          number,
          dial: 'cause' in route || far === undefined ? undefined : () => this.#placeFor(far, route),
          join: (one, other) => this.#join(one, other),
        },
      );
      takingOver.on('state', (_from, state) => {
        // Who was held by the one who has left is free again.
        if (state === 'handed-over' && far?.holding !== undefined && far.state === 'up') far.resume();
      });
      takingOver.start();
    });
  }

  /** Calls somebody for one of our two parties. */
  #placeFor(party: IaxCall, route: Route): IaxCall {
    const { callingNumber, username, callingName, calledNumber } = party.parties;
    const isCaller = party.direction === 'incoming';
    const call = this.#place(route, isCaller ? (callingNumber ?? username) : calledNumber, isCaller ? callingName : undefined);
    this.#limitRinging(call);
    return call;
  }

  /** Nobody rings longer than the server is set to. Until the leg is accepted, its own repeats set the limit. */
  #limitRinging(call: IaxCall): void {
    call.on('accepted', () => {
      const limit = this.#around.clock.setTimer(this.options.ringFor ?? defaultRingLimit, () => {
        this.#limits.delete(limit);
        if (call.state === 'calling' || call.state === 'ringing') call.hangUp(causes.noAnswer);
      });
      this.#limits.add(limit);
      call.on('state', (_from, state) => {
        if (state !== 'up' && state !== 'ended') return;
        limit.dispose();
        this.#limits.delete(limit);
      });
    });
  }
}

function isTokenOptional(users: ReadonlyMap<string, Credentials & { readonly token?: 'optional' | 'required' }>, username: string | undefined): boolean {
  return username !== undefined && users.get(username)?.token === 'optional';
}
