import { formatAddress, type SocketAddress } from '../net';
import type { SipMessage } from '../sip';
import { Chronicle } from './chronicle';
import { parseAddress } from './address';
import { attempt, type MessageFacts, type MessageRecord } from './message';

/** One lifeline of a ladder: a phone of the lab with all its addresses, or a stranger's address. */
export interface Participant {
  readonly id: string;
  readonly name: string;
  /** The phone's name when it is one of the lab (or the capture names it), else empty. */
  readonly phone: string;
  readonly addresses: readonly SocketAddress[];
}

/** How much a header says about who sits at an address. */
type Evidence = 'contact' | 'uri';

/** What IAX2 says about who sits at an address: who registers there, who calls from there, and which number is called there. */
export type IaxEvidence = 'registered' | 'calling' | 'called';

class ParticipantRecord implements Participant {
  readonly id: string;
  readonly addresses: SocketAddress[] = [];
  phone = '';
  readonly users: Record<Evidence, Set<string>> = { contact: new Set(), uri: new Set() };
  product = '';
  readonly people: Record<IaxEvidence, Set<string>> = { registered: new Set(), calling: new Set(), called: new Set() };
  /** It has passed on a request or a call of another: a proxy or a switch. */
  isRelay = false;

  constructor(id: string) {
    this.id = id;
  }

  /**
   * A phone's own name; else the one user seen there; an address with several users is a server: its product's name.
   */
  get name(): string {
    if (this.phone !== '') return this.phone;
    const users = this.users.contact.size > 0 ? this.users.contact : this.users.uri;
    const [only] = users;
    if (only !== undefined && users.size === 1) return this.personBehind(only);
    const person = users.size === 0 ? this.#iaxPerson : undefined;
    if (person !== undefined) return person;
    const [address] = this.addresses;
    return users.size > 1 && this.product !== ''
      ? this.product
      : address === undefined
        ? this.id
        : formatAddress(address);
  }

  /** The one who registers here; unless it is a switch, the one who calls from here, or the one number called here. */
  get #iaxPerson(): string | undefined {
    const { registered, calling, called } = this.people;
    for (const people of this.isRelay ? [registered] : [registered, calling, called]) {
      const [only] = people;
      if (people.size === 1) return only;
    }
    return undefined;
  }

  /** Who a user of this address is: baresip makes its Contact unique, and `bob-0x55d0` is bob to everybody. */
  personBehind(user: string): string {
    const [registrant] = this.people.registered;
    if (registrant !== undefined && this.people.registered.size === 1 && this.people.called.has(user)) return registrant;
    const person = /^(?<person>.+)-0x[\da-f]+$/.exec(user)?.groups?.['person'];
    return person !== undefined && this.users.uri.has(person) ? person : user;
  }
}

/** A phone has two addresses, or three; one that calls over TCP has one more for each connection. */
const mostAddresses = 16;
/** So many lifelines are kept though nothing that is kept goes from or to them. */
const mostParticipants = 500;

/** Knows who is where: which addresses belong to which phone, and how to call a stranger. */
export class Directory {
  readonly #participants = new Chronicle<ParticipantRecord>();
  readonly #byAddress = new Map<string, ParticipantRecord>();
  readonly #byPhone = new Map<string, ParticipantRecord>();

  /** In order of appearance. */
  get participants(): readonly Participant[] {
    return this.#participants.items;
  }

  /**
   * Lets go of addresses that are not in use, of a lifeline that has very many, and of strangers' lifelines when there are very
   * many; who comes again is learnt again.
   */
  forget(usedAddresses: () => ReadonlySet<string>): void {
    const all = this.#participants.items;
    const crowded = all.filter(({ addresses }) => addresses.length > mostAddresses);
    if (all.length <= mostParticipants && crowded.length === 0) return;
    const used = usedAddresses();
    const letGo = (address: SocketAddress): boolean => !used.has(formatAddress(address)) && this.#byAddress.delete(formatAddress(address));
    // The first is where it listens.
    for (const { addresses } of crowded) addresses.splice(1, addresses.length - 1, ...addresses.slice(1).filter((address) => !letGo(address)));
    if (all.length <= mostParticipants) return;
    const isUsed = ({ addresses }: ParticipantRecord): boolean => addresses.some((address) => used.has(formatAddress(address)));
    this.#participants.forget((participant) => participant.phone === '' && !isUsed(participant) && participant.addresses.every(letGo));
  }

  participantAt(address: SocketAddress): Participant {
    return this.#at(address);
  }

  /** The lifeline of an address already seen. */
  find(address: SocketAddress): Participant | undefined {
    return this.#byAddress.get(formatAddress(address));
  }

