import { CallLabError } from '../../core';
import { formatIaxUri, type IaxUri, parseIaxUri } from '../../iax';
import { canonicalHost, formatAddress, isLoopback, sameAddress, type SocketAddress } from '../../net';
import type { Directory } from '../directory';

/** A phone of the lab that speaks IAX2. */
export interface ListedIaxPhone {
  readonly name: string;
  readonly address: SocketAddress;
  /** What it is called by, at its server and at itself. */
  readonly number: string;
  /** The server of the lab at which it registers, by name. */
  readonly server: string | undefined;
}

/** An IAX2 server of the lab. */
export interface ListedIaxServer {
  readonly name: string;
  readonly address: SocketAddress;
  /** What its numbers lead to. */
  readonly extensions?: ReadonlyMap<string, string> | undefined;
}

/** Who looks somebody up. */
export interface IaxViewer {
  readonly name: string;
  /** The server that it sends its calls to, if any. */
  readonly server: SocketAddress | undefined;
  /** Who it is there. */
  readonly username: string | undefined;
}

/** What a server's dialplan, or a phone, may be asked for. */
const numberPattern = /^[\w*#+.-]+$/u;

/** The IAX2 phones and servers of a lab: turns what a person types into a URI, and an address back into a name. */
export class IaxDirectory {
  readonly #sip: Directory;
  readonly #allowBeyondLoopback: boolean;
  readonly #phones = new Map<string, ListedIaxPhone>();
  readonly #servers = new Map<string, ListedIaxServer>();

  constructor(sip: Directory, allowBeyondLoopback: boolean) {
    this.#sip = sip;
    this.#allowBeyondLoopback = allowBeyondLoopback;
  }

  add(phone: ListedIaxPhone): void {
    this.#phones.set(phone.name, phone);
    this.#sip.addForeign(phone.name);
  }

  addServer(server: ListedIaxServer): void {
    this.#servers.set(server.name, server);
  }

  server(name: string): ListedIaxServer | undefined {
    return this.#servers.get(name);
  }

  phone(name: string): ListedIaxPhone | undefined {
    return this.#phones.get(name);
  }

  clear(): void {
    this.#phones.clear();
    this.#servers.clear();
  }

  /** Whom a person means by `target`: a phone, a URI, or with a server a number there. Throws CL2002 or CL1002. */
  resolve(target: string, viewer: IaxViewer): IaxUri {
    const listed = this.#phones.get(target);
    if (listed !== undefined) return this.#wayTo(listed, viewer);
    if (this.#sip.names.includes(target)) {
      throw new CallLabError('CL2002', `${target} speaks SIP, and ${viewer.name} IAX2: they cannot call each other`);
    }
    const uri = parseIaxUri(target);
    if (uri === undefined) {
      if (viewer.server !== undefined && numberPattern.test(target)) return at(viewer.server, target, viewer.username);
      const names = [...this.#phones.keys()].join(', ');
      const server = viewer.server === undefined ? '' : ', nor a number to dial';
      throw new CallLabError('CL2002', `"${target}" is neither a phone (${names}) nor an IAX2 URI${server}`);
    }
    const refusal = this.refusalToCall(uri.host);
    if (refusal !== undefined) throw new CallLabError('CL1002', refusal);
    return uri;
  }

  /** Why nothing must be sent to `host`, or undefined. */
  refusalToCall(host: string): string | undefined {
    const address = canonicalHost(host);
    if (address === undefined) return `${host} is a name, and IAX2 phones of this lab look no names up; write its address`;
    if (this.#allowBeyondLoopback || isLoopback(address)) return undefined;
    return `${host} is not on this machine, and Call Lab calls nobody beyond it`;
  }

  /** The phone of the lab that a URI leads to: by its address, or by its number at its server. */
  nameBehind({ host, port, number }: IaxUri): string | undefined {
    const address = { host, port };
    return this.nameAt(address) ?? this.#nameAtServer(address, number);
  }

  nameAt(address: SocketAddress): string | undefined {
    return [...this.#phones.values()].find((phone) => same(phone.address, address))?.name;
  }

  isServerAt(address: SocketAddress): boolean {
    return this.#serverAt(address) !== undefined;
  }

  nameOfNumber(number: string | undefined): string | undefined {
    return [...this.#phones.values()].find((phone) => phone.number === number || phone.name === number)?.name;
  }

  /** The phone that a number of a server leads to. */
  #nameAtServer(address: SocketAddress, number: string | undefined): string | undefined {
    const server = this.#serverAt(address);
    return server === undefined || number === undefined ? undefined : this.nameOfNumber(server.extensions?.get(number) ?? number);
  }

  /** What to call the party at an address, who goes by `number` there as far as known. */
  nameOf(address: SocketAddress, number: string | undefined): string {
    const known = this.nameAt(address);
    if (known !== undefined) return known;
    if (number !== undefined && number !== '') return this.#nameAtServer(address, number) ?? this.nameOfNumber(number) ?? number;
    return this.#serverAt(address)?.name ?? formatAddress(address);
  }

  /** The server both register at looks the other one up; else we know it ourselves. */
  #wayTo(phone: ListedIaxPhone, viewer: IaxViewer): IaxUri {
    const server = phone.server === undefined ? undefined : this.#servers.get(phone.server);
    const isShared = server !== undefined && viewer.server !== undefined && same(server.address, viewer.server);
    return isShared ? at(server.address, phone.number, viewer.username) : at(phone.address, phone.number, undefined);
  }

  #serverAt(address: SocketAddress): ListedIaxServer | undefined {
    return [...this.#servers.values()].find((server) => same(server.address, address));
  }
}

/** `iax2:127.0.0.1:4570/alice` */
export function iaxUriOf(address: SocketAddress, number: string | undefined): string {
  return formatIaxUri({ ...address, username: undefined, number, context: undefined });
}

function at({ host, port }: SocketAddress, number: string, username: string | undefined): IaxUri {
  return { username, host, port, number, context: undefined };
}

function same(a: SocketAddress, b: SocketAddress): boolean {
  return sameAddress(a, { host: canonicalHost(b.host) ?? b.host, port: b.port });
}
