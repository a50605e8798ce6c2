import { CallLabError } from '../../core';
import {
  defaultPort,
  formatNameAddr,
  formatReplaces,
  isSipUri,
  type NameAddr,
  parseUri,
  type SipRequest,
  type SipResponse,
  type SipUri,
  uriAddress,
} from '../message';
import type { Hop, RequestDraft } from '../transaction';
import { asRequestUri } from './request-uri';

export type DialogState = 'early' | 'confirmed' | 'terminated';

/** What identifies a dialog to the one who holds it (RFC 3261 section 12). */
export interface DialogId {
  readonly callId: string;
  readonly localTag: string;
  /** Empty for a peer of RFC 2543 that sends no tag. */
  readonly remoteTag: string;
}

export function dialogKey(id: DialogId): string {
  return `${id.callId}|${id.localTag}|${id.remoteTag}`;
}

/** Who somebody is, as From and To say it. */
export interface Identity {
  /** Empty for none. */
  readonly displayName: string;
  readonly uri: string;
}

/** The key under which a request that came to us finds its dialog: its To tag is ours. */
export function dialogKeyOf(request: SipRequest): string {
  return dialogKey({ callId: request.callId, localTag: request.toTag ?? '', remoteTag: request.fromTag ?? '' });
}

interface DialogFields extends DialogId {
  readonly state: DialogState;
  readonly isCaller: boolean;
  readonly localUri: string;
  readonly remoteUri: string;
  readonly localSequence: number;
  readonly remoteSequence: number | undefined;
  readonly remoteTarget: string;
  readonly routeSet: readonly string[];
  readonly transport: Hop['transport'];
}

/**
 * One dialog as RFC 3261 section 12 keeps it. It only remembers and computes: no timers, no sending. A dialog outlives
 * its INVITE usage as long as a subscription uses it (RFC 5057).
 */
export class Dialog implements DialogId {
  readonly callId: string;
  readonly localTag: string;
  readonly remoteTag: string;
  /** Whether we sent the dialog's first request: decides the back-off after a 491 (RFC 3261 section 14.1). */
  readonly isCaller: boolean;
  #state: DialogState;
  #localIdentity: Identity;
  #remoteUri: string;
  #localSequence: number;
  #remoteSequence: number | undefined;
  #remoteTarget: string;
  #routeSet: readonly string[];
  readonly #transport: Hop['transport'];

  private constructor(fields: DialogFields) {
    this.callId = fields.callId;
    this.localTag = fields.localTag;
    this.remoteTag = fields.remoteTag;
    this.isCaller = fields.isCaller;
    this.#state = fields.state;
    this.#localIdentity = { displayName: '', uri: fields.localUri };
    this.#remoteUri = fields.remoteUri;
    this.#localSequence = fields.localSequence;
    this.#remoteSequence = fields.remoteSequence;
    this.#remoteTarget = fields.remoteTarget;
    this.#routeSet = fields.routeSet;
    this.#transport = fields.transport;
  }

  /** The caller's dialog, made by a 101-299 response with a To tag: RFC 3261 section 12.1.2. */
  static asCaller(invite: SipRequest, response: SipResponse, transport: Hop['transport']): Dialog {
    return new Dialog({
      callId: invite.callId,
      localTag: invite.fromTag ?? '',
      remoteTag: response.toTag ?? '',
      isCaller: true,
      state: response.status < 200 ? 'early' : 'confirmed',
      localUri: invite.from.uriText,
      remoteUri: invite.to.uriText,
      localSequence: invite.cseq.sequence,
      remoteSequence: undefined,
      remoteTarget: targetOf(response.contact) ?? invite.requestUri,
      routeSet: routesOf(response.recordRoutes).reverse(),
      transport,
    });
  }

