import { CallLabError } from '../core';
import { type AgentSettings, formatUri, type HopTransport, parseUri, Registration, type RegistrationServices, type RegistrationState, type SipUri } from '../sip';
import type { Directory, ListedServer } from './directory';
import type { Credentials, PhoneOptions } from './phone-options';

/** Where a phone stands with its registrar. A snapshot: it does not change. */
export interface RegistrationInfo {
  readonly state: RegistrationState;
  /** `sip:alice@lab.test` */
  readonly addressOfRecord: string;
  /** A server of the lab by its name, else a URI. */
  readonly registrar: string;
  /** Seconds until the binding ends, or undefined when there is none. */
  readonly expires: number | undefined;
  /** Why it failed. */
  readonly problem: string | undefined;
}

/** Seconds. */
const usualExpires = 3_600;

/**
 * How a phone is found and finds others: by which name, through which proxy, at which registrar. Made before the phone's
 * user agent, which is given its settings by it. Throws CL2002 when an option is neither a server of the lab nor a SIP URI.
 */
export class PhoneRegistration {
  readonly addressOfRecord: string | undefined;
  readonly #options: PhoneOptions;
  readonly #server: ListedServer | undefined;
  readonly #registrar: string | undefined;
  /** The outbound proxy, if any. */
  readonly #routes: readonly string[];
  #registration: Registration | undefined;

  constructor(options: PhoneOptions, directory: Directory) {
    this.#options = options;
    const { register, outboundProxy, transport = 'udp', name } = options;
    this.#server = register === undefined ? undefined : directory.server(register.registrar);
    const where = register === undefined || this.#server !== undefined ? undefined : readUri(register.registrar, name);
    const proxy = outboundProxy === undefined ? undefined : readProxy(outboundProxy, directory, transport, name);
    const domain = this.#server?.domain ?? register?.domain;
    const user = register?.username ?? name;
    // Where the domain is a name only, its server is the way there.
    const home = this.#server?.route(transport) ?? (where !== undefined && domain !== undefined ? looseRoute(where) : undefined);
    const route = proxy ?? home;
    this.#routes = route === undefined ? [] : [route];
    if (domain !== undefined) {
      this.#registrar = `sip:${domain}`;
      this.addressOfRecord = formatUri({ user, host: domain });
    } else if (where !== undefined) {
      this.#registrar = where.toString();
      this.addressOfRecord = formatUri({ user, host: where.host, port: where.port });
    }
  }

  /** The route of requests outside a dialog. */
  get routes(): readonly string[] {
    return this.#registration?.routes ?? this.#routes;
  }

  get isConfigured(): boolean {
    return this.#options.register !== undefined;
  }

  /** Nothing is asked of the registrar at the moment. */
  get isQuiet(): boolean {
    return this.#registration?.isQuiet ?? true;
  }

  get state(): RegistrationState {
    return this.#registration?.state ?? 'unregistered';
  }

  /** What a challenge of `realm` is answered with: a server of the lab is told its own password only. */
  credentialsFor(realm: string): Credentials | undefined {
    const { register, credentials, name } = this.#options;
    const own = register?.password === undefined ? undefined : { username: register.username ?? name, password: register.password };
    const isHome = this.#server === undefined || this.#server.realm === realm;
    return isHome ? (own ?? credentials) : (credentials ?? own);
  }

  /** Registers, or refreshes; `services` are those of the phone's user agent. */
  register(services: RegistrationServices & { readonly settings: Pick<AgentSettings, 'contactUri'> }, onChange: () => void): void {
    const { register, transport = 'udp' } = this.#options;
    if (register === undefined || this.#registrar === undefined || this.addressOfRecord === undefined) return;
    this.#registration ??= new Registration(
      {
        registrar: this.#registrar,
        addressOfRecord: this.addressOfRecord,
        contacts: () => [{ uri: services.settings.contactUri(transport), q: register.q }],
        expires: register.expires ?? usualExpires,
        routes: this.#routes,
        onChange,
      },
      services,
    );
    this.#registration.register();
  }

  unregister(): void {
    this.#registration?.unregister();
  }

  abandon(): void {
    this.#registration?.abandon();
  }

  /** `now` is the clock's. */
  info(now: number): RegistrationInfo | undefined {
    const { register } = this.#options;
    if (register === undefined) return undefined;
    const expiresAt = this.#registration?.expiresAt;
    return {
      state: this.state,
      addressOfRecord: this.addressOfRecord ?? '',
      registrar: register.registrar,
      expires: expiresAt === undefined ? undefined : Math.max(0, Math.ceil((expiresAt - now) / 1_000)),
      problem: this.#registration?.problem,
    };
  }
}

function readProxy(word: string, directory: Directory, transport: HopTransport, phone: string): string {
  return directory.server(word)?.route(transport) ?? looseRoute(readUri(word, phone));
}

function readUri(word: string, phone: string): SipUri {
  try {
    const uri = parseUri(word);
    if (uri.scheme === 'sip') return uri;
  } catch {
    // The same sentence for both.
  }
  throw new CallLabError('CL2002', `${phone} cannot use "${word}": it is neither a server of this lab nor a sip: URI`);
}

/** A proxy that was configured routes loosely (RFC 3261 section 16.12 knows no other for sure since 2002). */
function looseRoute(uri: SipUri): string {
  const { host, port, params } = uri;
  return `<${formatUri({ host, port, params: new Map([...params, ['lr', undefined]]) })}>`;
}
