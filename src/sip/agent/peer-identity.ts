import type { Identity } from '../dialog';
import { assertedIdentityOf, type NameAddr, parseUri, type SipMessage, type SipRequest, type SipUri, uriAddress } from '../message';
import type { Hop } from '../transaction';
import type { AgentSettings } from './services';

/**
 * Who the other party of a call is: whom we dialled or who called, until the wire says something newer. A changed From
 * says so in mid-call (RFC 4916), and a P-Asserted-Identity says so anywhere, to those who trust its sender (RFC 3325).
 */
export class PeerIdentity {
  #uri: string;
  #displayName: string | undefined;
  /** The From URI that the peer used last; only a change of it means anything. */
  #from: string;

  constructor(uri: string, displayName: string | undefined) {
    this.#uri = uri;
    this.#displayName = displayName;
    this.#from = uri;
  }

  get uri(): string {
    return this.#uri;
  }

  get displayName(): string | undefined {
    return this.#displayName;
  }

  /** A redirection, if there was one, was followed to somebody else, who has answered (RFC 3261 8.1.3.4: To stays). */
  moveTo(uri: string | undefined): void {
    if (uri === undefined) return;
    this.#uri = uri;
    this.#displayName = undefined;
  }

  /** Takes what a message of the peer says. Returns whether the party is another one now. */
  note(message: SipMessage, isTrusted: boolean): boolean {
    const asserted = isTrusted ? assertedIdentityOf(message) : undefined;
    const changed = message.kind === 'request' ? this.#changedFrom(message) : undefined;
    const identity = asserted ?? changed;
    if (identity === undefined) return false;
    const { uriText, displayName } = identity;
    const isNew = uriText !== this.#uri || (displayName !== undefined && displayName !== this.#displayName);
    this.#displayName = uriText === this.#uri ? (displayName ?? this.#displayName) : displayName;
    this.#uri = uriText;
    return isNew;
  }

  #changedFrom({ from }: SipRequest): NameAddr | undefined {
    if (from.uriText === this.#from) return undefined;
    this.#from = from.uriText;
    return from;
  }
}

/** Whether a P-Asserted-Identity from `hop` is believed; undefined is nowhere. */
export function isTrusted(settings: AgentSettings, hop: Hop | undefined): boolean {
  return hop !== undefined && settings.trustsIdentity?.(hop) === true;
}

/** Who we are, when the caller meant to reach somebody else and wants to know (RFC 4916 section 4.4); else undefined. */
export function identityToTell(settings: AgentSettings, invite: SipRequest | undefined): Identity | undefined {
  const { connectedIdentity, displayName, uri } = settings;
  if (connectedIdentity !== true || invite === undefined || isSameParty(invite.to.uri, parseUri(uri))) return undefined;
  return { displayName, uri };
}

/** Whether two URIs are one party's, whatever their parameters say: the same user at the same place. */
function isSameParty(one: SipUri, other: SipUri): boolean {
  const [here, there] = [uriAddress(one), uriAddress(other)];
  return one.user === other.user && here.host.toLowerCase() === there.host.toLowerCase() && here.port === there.port;
}