  /** The callee's dialog, made by answering with `localTag`: RFC 3261 section 12.1.1. */
  static asCallee(request: SipRequest, localTag: string, transport: Hop['transport']): Dialog {
    return new Dialog({
      callId: request.callId,
      localTag,
      remoteTag: request.fromTag ?? '',
      isCaller: false,
      state: 'early',
      localUri: request.to.uriText,
      remoteUri: request.from.uriText,
      localSequence: 0,
      remoteSequence: request.cseq.sequence,
      remoteTarget: targetOf(request.contact ?? request.from),
      routeSet: routesOf(request.recordRoutes),
      transport,
    });
  }

  /** The subscriber's dialog, made by the first NOTIFY of a notifier: RFC 6665 section 4.4.1. */
  static asSubscriber(subscribe: SipRequest, notify: SipRequest, transport: Hop['transport']): Dialog {
    return new Dialog({
      callId: subscribe.callId,
      localTag: subscribe.fromTag ?? '',
      remoteTag: notify.fromTag ?? '',
      isCaller: true,
      state: 'confirmed',
      localUri: subscribe.from.uriText,
      remoteUri: subscribe.to.uriText,
      localSequence: subscribe.cseq.sequence,
      remoteSequence: notify.cseq.sequence,
      remoteTarget: targetOf(notify.contact ?? notify.from),
      routeSet: routesOf(notify.recordRoutes), // RFC 3261 12.1.1: we are the UAS of the NOTIFY
      transport,
    });
  }

  get key(): string {
    return dialogKey(this);
  }

  get state(): DialogState {
    return this.#state;
  }

  /** The transport the dialog was made on. */
  get transport(): Hop['transport'] {
    return this.#transport;
  }

  get remoteUri(): string {
    return this.#remoteUri;
  }

  get localUri(): string {
    return this.#localIdentity.uri;
  }

  /** Who we are in this dialog. It may change in mid-call, and the tags stay (RFC 4916 section 4.4). */
  get localIdentity(): Identity {
    return this.#localIdentity;
  }

  set localIdentity(identity: Identity) {
    this.#localIdentity = identity;
  }

  get remoteTarget(): string {
    return this.#remoteTarget;
  }

  /** How the peer would be told to replace the call here: its view has our remote tag as its own (RFC 3891 section 3). */
  get replacesValue(): string {
    const { callId, remoteTag, localTag } = this;
    return formatReplaces({ callId, toTag: remoteTag, fromTag: localTag, earlyOnly: false });
  }

  /** Where our requests go; undefined when the peer's Contact or route is nothing that can be sent to. */
  get nextHop(): Hop | undefined {
    try {
      return this.#route().nextHop;
    } catch {
      return undefined;
    }
  }

  /** The number of the latest request that we sent. */
  get localSequence(): number {
    return this.#localSequence;
  }

  /** A 2xx confirms: route set and target are taken anew, the counters stay (RFC 3261 section 13.2.2.4). */
  confirm(response?: SipResponse): void {
    this.#state = 'confirmed';
    if (response === undefined) return;
    this.#routeSet = routesOf(response.recordRoutes).reverse();
    this.refreshTarget(response.contact);
  }

  terminate(): void {
    this.#state = 'terminated';
  }

  /** The peer's new Contact, from an accepted target refresh request or its 2xx: RFC 3261 section 12.2. */
  refreshTarget(contact: NameAddr | undefined): void {
    this.#remoteTarget = targetOf(contact) ?? this.#remoteTarget;
  }

  /** The peer is somebody else now: a request of theirs with another From URI was accepted (RFC 4916 section 4.4.4). */
  changeRemoteUri(uri: string): void {
    this.#remoteUri = uri;
  }

