import { type Cause, causeOf, causes, parseIaxUri } from '../../iax';
import type { SocketAddress } from '../../net';
import type { ServerOptions } from '../server-options';
import type { IaxDirectory } from './iax-directory';

/** Where a number leads. */
export interface Route {
  readonly address: SocketAddress;
  readonly number: string;
  readonly context: string | undefined;
}

export interface DialplanTools {
  readonly directory: IaxDirectory;
  /** Who is registered now, and where. */
  bindings(): readonly { readonly username: string; readonly address: SocketAddress }[];
}

/** Longer chains of extensions are taken for circles. */
const mostSteps = 8;

/** What the numbers of an IAX2 server lead to: extensions by the settings, users by their names. */
export class Dialplan {
  readonly #options: ServerOptions;
  readonly #tools: DialplanTools;

  constructor(options: ServerOptions, tools: DialplanTools) {
    this.#options = options;
    this.#tools = tools;
  }

  /** The way to a number, or the cause why there is none. */
  find(number: string): Route | { readonly cause: Cause } {
    const { extensions } = this.#options;
    let word = number;
    for (let step = 0; step < mostSteps; step += 1) {
      const next = extensions?.get(word);
      if (next === undefined) return this.#userOrUri(word);
      word = next;
    }
    return { cause: { ...causes.noRoute, text: `${number} leads in a circle` } };
  }

  #userOrUri(word: string): Route | { readonly cause: Cause } {
    const { directory } = this.#tools;
    const uri = parseIaxUri(word);
    if (uri !== undefined) {
      const refusal = directory.refusalToCall(uri.host);
      if (refusal !== undefined) return { cause: { ...causes.noRoute, text: refusal } };
      return { address: { host: uri.host, port: uri.port }, number: uri.number ?? '', context: uri.context };
    }
    const binding = this.#tools.bindings().find(({ username }) => username === word);
    if (binding !== undefined) return { address: binding.address, number: word, context: undefined };
    // A user whom the server knows, and who is not there now, is absent; nobody else has a number here.
    const isKnown = this.#options.registrar?.users?.some(({ username }) => username === word) === true;
    return { cause: isKnown ? causeOf(20) : causes.noRoute };
  }
}