  /** The phone at an address, empty when none is known there. */
  phoneAt(address: SocketAddress): string {
    return this.#byAddress.get(formatAddress(address))?.phone ?? '';
  }

  /** Whether somebody is there who passes requests on, and so is no party to any call. */
  isRelay(address: SocketAddress): boolean {
    return this.#byAddress.get(formatAddress(address))?.isRelay === true;
  }

  nameOf(address: SocketAddress): string {
    return this.#byAddress.get(formatAddress(address))?.name ?? formatAddress(address);
  }

  /** How to call the user of a URI who is at an address. */
  personAt(address: SocketAddress, user: string): string {
    return this.#byAddress.get(formatAddress(address))?.personBehind(user) ?? user;
  }

  /** A record of a phone's own says that this address is its. */
  learnPhone(address: SocketAddress, phone: string): void {
    if (phone === '') return;
    const here = this.#byAddress.get(formatAddress(address));
    if (here?.phone === phone) return;
    const owner = this.#byPhone.get(phone);
    if (owner !== undefined) {
      this.#move(address, here, owner);
    } else if (here?.phone !== '') {
      this.#byPhone.set(phone, this.#create(address, phone));
    } else {
      here.phone = phone;
      this.#byPhone.set(phone, here);
    }
  }

  /** What an IAX2 frame tells about somebody at an address. */
  learnPerson(address: SocketAddress, name: string, evidence: IaxEvidence): void {
    const here = this.#at(address);
    if (here.phone === '' && name !== '') here.people[evidence].add(name);
  }

  /** Somebody here has passed a call on. */
  learnRelay(address: SocketAddress): void {
    this.#at(address).isRelay = true;
  }

  /** What a message tells about the ends it went between. */
  learnMessage(record: MessageRecord, sip: SipMessage, facts: MessageFacts): void {
    this.#joinConnection(record, sip, facts);
    const source = this.#at(record.source);
    const destination = this.#at(record.destination);
    if (sip.kind === 'request' && facts.hops > 1) source.isRelay = true;
    if (source.phone === '' && facts.hops === 1) this.#learnSender(source, sip);
    if (sip.kind !== 'request' || destination.phone !== '') return;
    const uri = attempt(() => sip.uri);
    if (uri?.user !== undefined && uri.host === record.destination.host) destination.users.uri.add(uri.user);
  }

  #learnSender(source: ParticipantRecord, sip: SipMessage): void {
    source.product ||= productOf(
      sip.header(sip.kind === 'request' ? 'User-Agent' : 'Server') ?? sip.header('User-Agent'),
    );
    // The Contacts of a redirection name others (RFC 3261 section 21.3).
    const isRedirect = sip.kind === 'response' && sip.status >= 300 && sip.status < 400;
    const contact = isRedirect ? undefined : attempt(() => sip.contact?.uri.user);
    if (contact !== undefined) source.users.contact.add(contact);
    const own = attempt(() => (sip.kind === 'request' ? sip.from : sip.to).uri.user);
    if (own !== undefined) source.users.uri.add(own);
  }

  /**
   * The far end of a TCP connection has a port of the moment; the top Via says which listener stands behind it (RFC
   * 3261 section 18.1.1).
   */
  #joinConnection(record: MessageRecord, sip: SipMessage, facts: MessageFacts): void {
    if (record.transport === 'udp' || sip.kind !== 'request') return;
    if (this.#byAddress.has(formatAddress(record.source))) return;
    const listener = parseAddress(facts.sentBy);
    if (listener?.host !== record.source.host) return;
    this.#move(record.source, undefined, this.#at(listener));
  }

  #at(address: SocketAddress): ParticipantRecord {
    return this.#byAddress.get(formatAddress(address)) ?? this.#create(address, '');
  }

  #create(address: SocketAddress, phone: string): ParticipantRecord {
    const participant = new ParticipantRecord(`p${this.#participants.total}`);
    participant.phone = phone;
    participant.addresses.push(address);
    this.#participants.push(participant);
    this.#byAddress.set(formatAddress(address), participant);
    return participant;
  }

  /** Gives `address` to `owner`; a lifeline left without addresses stays, empty, so that no id changes its meaning. */
  #move(address: SocketAddress, from: ParticipantRecord | undefined, owner: ParticipantRecord): void {
    const text = formatAddress(address);
    if (from !== undefined) {
      const index = from.addresses.findIndex((known) => formatAddress(known) === text);
      if (index >= 0) from.addresses.splice(index, 1);
    }
    owner.addresses.push(address);
    this.#byAddress.set(text, owner);
  }
}

/** `Asterisk PBX 23.4.1` is Asterisk, `baresip/1.0` is baresip. */
function productOf(header: string | undefined): string {
  return /^[\w.-]{2,32}/.exec(header ?? '')?.[0] ?? '';
}
