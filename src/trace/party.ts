import { formatAddress, type SocketAddress } from '../net';
import type { Directory } from './directory';

/** Somebody who takes part in a call or a transfer. */
export interface Party {
  /** The phone's name; a stranger's user part, or else the address. */
  readonly name: string;
  /** As the message gave it; empty when none did. */
  readonly uri: string;
  readonly address: SocketAddress | undefined;
  /** The phone's name when it is one of the lab, else empty: only its hearing can be measured. */
  readonly phone: string;
}

/** What a URI gives to name somebody by. */
export interface PartyUri {
  readonly text: string;
  readonly user: string | undefined;
  readonly host: string;
}

/** A party whose name follows what the trace learns about its address. */
export class PartyRecord implements Party {
  readonly #directory: Directory;
  #uri: PartyUri | undefined;
  address: SocketAddress | undefined;

  constructor(directory: Directory, address: SocketAddress | undefined, uri: PartyUri | undefined) {
    this.#directory = directory;
    this.#uri = uri;
    this.address = address;
  }

  /** What was taken for its name was another's. */
  rename(uri: PartyUri): void {
    this.#uri = uri;
  }

  get uri(): string {
    return this.#uri?.text ?? '';
  }

  get phone(): string {
    // A server of the lab hears nobody; who is meant sits behind it.
    if (this.address === undefined || this.#directory.isRelay(this.address)) return '';
    return this.#directory.phoneAt(this.address);
  }

  /** What its host is called, whoever of those behind it was meant. */
  get place(): string {
    return this.address === undefined ? this.name : this.#directory.nameOf(this.address);
  }

  get name(): string {
    if (this.phone !== '') return this.phone;
    const user = this.#uri?.user ?? '';
    if (user !== '') return this.address === undefined ? user : this.#directory.personAt(this.address, user);
    return this.address === undefined ? (this.#uri?.host ?? 'somebody') : this.#directory.nameOf(this.address);
  }
}

/** Whether both are the same person, as far as the trace can tell. */
export function sameParty(a: Party, b: Party): boolean {
  if (a.phone !== '' || b.phone !== '') return a.phone === b.phone;
  return a.address !== undefined && b.address !== undefined && formatAddress(a.address) === formatAddress(b.address);
}
