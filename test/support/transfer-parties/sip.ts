import { create, makeResponse, parseUri, type Stack, type StackHeaders, type StackRequest, type StackResponse } from 'sip';
import { measureTransfers, TransferMeter } from './report';

/*
 * Trios of parties made with the `sip` library that say what the lab's phones say in an attended transfer, again and again:
 * node sip.cjs TRIOS SECONDS FIRST-PORT. They keep no journal, send no audio and check nothing.
 */

const description = (port: number, direction: string): string =>
  `v=0\r\no=x 1234567890 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio ${port} RTP/AVP 0 8 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\na=${direction}\r\n`;

function token(): string {
  return Math.floor(Math.random() * 2 ** 48).toString(16);
}

type Headers = Readonly<Record<string, unknown>>;

/** One side of a dialog. */
interface Dialog {
  readonly callId: string;
  readonly local: { readonly uri: string; readonly tag: string };
  readonly remote: { readonly uri: string; readonly tag: string };
  readonly target: string;
  sequence: number;
}

class Party {
  readonly uri: string;
  readonly dialogs = new Map<string, Dialog>();
  onRequest: (request: StackRequest, dialog: Dialog | undefined) => void = () => undefined;
  readonly #stack: Stack;
  readonly #port: number;

  /** The library takes what is meant for its own host for its own: each party has a host of its own. */
  constructor(name: string, address: string, port: number) {
    this.uri = `sip:${name}@${address}:${port}`;
    this.#port = port;
    this.#stack = create({ address, port, tcp: false, tls: false }, (request) => this.#receive(request));
  }

  /** Calls somebody; resolves with the dialog when the ACK is sent. */
  async call(target: string, headers: Headers = {}): Promise<Dialog> {
    const callId = token();
    const [local, remote] = [{ uri: this.uri, tag: token() }, { uri: target, tag: '' }];
    const answer = await this.#invite({ callId, local, remote, target, sequence: 0 }, 'sendrecv', headers);
    const dialog: Dialog = {
      callId,
      local,
      remote: { uri: target, tag: answer.headers.to.params['tag'] ?? '' },
      target: answer.headers.contact?.[0]?.uri ?? target,
      sequence: 1,
    };
    this.dialogs.set(callId, dialog);
    this.#acknowledge(dialog);
    return dialog;
  }

  async hold(dialog: Dialog): Promise<void> {
    await this.#invite(dialog, 'sendonly', {});
    this.#acknowledge(dialog);
  }

  send(dialog: Dialog, method: string, headers: Headers = {}, content = ''): Promise<StackResponse> {
    dialog.sequence += 1;
    return this.#send(this.#request(dialog, method, dialog.sequence, headers, content));
  }

  answer(request: StackRequest, status: number, reason: string, headers: Headers = {}, content = ''): void {
    const response = makeResponse(request, status, reason);
    Object.assign(response.headers, headers);
    response.content = content;
    this.#stack.send(response);
  }

  /** Takes a call: 180, then 200. */
  take(request: StackRequest): void {
    const tag = token();
    request.headers.to.params['tag'] = tag;
    const { from, to } = request.headers;
    const callId = request.headers['call-id'];
    const remote = { uri: from.uri, tag: from.params['tag'] ?? '' };
    this.dialogs.set(callId, { callId, local: { uri: to.uri, tag }, remote, target: request.headers.contact?.[0]?.uri ?? from.uri, sequence: 0 });
    this.answer(request, 180, 'Ringing', this.#identity);
    this.answer(request, 200, 'OK', { ...this.#identity, 'content-type': 'application/sdp' }, description(this.#port + 20_000, 'sendrecv'));
  }

  get #identity(): Headers {
    return { contact: [{ uri: this.uri }], allow: 'INVITE, ACK, CANCEL, BYE, REFER, NOTIFY', supported: 'replaces' };
  }

  async #invite(dialog: Dialog, direction: string, headers: Headers): Promise<StackResponse> {
    const type = { 'content-type': 'application/sdp' };
    return this.send(dialog, 'INVITE', { ...this.#identity, ...type, ...headers }, description(this.#port + 20_000, direction));
  }

  #acknowledge(dialog: Dialog): void {
    this.#stack.send(this.#request(dialog, 'ACK', dialog.sequence, {}, ''));
  }

  #request({ callId, local, remote, target }: Dialog, method: string, seq: number, headers: Headers, content: string): StackRequest {
    const own: StackHeaders = {
      to: { uri: remote.uri, params: remote.tag === '' ? {} : { tag: remote.tag } },
      from: { uri: local.uri, params: { tag: local.tag } },
      'call-id': callId,
      cseq: { method, seq },
      'max-forwards': 70,
      via: [],
      ...headers,
    };
    return { method, uri: target, headers: own, content };
  }

  #send(request: StackRequest): Promise<StackResponse> {
    return new Promise((resolve, reject) => {
      this.#stack.send(request, (response) => {
        if (response.status >= 300) reject(new Error(`${String(response.status)} to ${request.method}`));
        else if (response.status >= 200) resolve(response);
      });
    });
  }

  #receive(request: StackRequest): void {
    if (request.method === 'ACK') return;
    const dialog = this.dialogs.get(request.headers['call-id']);
    if (request.method === 'INVITE' && dialog !== undefined) {
      this.answer(request, 200, 'OK', { ...this.#identity, 'content-type': 'application/sdp' }, description(this.#port + 20_000, 'recvonly'));
      return;
    }
    this.onRequest(request, dialog);
  }
}

