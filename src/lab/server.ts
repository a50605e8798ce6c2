import { describeError } from '../core';
import { canonicalHost, isLoopback } from '../net';
import {
  defaultLocationLimits,
  DigestServer,
  type Hop,
  LocationService,
  type ProtocolObserver,
  Proxy,
  ProxyNames,
  Registrar,
} from '../sip';
import { listeners } from './phone-options';
import { journalObserver } from './journal-observer';
import { journalTap } from './journal-records';
import { ProblemDesk } from './problem-desk';
import type { ServerInfo, ServerOptions } from './server-options';
import { SipTransport } from './sip-transport';
import type { ServerSurroundings } from './surroundings';

const defaultDomain = 'lab.test';
const defaultRingLimit = 20_000;
/** Seconds. */
const defaultExpires = { min: 60, max: 7_200, usual: 3_600 } as const;

/** A server of the lab, whatever protocol it speaks. */
export interface Server {
  readonly name: string;
  readonly options: ServerOptions;
  /** Opens the ports. A port that cannot be had makes a server with a `problem`; nothing is thrown. */
  start(): Promise<void>;
  info(): ServerInfo;
  close(): Promise<void>;
}

/** A server of the lab: a SIP proxy with its sockets, and the registrar of its domain if it is one. */
export class SipServer implements Server {
  readonly options: ServerOptions;
  readonly #around: ServerSurroundings;
  readonly #location: LocationService;
  readonly #problems: ProblemDesk;
  #transport: SipTransport | undefined;
  #proxy: Proxy | undefined;
  #problem: string | undefined;
  /** The journal's number of the packet received last. */
  #received = 0;

  constructor(options: ServerOptions, around: ServerSurroundings) {
    this.options = options;
    this.#around = around;
    this.#problems = new ProblemDesk(options.name, around);
    this.#location = new LocationService(around.clock, defaultLocationLimits, () => {
      around.events.emit('changed');
    });
  }

  get name(): string {
    return this.options.name;
  }

  get domain(): string {
    return this.options.domain ?? defaultDomain;
  }

  async start(): Promise<void> {
    const { network, clock, journal, directory, transports } = this.#around;
    const tap = journalTap(journal, this.name, 'sip');
    try {
      this.#transport = await SipTransport.open({
        network,
        clock,
        host: this.options.host ?? '127.0.0.1',
        port: this.options.port ?? 0,
        listen: listeners({ name: this.name }, transports),
        journal: (packet) => {
          const seq = tap(packet);
          if (packet.direction === 'received') this.#received = seq;
        },
        onMessage: (bytes, source) => this.#proxy?.receive(bytes, source),
        onProblem: (code, text, range) => {
          this.#problems.report(range === undefined ? { code, text } : { code, text, packet: this.#received, range });
        },
      });
    } catch (error) {
      this.#problem = describeError(error);
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'CL1003';
      this.#problems.report({ code, text: this.#problem });
      return;
    }
    const names = new ProxyNames(this.domain, this.#transport.addresses);
    this.#proxy = this.#createProxy(this.#transport, names);
    directory.addServer({
      name: this.name,
      domain: this.domain,
      realm: this.#realm,
      addresses: this.#transport.addresses,
      route: (transport) => names.route(transport),
    });
  }

  info(): ServerInfo {
    const { clock, journal } = this.#around;
    const now = clock.now();
    const address = this.#transport?.local;
    const host = address?.host.includes(':') === true ? `[${address.host}]` : (address?.host ?? '');
    return {
      name: this.name,
      kind: this.options.kind,
      uri: address === undefined ? '' : `sip:${host}:${String(address.port)}`,
      domain: this.domain,
      isRegistrar: this.options.registrar !== undefined,
      problem: this.#problem,
      bindings: this.#location.bindings.map(({ addressOfRecord, contact, q, expiresAt }) => ({
        addressOfRecord,
        contact: contact.toString(),
        q,
        expires: Math.max(0, Math.ceil((expiresAt - now) / 1_000)),
        // The same at each look, though the clock goes on between two readings.
        until: Math.round((expiresAt - now + journal.now()) / 1_000) * 1_000,
      })),
    };
  }

  async close(): Promise<void> {
    this.#proxy?.abandon();
    this.#location.clear();
    await this.#transport?.close();
    this.#problems.close();
    this.#proxy = undefined;
    this.#transport = undefined;
  }

  get #realm(): string | undefined {
    const { registrar } = this.options;
    return registrar?.users === undefined ? undefined : (registrar.realm ?? this.domain);
  }

  #createProxy(transport: SipTransport, names: ProxyNames): Proxy {
    const { clock, random, timers, journal, allowBeyondLoopback } = this.#around;
    const { registrar, recordRoute = true, fork = 'parallel', ringFor = defaultRingLimit } = this.options;
    const digest = this.#createDigest();
    const observer: ProtocolObserver = journalObserver(journal, this.name);
    return new Proxy({
      names,
      clock,
      random,
      timers,
      observer,
      location: this.#location,
      registrar: registrar === undefined ? undefined : this.#createRegistrar(names, digest),
      callers: registrar?.challengeCalls === true ? digest : undefined,
      hidesUsers: digest !== undefined,
      recordRoute,
      forking: fork,
      ringLimit: ringFor,
      refusalToSend: ({ host }: Hop) => {
        const address = canonicalHost(host);
        if (address === undefined) return `${host} is a name, and this proxy looks no names up`;
        return allowBeyondLoopback || isLoopback(address) ? undefined : `${host} is not on this machine`;
      },
      onProblem: (problem) => {
        this.#problems.reportOfAgent(problem, this.#received);
      },
      sentBy: (over) => {
        const { host, port } = names.addressFor(over);
        return `${host.includes(':') ? `[${host}]` : host}:${String(port)}`;
      },
      transmit: (bytes, hop, onFailure) => {
        transport.send(bytes, hop, onFailure);
      },
    });
  }

  #createRegistrar(names: ProxyNames, digest: DigestServer | undefined): Registrar {
    const { registrar } = this.options;
    return new Registrar({
      domain: this.domain,
      isOurs: (uri) => names.isOurs(uri),
      clock: this.#around.clock,
      location: this.#location,
      digest,
      minExpires: registrar?.minExpires ?? defaultExpires.min,
      maxExpires: registrar?.maxExpires ?? defaultExpires.max,
      defaultExpires: defaultExpires.usual,
      serviceRoutes: ({ transport }) => [names.route(transport)],
    });
  }

  #createDigest(): DigestServer | undefined {
    const { clock, random } = this.#around;
    const { registrar } = this.options;
    const realm = this.#realm;
    if (registrar?.users === undefined || realm === undefined) return undefined;
    return new DigestServer({
      realm,
      users: new Map(registrar.users.map((user) => [user.username, user.password])),
      algorithms: [registrar.algorithm ?? 'SHA-256'],
      random,
      clock,
    });
  }
}