  /**
   * Checks the number of a request of the peer and remembers it, also of one that will be refused (RFC 3261 section
   * 12.2.2). Returns false for a number that is not higher than the last: that deserves a 500.
   */
  acceptSequence(sequence: number): boolean {
    if (this.#remoteSequence !== undefined && sequence <= this.#remoteSequence) return false;
    this.#remoteSequence = sequence;
    return true;
  }

  /**
   * A request of ours inside the dialog: RFC 3261 section 12.2.1.1. Takes the next number, so call it only when the
   * request leaves now. `headers` come behind the dialog's own. Throws CL2002, and takes no number, when the peer's
   * Contact or route is nothing that can be sent to.
   */
  createRequest(
    method: string,
    headers: readonly (readonly [string, string])[],
    body?: string | Uint8Array,
  ): { readonly draft: RequestDraft; readonly hop: Hop; readonly sequence: number } {
    const composed = this.#compose(method, this.#localSequence + 1, headers, body);
    this.#localSequence += 1;
    return composed;
  }

  /** The ACK to a 2xx: the number of its INVITE, and no number is used up (RFC 3261 section 13.2.2.4). */
  createAck(
    sequence: number,
    headers: readonly (readonly [string, string])[],
    body?: string | Uint8Array,
  ): { readonly draft: RequestDraft; readonly hop: Hop } {
    return this.#compose('ACK', sequence, headers, body);
  }

  #compose(
    method: string,
    sequence: number,
    headers: readonly (readonly [string, string])[],
    body: string | Uint8Array | undefined,
  ): { readonly draft: RequestDraft; readonly hop: Hop; readonly sequence: number } {
    const { uri, routes, nextHop } = this.#route();
    const { displayName, uri: localUri } = this.#localIdentity;
    const draft: RequestDraft = {
      method,
      uri,
      headers: [
        ['Max-Forwards', '70'],
        ...routes.map((route) => ['Route', route] as const),
        ['From', formatNameAddr({ displayName: displayName === '' ? undefined : displayName, uri: localUri, tag: this.localTag })],
        ['To', `<${this.#remoteUri}>${this.remoteTag === '' ? '' : `;tag=${this.remoteTag}`}`],
        ['Call-ID', this.callId],
        ['CSeq', `${String(sequence)} ${method}`],
        ...headers,
      ],
      body,
    };
    return { draft, hop: nextHop, sequence };
  }

  /** Request-URI, Route and next hop by the route set: RFC 3261 sections 12.2.1.1 and 8.1.2. */
  #route(): { readonly uri: string; readonly routes: readonly string[]; readonly nextHop: Hop } {
    const [first, ...rest] = this.#routeSet;
    if (first === undefined) {
      return { uri: this.#remoteTarget, routes: [], nextHop: this.#hopTo(parseUri(this.#remoteTarget)) };
    }
    const firstUri = parseUri(unbracket(first));
    if (firstUri.params.has('lr')) {
      return { uri: this.#remoteTarget, routes: this.#routeSet, nextHop: this.#hopTo(firstUri) };
    }
    // A strict router wants to find itself in the Request-URI and the target last in Route.
    const uri = asRequestUri(firstUri).toString();
    return { uri, routes: [...rest, `<${this.#remoteTarget}>`], nextHop: this.#hopTo(firstUri) };
  }

  #hopTo(uri: SipUri): Hop {
    if (!isSipUri(uri)) throw new CallLabError('CL2002', `The other side wants to be reached at ${uri.toString()}`);
    const address = uriAddress(uri);
    // A Contact without a transport says nothing against the one the dialog was made on.
    if (uri.params.has('transport') || uri.scheme === 'sips') return address;
    return { host: address.host, port: uri.port ?? defaultPort(this.#transport), transport: this.#transport };
  }
}

function targetOf(contact: NameAddr): string;
function targetOf(contact: NameAddr | undefined): string | undefined;
function targetOf(contact: NameAddr | undefined): string | undefined {
  return contact === undefined ? undefined : asRequestUri(contact.uri).toString();
}

function routesOf(routes: readonly NameAddr[]): string[] {
  return routes.map((route) => `<${route.uriText}>`);
}

function unbracket(route: string): string {
  return route.slice(1, -1);
}
