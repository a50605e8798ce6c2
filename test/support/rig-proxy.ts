import {
  DigestServer,
  defaultLocationLimits,
  type Hop,
  LocationService,
  parseUri,
  Proxy,
  ProxyNames,
  type ProxyOptions,
  Registrar,
} from '../../src/sip';
import type { AgentRig } from './sip-agents';

export interface RigProxyOptions extends Partial<Pick<ProxyOptions, 'recordRoute' | 'forking' | 'ringLimit' | 'mostRequests'>> {
  readonly domain?: string;
  /** Passwords of those who may register and call. */
  readonly users?: Readonly<Record<string, string>>;
  /** Whether who calls must say who they are. */
  readonly challengesCalls?: boolean;
}

/** A proxy of the rig with its registrar. */
export class RigProxy {
  readonly name: string;
  readonly port: number;
  readonly names: ProxyNames;
  readonly location: LocationService;
  readonly proxy: Proxy;
  readonly problems: string[] = [];
  #sequence = 0;
  readonly #rig: AgentRig;

  private constructor(rig: AgentRig, name: string, port: number, options: RigProxyOptions) {
    this.#rig = rig;
    this.name = name;
    this.port = port;
    const { clock, random, observer } = rig;
    const { users, recordRoute = true, forking = 'parallel', ringLimit = 20_000 } = options;
    this.names = new ProxyNames(options.domain ?? 'lab.test', new Map([['udp', { host: '127.0.0.1', port }]]));
    this.location = new LocationService(clock, defaultLocationLimits);
    const digest =
      users === undefined
        ? undefined
        : new DigestServer({ realm: 'lab', users: new Map(Object.entries(users)), algorithms: ['SHA-256'], clock, random });
    const registrar = new Registrar({
      domain: this.names.domain,
      isOurs: (uri) => this.names.isOurs(uri),
      clock,
      location: this.location,
      digest,
      minExpires: 60,
      maxExpires: 3_600,
      defaultExpires: 3_600,
    });
    this.proxy = new Proxy({
      names: this.names,
      clock,
      random,
      observer,
      location: this.location,
      registrar,
      callers: options.challengesCalls === true ? digest : undefined,
      hidesUsers: users !== undefined,
      recordRoute,
      forking,
      ringLimit,
      ...(options.mostRequests === undefined ? {} : { mostRequests: options.mostRequests }),
      refusalToSend: (hop) => (hop.host === '127.0.0.1' ? undefined : `${hop.host} is not on this machine`),
      onProblem: ({ text }) => this.problems.push(text),
      sentBy: () => `127.0.0.1:${String(port)}`,
      transmit: (bytes, hop, onFailure) => {
        rig.carry(name, port, bytes, hop, onFailure);
      },
    });
  }

  static join(rig: AgentRig, name = 'proxy', options: RigProxyOptions = {}): RigProxy {
    return rig.join((port) => new RigProxy(rig, name, port, options));
  }

  /** As a Route. */
  get route(): string {
    return `<sip:127.0.0.1:${String(this.port)};lr>`;
  }

  receive(bytes: Uint8Array, source: Hop): void {
    this.proxy.receive(bytes, source);
  }

  /** Binds `contacts` to a user of the domain, as their REGISTER would. */
  bind(user: string, ...contacts: readonly (string | { readonly uri: string; readonly q?: number; readonly path?: readonly string[] })[]): void {
    const addressOfRecord = `sip:${user}@${this.names.domain}`;
    this.#sequence += 1;
    const bindings = contacts.map((contact) => {
      const { uri, q = 1, path = [] } = typeof contact === 'string' ? { uri: contact } : contact;
      return {
        addressOfRecord,
        contact: parseUri(uri),
        q,
        expiresAt: this.#rig.clock.now() + 3_600_000,
        path,
        instance: undefined,
        regId: undefined,
        source: { transport: 'udp', host: '127.0.0.1', port: 1 } as const,
        callId: 'bound',
        sequence: this.#sequence,
      };
    });
    this.location.replace(addressOfRecord, bindings);
  }

  /** Forgets the bindings, whose end sets a timer. */
  end(): void {
    this.location.clear();
  }
}
