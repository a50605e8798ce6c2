import { type RandomSource, randomToken } from '../core';
import { formatAddress, type SocketAddress } from '../net';
import type { HopTransport } from '../sip';
import { uriOver } from './directory';

/** How a phone names itself to others, depending on the transport: in Via and in Contact. */
export class Contacts {
  readonly #user: string;
  readonly #addresses: ReadonlyMap<HopTransport, SocketAddress>;
  readonly #random: RandomSource;
  #nobody: string | undefined;

  /** `addresses` are those the phone listens at; UDP is among them. */
  constructor(user: string, addresses: ReadonlyMap<HopTransport, SocketAddress>, random: RandomSource) {
    this.#user = user;
    this.#addresses = addresses;
    this.#random = random;
  }

  /** The sent-by of a Via: where responses go when the connection is gone, or a name that leads nowhere. */
  sentBy(transport: HopTransport): string {
    // RFC 7118 5.2: nobody can connect to a WebSocket client, so it gives a random name under .invalid.
    if (transport === 'ws' || transport === 'wss') return this.#nameOfNobody();
    return formatAddress(this.#addressFor(transport));
  }

  /** Where this phone is reached over `transport`. */
  contactUri(transport: HopTransport): string {
    const own = this.#addresses.get(transport);
    if (own !== undefined) return uriOver(transport, this.#user, own);
    if (transport === 'ws' || transport === 'wss') return `sip:${this.#user}@${this.#nameOfNobody()};transport=${transport}`;
    return uriOver('udp', this.#user, this.#addressFor('udp'));
  }

  #addressFor(transport: HopTransport): SocketAddress {
    const address = this.#addresses.get(transport) ?? this.#addresses.get('udp');
    if (address === undefined) throw new Error('the phone listens nowhere');
    return address;
  }

  #nameOfNobody(): string {
    return (this.#nobody ??= `${randomToken(this.#random, 64)}.invalid`);
  }
}
