import { type RandomSource, randomToken } from '../../src/core';
import { buildRequest, type Hop, parseMessage, respond, type SipMessage, type SipRequest, type SipResponse } from '../../src/sip';

type Headers = readonly (readonly [string, string])[];

/** A session description that every agent of the rig can use. */
export function plainSdp(direction = 'sendrecv', version = 1): string {
  return [
    'v=0',
    `o=peer 4711 ${String(version)} IN IP4 127.0.0.1`,
    's=-',
    'c=IN IP4 127.0.0.1',
    't=0 0',
    'm=audio 50000 RTP/AVP 0',
    `a=${direction}`,
    '',
  ].join('\r\n');
}

/**
 * A peer without a mind of its own: it keeps what it got and sends what the test says, right or wrong. Its `dialog` methods
 * fill in what a dialog needs, so that a test names only what it is about.
 */
export class ScriptedPeer {
  readonly name: string;
  readonly uri: string;
  readonly received: SipMessage[] = [];
  /** Called for each message; answers at once when a test says so. */
  onMessage: (message: SipMessage) => void = () => undefined;
  readonly #port: number;
  readonly #random: RandomSource;
  readonly #send: (bytes: Uint8Array, hop: Hop) => void;
  /** Where the other side of each Call-ID is. */
  readonly #hops = new Map<string, Hop>();

