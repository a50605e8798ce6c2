import { CallLabError } from '../../core';
import { type IaxEndpoint, type IaxRegistration, parseIaxUri } from '../../iax';
import type { SocketAddress } from '../../net';
import type { PhoneOptions } from '../phone-options';
import type { RegistrationInfo } from '../phone-registration';
import { type IaxDirectory, iaxUriOf } from './iax-directory';

/** Seconds: what Asterisk grants at the most unless told otherwise (IAX2 reference 5.4). */
const usualRefresh = 60;

/** Where an IAX2 phone is registered. Throws CL2002 or CL1002 when it is told of no server that there is. */
export class IaxPhoneRegistration {
  readonly #options: PhoneOptions;
  readonly #directory: IaxDirectory;
  /** The registrar, through which its calls go. */
  readonly server: SocketAddress | undefined;
  #registration: IaxRegistration | undefined;

  constructor(options: PhoneOptions, directory: IaxDirectory) {
    this.#options = options;
    this.#directory = directory;
    this.server = options.register === undefined ? undefined : this.#find(options.register.registrar);
  }

  /** Who the phone is at its server, and what it is called by. */
  get username(): string {
    const { register, credentials, name } = this.#options;
    return register?.username ?? credentials?.username ?? name;
  }

  get secret(): string | undefined {
    const { register, credentials } = this.#options;
    return register?.password ?? credentials?.password;
  }

  /** Nothing is asked of the registrar at the moment. */
  get isQuiet(): boolean {
    const state = this.#registration?.state;
    return state !== 'registering' && state !== 'refreshing' && state !== 'releasing';
  }

  /** Registers, or refreshes. */
  register(endpoint: IaxEndpoint, onChange: () => void): void {
    const { server, username, secret } = this;
    if (server === undefined) return;
    const state = this.#registration?.state;
    if (this.#registration !== undefined && state === 'registered') {
      this.#registration.register();
      return;
    }
    if (!this.isQuiet) return;
    const refresh = this.#options.register?.expires ?? usualRefresh;
    this.#registration = endpoint.register(server, { username, refresh, ...(secret !== undefined && { secret }) });
    this.#registration.on('state', onChange);
    onChange();
  }

  unregister(): void {
    if (this.#registration?.state === 'registered' || this.#registration?.state === 'refreshing') this.#registration.release();
  }

  /** `now` is the clock's. */
  info(now: number): RegistrationInfo | undefined {
    const { register } = this.#options;
    if (register === undefined) return undefined;
    const { state = 'unregistered', problem, expiresAt } = this.#registration ?? {};
    return {
      state,
      addressOfRecord: this.server === undefined ? '' : iaxUriOf(this.server, this.username),
      registrar: register.registrar,
      expires: expiresAt === undefined ? undefined : Math.max(0, Math.ceil((expiresAt - now) / 1_000)),
      problem: problem === undefined ? undefined : `${problem.text} (cause ${String(problem.code)})`,
    };
  }

  #find(word: string): SocketAddress {
    const server = this.#directory.server(word);
    if (server !== undefined) return server.address;
    const uri = parseIaxUri(word);
    if (uri === undefined) throw new CallLabError('CL2002', `${this.#options.name} cannot register at "${word}": it is neither an IAX2 server of this lab nor an iax2: URI`);
    const refusal = this.#directory.refusalToCall(uri.host);
    if (refusal !== undefined) throw new CallLabError('CL1002', refusal);
    return { host: uri.host, port: uri.port };
  }
}