class Trio {
  readonly #alice: Party;
  readonly #bob: Party;
  readonly #charlie: Party;
  #onFinalNotify: () => void = () => undefined;
  #onReplaced: () => void = () => undefined;
  /** The call that the transfer makes. */
  #newCall: Promise<Dialog> | undefined;

  constructor(number: number, firstPort: number, meter: TransferMeter) {
    const port = firstPort + number;
    this.#alice = new Party('alice', '127.0.0.2', port);
    this.#bob = new Party('bob', '127.0.0.3', port);
    this.#charlie = new Party('charlie', '127.0.0.4', port);
    this.#alice.onRequest = (request, dialog) => {
      if (request.method === 'INVITE') this.#alice.take(request);
      else if (request.method === 'REFER' && dialog !== undefined) this.#newCall = this.#follow(request, dialog, meter);
      else this.#alice.answer(request, 200, 'OK');
    };
    this.#bob.onRequest = (request) => {
      this.#bob.answer(request, 200, 'OK');
      if (request.method === 'BYE') this.#onReplaced();
      if (request.method !== 'NOTIFY' || !String(request.headers['subscription-state']).startsWith('terminated')) return;
      meter.finalNotifies += 1;
      this.#onFinalNotify();
    };
    this.#charlie.onRequest = (request) => {
      if (request.method !== 'INVITE') {
        this.#charlie.answer(request, 200, 'OK');
        return;
      }
      this.#charlie.take(request);
      const replaces = request.headers['replaces'];
      if (typeof replaces !== 'string') return;
      const old = this.#charlie.dialogs.get(replaces.split(';')[0] ?? '');
      if (old === undefined) throw new Error('no call to replace');
      this.#charlie.dialogs.delete(old.callId);
      void this.#charlie.send(old, 'BYE');
    };
  }

  async transfer(): Promise<void> {
    const [alice, bob, charlie] = [this.#alice, this.#bob, this.#charlie];
    const final = new Promise<void>((resolve) => {
      this.#onFinalNotify = resolve;
    });
    const replaced = new Promise<void>((resolve) => {
      this.#onReplaced = resolve;
    });
    const first = await bob.call(alice.uri);
    await bob.hold(first);
    const consultation = await bob.call(charlie.uri);
    const replaces = encodeURIComponent(`${consultation.callId};to-tag=${consultation.remote.tag};from-tag=${consultation.local.tag}`);
    await bob.send(first, 'REFER', { contact: [{ uri: bob.uri }], 'refer-to': `<${consultation.target}?Replaces=${replaces}>`, 'referred-by': `<${bob.uri}>` });
    await Promise.all([final, replaced]);
    await bob.send(first, 'BYE');
    const newCall = await this.#newCall;
    if (newCall === undefined) throw new Error('nobody was called');
    await alice.send(newCall, 'BYE');
    for (const { dialogs } of [alice, bob, charlie]) dialogs.clear();
  }

  async #follow(request: StackRequest, dialog: Dialog, meter: TransferMeter): Promise<Dialog> {
    const received = performance.now();
    const alice = this.#alice;
    const [uri = '', replaces = ''] = request.headers['refer-to']?.uri.split('?Replaces=') ?? [];
    if (parseUri(uri) === undefined) throw new Error(`cannot call "${uri}"`);
    alice.answer(request, 202, 'Accepted', { contact: [{ uri: alice.uri }] });
    const notify = (state: string, fragment: string): Promise<StackResponse> =>
      alice.send(dialog, 'NOTIFY', { contact: [{ uri: alice.uri }], event: 'refer', 'subscription-state': state, 'content-type': 'message/sipfrag;version=2.0' }, fragment);
    const trying = notify('active;expires=60', 'SIP/2.0 100 Trying\r\n');
    const called = alice.call(uri, { replaces: decodeURIComponent(replaces), require: 'replaces' });
    meter.delay(performance.now() - received);
    const newCall = await called;
    await trying;
    await notify('terminated;reason=noresource', 'SIP/2.0 200 OK\r\n');
    return newCall;
  }
}

async function main(count: number, seconds: number, firstPort: number): Promise<void> {
  const meter = new TransferMeter();
  const trios = Array.from({ length: count }, (_, number) => new Trio(number, firstPort, meter));
  await measureTransfers(count, seconds, meter, (number) => trios[number]!.transfer());
  process.exit();
}

void main(Number(process.argv[2]), Number(process.argv[3]), Number(process.argv[4]));