  constructor(options: { name: string; port: number; random: RandomSource; send(bytes: Uint8Array, hop: Hop): void }) {
    this.name = options.name;
    this.uri = `sip:${options.name}@127.0.0.1:${String(options.port)}`;
    this.#port = options.port;
    this.#random = options.random;
    this.#send = (bytes, hop) => {
      options.send(bytes, hop);
    };
  }

  receive(bytes: Uint8Array, source: Hop): void {
    const message = parseMessage(bytes);
    this.#hops.set(message.header('Call-ID') ?? '', source);
    this.received.push(message);
    this.onMessage(message);
  }

  /** The latest request of this method. */
  last(method: string): SipRequest {
    const found = this.received.findLast((message) => message.kind === 'request' && message.method === method);
    if (found?.kind !== 'request') throw new Error(`${this.name} got no ${method}`);
    return found;
  }

  /** The latest response to a request of this method. */
  lastResponse(method: string): SipResponse {
    const found = this.received.findLast((message) => message.kind === 'response' && message.cseq.method === method);
    if (found?.kind !== 'response') throw new Error(`${this.name} got no response to ${method}`);
    return found;
  }

  count(method: string): number {
    return this.received.filter((message) => message.kind === 'request' && message.method === method).length;
  }

  /** The status codes of the responses to a method, in order. */
  statuses(method: string): number[] {
    return this.received.flatMap((message) =>
      message.kind === 'response' && message.cseq.method === method ? [message.status] : [],
    );
  }

  get contact(): readonly [string, string] {
    return ['Contact', `<${this.uri}>`];
  }

  /** Answers a request; the To tag is the peer's name unless given, and none for ''. */
  respond(
    request: SipRequest,
    status: number,
    { toTag = this.name, headers = [this.contact], body, reason }: { toTag?: string; headers?: Headers; body?: string; reason?: string } = {},
  ): void {
    const content = contentType(headers, body);
    this.send(
      respond(request, status, {
        toTag: toTag === '' ? undefined : toTag,
        headers: [...headers, ...content],
        ...(body === undefined ? {} : { body }),
        ...(reason === undefined ? {} : { reason }),
      }),
    );
  }

  /** Answers the latest INVITE with a usable 200. */
  answer(toTag = this.name): void {
    this.respond(this.last('INVITE'), 200, { toTag, body: plainSdp() });
  }

  /** A request of the peer in the dialog that its answer to `invite` made (it was called), or that its own INVITE made. */
  request(
    method: string,
    within: { readonly invite: SipRequest; readonly toTag?: string; readonly sequence: number },
    { headers = [this.contact], body, uri, branch = this.branch() }: { headers?: Headers; body?: string; uri?: string; branch?: string } = {},
  ): SipRequest {
    const { invite, toTag = this.name, sequence } = within;
    const isCaller = invite.topVia.port === this.#port;
    const own: Headers = isCaller
      ? [['From', invite.header('From') ?? ''], ['To', `${invite.header('To') ?? ''};tag=${toTag}`]]
      : [['From', `${invite.header('To') ?? ''};tag=${toTag}`], ['To', invite.header('From') ?? '']];
    const content = contentType(headers, body);
    const request = buildRequest({
      method,
      uri: uri ?? (isCaller ? invite.requestUri : (invite.contact?.uriText ?? invite.requestUri)),
      headers: [
        this.#via(branch),
        ['Max-Forwards', '70'],
        ...own,
        ['Call-ID', invite.callId],
        ['CSeq', `${String(sequence)} ${method}`],
        ...headers,
        ...content,
      ],
      ...(body === undefined ? {} : { body }),
    });
    this.send(request);
    return request;
  }

  /** A request outside any dialog, an INVITE above all. */
  initial(
    method: string,
    to: { readonly uri: string },
    options: { headers?: Headers; body?: string; sequence?: number; callId?: string; fromTag?: string; branch?: string; requestUri?: string } = {},
  ): SipRequest {
    const { headers = [this.contact], body, sequence = 1, branch = this.branch() } = options;
    const content = contentType(headers, body);
    const request = buildRequest({
      method,
      uri: options.requestUri ?? to.uri,
      headers: [
        this.#via(branch),
        ['Max-Forwards', '70'],
        ['From', `<${this.uri}>;tag=${options.fromTag ?? `${this.name}-${randomToken(this.#random, 32)}`}`],
        ['To', `<${to.uri}>`],
        ['Call-ID', options.callId ?? `${randomToken(this.#random, 64)}@${this.name}`],
        ['CSeq', `${String(sequence)} ${method}`],
        ...headers,
        ...content,
      ],
      ...(body === undefined ? {} : { body }),
    });
    const port = Number(/:(?<port>\d+)$/u.exec(to.uri)?.groups?.['port']);
    this.#hops.set(request.callId, { transport: 'udp', host: '127.0.0.1', port });
    this.send(request);
    return request;
  }

  /** An INVITE whose Request-URI and headers say what they will, sent to a port of this machine. */
  sendTo(port: number, uri: string, headers: Headers, body: string): SipRequest {
    const request = buildRequest({
      method: 'INVITE',
      uri,
      headers: [
        this.#via(this.branch()),
        ['From', `<${this.uri}>;tag=${this.name}-${randomToken(this.#random, 32)}`],
        ['To', `<${uri}>`],
        ['Call-ID', `${randomToken(this.#random, 64)}@${this.name}`],
        ['CSeq', '1 INVITE'],
        this.contact,
        ...headers,
        ...contentType(headers, body),
      ],
      body,
    });
    this.#hops.set(request.callId, { transport: 'udp', host: '127.0.0.1', port });
    this.send(request);
    return request;
  }

  /** The ACK to a 2xx that answered `invite`. */
  acknowledge(invite: SipRequest, response: SipResponse, body?: string): void {
    this.request(
      'ACK',
      { invite, toTag: response.toTag ?? '', sequence: invite.cseq.sequence },
      {
        uri: response.contact?.uriText ?? invite.requestUri,
        headers: [],
        ...(body === undefined ? {} : { body }),
      },
    );
  }

  /** CANCEL, or the ACK to a refusal: with the branch of `invite`. */
  sameBranch(method: 'CANCEL' | 'ACK', invite: SipRequest, toTag?: string): void {
    const headers: [string, string][] = [];
    for (const name of ['Via', 'Max-Forwards', 'From', 'To', 'Call-ID']) headers.push([name, invite.header(name) ?? '']);
    const to = headers.find(([name]) => name === 'To');
    if (to !== undefined && toTag !== undefined) to[1] += `;tag=${toTag}`;
    headers.push(['CSeq', `${String(invite.cseq.sequence)} ${method}`]);
    this.send(buildRequest({ method, uri: invite.requestUri, headers }));
  }

  /** Sends to the other side of the message's Call-ID. */
  send(message: SipMessage): void {
    const hop = this.#hops.get(message.callId);
    if (hop === undefined) throw new Error(`${this.name} knows nobody with the Call-ID ${message.callId}`);
    this.#send(message.bytes, hop);
  }

  branch(): string {
    return `z9hG4bK${randomToken(this.#random, 64)}`;
  }

  #via(branch: string): readonly [string, string] {
    return ['Via', `SIP/2.0/UDP 127.0.0.1:${String(this.#port)};rport;branch=${branch}`];
  }
}

/** What a body is unless the test says so itself: a session description. */
function contentType(headers: Headers, body: string | undefined): Headers {
  const isSaid = headers.some(([name]) => name === 'Content-Type');
  return body === undefined || isSaid ? [] : [['Content-Type', 'application/sdp']];
}
