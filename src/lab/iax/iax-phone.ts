import { CallLabError, describeError } from '../../core';
import { causes, formatIaxUri, type IaxCall, IaxEndpoint, parseIaxUri } from '../../iax';
import { formatAddress, type SocketAddress } from '../../net';
import type { PhoneInfo } from '../call-info';
import type { TakeableCall } from '../early-call';
import { journalObserver } from '../journal-observer';
import type { Callee, Phone, ProtocolVerb } from '../phone';
import { PhoneBase } from '../phone-base';
import type { PhoneOptions } from '../phone-options';
import type { RegistrationInfo } from '../phone-registration';
import type { PhoneSurroundings } from '../surroundings';
import { PhoneTimers } from '../phone-timers';
import type { TransferAsk } from '../phone-transfers';
import type { VerbName } from '../verb';
import { actByIax } from './iax-actions';
import { CallGuests } from './iax-asks';
import { codecOf, IaxAudio } from './iax-audio';
import { iaxUriOf, type IaxViewer } from './iax-directory';
import { takeCall } from './iax-habits';
import { IaxPhoneCall } from './iax-phone-call';
import { IaxPhoneRegistration } from './iax-registration';
import { IaxSocket } from './iax-socket';
import { type IaxTransferHost, IaxTransfers } from './iax-transfers';

/** Verbs that IAX2 has no frames for. */
const foreignVerbs: ReadonlySet<VerbName> = new Set(['redirect', 'pick-up', 'watch', 'unwatch']);

/** An IAX2 endpoint with its one port, its audio, and the habits of the person who operates it. */
export class IaxPhone extends PhoneBase<IaxCall, IaxPhoneCall> implements Phone {
  readonly takeable: readonly TakeableCall[] = [];
  readonly pickable: readonly TakeableCall[] = [];
  /** Who wants to transfer this phone. */
  readonly guests: CallGuests;
  readonly transfers: IaxTransfers;
  readonly #underWay: PhoneTimers;
  #socket: IaxSocket | undefined;
  #endpoint: IaxEndpoint | undefined;
  #registration: IaxPhoneRegistration | undefined;
  #problem: string | undefined;
  /** Where the phone has registered or called. */
  readonly #known = new Set<string>();
  /** No new call is begun or taken any more. */
  #isStopping = false;

  constructor(options: PhoneOptions, around: PhoneSurroundings) {
    super(options, around);
    this.#underWay = new PhoneTimers(around.clock);
    this.guests = new CallGuests({
      policy: options.refer ?? 'accept',
      onAsked: (ask) => {
        around.events.emit('asked', ask);
        this.changed();
      },
      onChanged: () => {
        this.changed();
      },
    });
    this.transfers = new IaxTransfers(this);
  }

  /** What the transfers of this phone need of it. */
  get transferHost(): IaxTransferHost {
    const { clock, random, journal } = this.around;
    return {
      services: { clock, random, observer: journalObserver(journal, this.name), transmit: () => undefined },
      changed: () => {
        this.changed();
      },
      callChanged: (call) => {
        this.callChanged(call);
      },
    };
  }

  get problem(): string | undefined {
    return this.#problem;
  }

  get isWorking(): boolean {
    return this.#endpoint !== undefined && this.#problem === undefined;
  }

  get endpoint(): IaxEndpoint {
    if (this.#endpoint === undefined) throw new CallLabError('CL3003', `${this.name} does not work: ${this.#problem ?? 'it has not started'}`);
    return this.#endpoint;
  }

  /** What it is called by. */
  get number(): string {
    return this.#registration?.username ?? this.name;
  }

  get uri(): string {
    return this.#socket === undefined ? '' : iaxUriOf(this.#socket.local, this.number);
  }

  get registration(): RegistrationInfo | undefined {
    return this.#registration?.info(this.around.clock.now());
  }

  get asks(): readonly TransferAsk[] {
    return this.guests.asks;
  }

  async start(): Promise<void> {
    const { options, around } = this;
    const { network, journal, iaxDirectory } = around;
    const { lag = 0 } = options;
    try {
      const registration = new IaxPhoneRegistration(options, iaxDirectory);
      this.#socket = await IaxSocket.open({
        network,
        journal,
        owner: this.name,
        host: this.host,
        port: options.port ?? 0,
        lag: lag === 0 ? undefined : { delay: lag, later: (delay, act) => this.#underWay.after(delay, act) },
        onPacket: (bytes, from) => {
          if (options.firewall !== true || this.#known.has(formatAddress(from))) this.#endpoint?.receive(from, bytes);
        },
        onError: (error) => {
          this.reportProblem(error.code, error.message);
        },
      });
      this.#registration = registration;
      if (registration.server !== undefined) this.#known.add(formatAddress(registration.server));
      this.#endpoint = this.#createEndpoint(this.#socket);
    } catch (error) {
      this.#problem = describeError(error);
      this.reportProblem(error instanceof CallLabError ? error.code : 'CL1003', this.#problem);
      return;
    }
    iaxDirectory.add({ name: this.name, address: this.#socket.local, number: this.number, server: options.register?.registrar });
    this.register();
  }

  begin(): void {
    // It watches nobody.
  }

  info(): PhoneInfo {
    return {
      name: this.name,
      displayName: this.displayName,
      protocol: 'iax2',
      uri: this.uri,
      transports: this.isWorking ? ['udp'] : [],
      uris: this.isWorking ? [this.uri] : [],
      problem: this.#problem,
      calls: this.callInfos,
      hears: this.hears,
      digits: this.digits,
      watches: [],
      asks: this.asks,
      registration: this.registration,
      hasProxy: this.#registration?.server !== undefined,
    };
  }

  can(verb: VerbName): boolean | undefined {
    return foreignVerbs.has(verb) ? false : undefined;
  }

  perform(verb: ProtocolVerb): Promise<string> {
    return actByIax(this, verb);
  }

  register(): void {
    if (this.#endpoint !== undefined) this.#registration?.register(this.#endpoint, () => this.changed());
  }

  unregister(): void {
    this.#registration?.unregister();
  }

  find(target: string): Callee {
    const { iaxDirectory } = this.around;
    const uri = iaxDirectory.resolve(target, this.#viewer);
    return { uri: formatIaxUri(uri), phone: iaxDirectory.nameBehind(uri) };
  }

  async missingAt(callee: Callee): Promise<string | undefined> {
    const address = parseIaxUri(callee.uri);
    const isHeard = address === undefined ? undefined : await this.around.network.hears('udp', address);
    return address !== undefined && isHeard === false ? `IAX2 ${formatAddress(address)}` : undefined;
  }

  /** Calls somebody; a user in the URI goes with the phone's own secret. */
  async place({ uri }: Callee): Promise<IaxPhoneCall> {
    const parsed = parseIaxUri(uri);
    if (parsed === undefined) throw new CallLabError('CL2002', `"${uri}" is no IAX2 URI`);
    if (this.#isStopping) throw new CallLabError('CL3007', 'The lab is being stopped');
    const { host, port, number = '', context } = parsed;
    this.#known.add(formatAddress({ host, port }));
    const { credentials } = this.options;
    const username = parsed.username ?? credentials?.username;
    const secret = username === credentials?.username ? credentials?.password : this.#registration?.secret;
    const call = this.endpoint.place(
      { host, port },
      { number, context, username, secret, callingNumber: this.number, callingName: this.displayName },
    );
    return this.#add(call);
  }

  /** What a peer is asked for to reach `target`: a number, not a place. */
  numberOf(target: string): { readonly number: string; readonly context: string | undefined } {
    const uri = parseIaxUri(target);
    const number = uri === undefined ? (this.around.iaxDirectory.phone(target)?.number ?? target) : uri.number;
    if (number === undefined) throw new CallLabError('CL2002', `"${target}" names no number: TRANSFER asks the other side to dial one`);
    return { number, context: uri?.context };
  }

  async accept(call: IaxPhoneCall): Promise<void> {
    if (call.state !== 'incoming') return; // the caller gave up meanwhile
    this.turnTo(call);
    call.iax.answer();
  }

  hangUpAll(): void {
    this.#isStopping = true;
    this.timers.dispose();
    this.guests.refuseAll();
    for (const call of this.calls) call.hangUp();
  }

  get isQuiet(): boolean {
    return this.calls.length === 0 && this.#endpoint?.isQuiet !== false && this.#registration?.isQuiet !== false;
  }

  async crash(): Promise<void> {
    this.#isStopping = true;
    this.#problem ??= `it has crashed; "${this.name} restart" brings it back`;
    this.timers.dispose();
    const closed = this.close();
    this.changed();
    await closed;
  }

  successor(): IaxPhone {
    const { port } = this.#socket?.local ?? {};
    return new IaxPhone({ ...this.options, ...(port !== undefined && { port }) }, this.around);
  }

  async close(): Promise<void> {
    this.guests.clear();
    this.timers.dispose();
    this.#underWay.dispose();
    this.#endpoint?.close();
    this.book.clear();
    this.checkWaiters();
    await this.#socket?.close();
    this.problems.close();
    this.#endpoint = undefined;
  }

  get #viewer(): IaxViewer {
    return { name: this.name, server: this.#registration?.server, username: this.#registration?.server && this.number };
  }

  #createEndpoint({ local }: IaxSocket): IaxEndpoint {
    const { clock, random, journal, allowBeyondLoopback } = this.around;
    const { requires, laws = ['pcmu', 'pcma'] } = this.options;
    const secrets = new Map(requires?.users.map(({ username, password }) => [username, password]));
    const endpoint = new IaxEndpoint({
      clock,
      random,
      local,
      send: (destination, bytes) => {
        this.#transmit(destination, bytes);
      },
      codecs: laws.map(codecOf),
      observer: journalObserver(journal, this.name),
      ...(requires !== undefined && { access: { secretOf: (username: string) => secrets.get(username) } }),
      ...this.guests.endpointOptions,
      loopbackOnly: !allowBeyondLoopback,
    });
    endpoint.on('incoming', (call) => {
      this.#onIncoming(call);
    });
    endpoint.on('problem', ({ text }) => {
      this.reportProblem('CL2012', text);
    });
    endpoint.on('transferRequested', (call, { address }, decide) => {
      this.guests.ask(this.#askOf(call, address), decide);
    });
    return endpoint;
  }

  #transmit(destination: SocketAddress, bytes: Uint8Array): void {
    this.#socket?.send(bytes, destination);
  }

  #askOf(call: IaxCall, target: SocketAddress): TransferAsk {
    const { iaxDirectory } = this.around;
    const own = this.book.find(call);
    return { phone: this.name, by: own?.peer ?? '', target: iaxDirectory.nameOf(target, undefined), targetUri: iaxUriOf(target, undefined), call: own?.id ?? '' };
  }

  #onIncoming(iax: IaxCall): void {
    const call = this.#add(iax);
    if (this.#isStopping) {
      iax.reject({ code: causes.outOfOrder.code, text: 'The phone is being switched off' });
      return;
    }
    takeCall(call, this.options, {
      after: (delay, then) => {
        this.timers.after(delay, then);
      },
      accept: () => {
        void this.accept(call);
      },
      reportProblem: (code, text) => {
        this.reportProblem(code, text);
      },
    });
  }

  #add(iax: IaxCall): IaxPhoneCall {
    const { journal, iaxDirectory } = this.around;
    const call = this.book.add(
      iax,
      (number, attention) =>
        new IaxPhoneCall({
          id: `${this.name}/${String(number)}`,
          phone: this.name,
          call: iax,
          since: journal.now(),
          directory: iaxDirectory,
          attention,
          holdStyle: this.options.holdStyle,
          until: (isMet) => this.until(isMet),
          onChange: (changed) => {
            this.book.tune();
            this.callChanged(changed);
          },
        }),
    );
    this.#listen(call);
    this.callChanged(call);
    return call;
  }

  #listen(call: IaxPhoneCall): void {
    const { iax } = call;
    const changed = (): void => {
      this.callChanged(call);
    };
    iax.on('state', () => {
      this.#onState(call);
    });
    iax.on('accepted', changed);
    iax.on('held', changed);
    iax.on('resumed', changed);
    iax.on('digitsSent', changed);
    iax.on('unsupported', changed);
    iax.on('digit', (digit) => {
      this.onDigit(digit);
    });
    iax.on('text', (text) => {
      call.lastText = text;
      this.notice(`${this.name} is told by ${call.peer}: ${text}`);
    });
    iax.on('voice', () => {
      this.#startAudio(call);
    });
    iax.on('moved', () => {
      call.moved();
      changed();
    });
    iax.on('transferAsked', (number, context) => {
      this.transfers.follow(call, number, context);
    });
  }

  #onState(call: IaxPhoneCall): void {
    if (call.isUp) {
      this.#startAudio(call);
      // Who answered has turned to the call already.
      if (call.iax.direction === 'outgoing') this.turnTo(call);
      this.book.tune();
    }
    if (call.hasEnded) {
      call.audio?.dispose();
      call.audio = undefined;
      this.guests.forget(call.id);
      this.book.remove(call.iax);
    }
    this.callChanged(call);
  }

  /** With the answer, or with the first voice before it: what is heard while it rings. */
  #startAudio(call: IaxPhoneCall): void {
    if (call.audio !== undefined || call.hasEnded || call.isRelayed) return;
    const { clock, tones } = this.around;
    call.audio = new IaxAudio({
      clock,
      tones,
      owner: this.name,
      call: call.iax,
      onHears: () => {
        // All calls come in at one port, so what is heard there is what is heard in all of them.
        if (this.#socket !== undefined) this.onHears(this.hears, this.#socket.local);
      },
    });
    this.book.tune();
  }
}
