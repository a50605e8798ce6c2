import { VirtualClock } from '../../../src/core';
import { Journal, TraceModel, type TraceOptions, type TracePacket } from '../../../src/trace';

export type Person = 'alice' | 'bob' | 'charlie' | 'dave';

export const addresses = {
  alice: { host: '127.0.0.11', port: 5060 },
  bob: { host: '127.0.0.12', port: 5060 },
  charlie: { host: '127.0.0.13', port: 5060 },
  dave: { host: '127.0.0.14', port: 5060 },
} as const;

type Headers = readonly (readonly [string, string])[];

export interface RequestOptions {
  readonly headers?: Headers;
  readonly sdp?: string;
  readonly sipfrag?: string;
  /** Sent, and never received. */
  readonly lost?: boolean;
  /** The Request-URI, when it is not the other one's own. */
  readonly uri?: string;
  /** Without a To tag though the dialog has one. */
  readonly outside?: boolean;
}

interface ScriptedPacket extends TracePacket {
  readonly from: Person;
  readonly to: Person;
  readonly lost: boolean;
}

interface ScriptedRequest {
  readonly text: string;
  readonly from: Person;
  readonly to: Person;
  readonly method: string;
}

/** Writes down what three phones say to each other, 10 ms a message. */
export class CallScript {
  readonly packets: ScriptedPacket[] = [];
  readonly journal: Journal;
  readonly #clock = new VirtualClock();
  branches = 0;

  constructor() {
    this.journal = new Journal({ clock: this.#clock, startedAt: new Date('2026-05-04T10:00:00.000Z') });
  }

  dialog(caller: Person, callee: Person, callId: string): ScriptedDialog {
    return new ScriptedDialog(this, caller, callee, callId);
  }

  wait(duration: number): void {
    this.#clock.advance(duration);
  }

  send(from: Person, to: Person, text: string, lost = false): void {
    this.#clock.advance(10);
    const bytes = Buffer.from(text.replace(/\r?\n/g, '\r\n'));
    const packet = {
      at: this.#clock.now(),
      transport: 'udp' as const,
      source: addresses[from],
      destination: addresses[to],
      bytes,
    };
    this.packets.push({ ...packet, from, to, lost });
    const record = {
      kind: 'packet' as const,
      protocol: 'sip' as const,
      transport: 'udp' as const,
      source: packet.source,
      destination: packet.destination,
      bytes,
    };
    this.journal.append({ ...record, direction: 'sent', owner: from });
    if (!lost) this.journal.append({ ...record, direction: 'received', owner: to });
  }

  /** Sends the last packet once more. */
  sendAgain(lost = false): void {
    const last = this.packets.at(-1);
    if (last !== undefined) this.send(last.from, last.to, last.bytes.toString(), lost);
  }

  /** From now on `listener` hears exactly these. */
  hears(listener: Person, ...phones: Person[]): void {
    this.#clock.advance(10);
    this.journal.append({ kind: 'hears', owner: listener, phones, hold: false, address: undefined });
  }

  /** As {@link hears}, measured where the audio of one call comes in; what is heard in other calls stays. */
  hearsAt(port: number, listener: Person, ...phones: Person[]): void {
    this.#clock.advance(10);
    this.journal.append({ kind: 'hears', owner: listener, phones, hold: false, address: { host: addresses[listener].host, port } });
  }

  /** What a stranger's capture of this holds: packets and nothing else. */
  captured(options?: TraceOptions): TraceModel {
    return TraceModel.from(
      this.packets.map(({ at, transport, source, destination, bytes }) => ({
        at,
        transport,
        source,
        destination,
        bytes,
      })),
      options,
    );
  }

  /** What the lab itself makes of it. */
  live(options?: TraceOptions): TraceModel {
    const model = new TraceModel(options);
    for (const entry of this.journal.entries) model.feed(entry);
    return model;
  }
}

/** Two phones in one dialog: numbers, tags and branches come by themselves. */
export class ScriptedDialog {
  readonly callId: string;
  readonly #script: CallScript;
  readonly #caller: Person;
  readonly #callee: Person;
  readonly #sequences = new Map<Person, number>();
  #established = false;

  constructor(script: CallScript, caller: Person, callee: Person, callId: string) {
    this.#script = script;
    this.#caller = caller;
    this.#callee = callee;
    this.callId = callId;
  }

  tag(person: Person): string {
    return `${person.slice(0, 1)}-${this.callId}`;
  }

  /** Replaces as one who is sent to `receiver` must write it (RFC 3891 section 3). */
  replaces(receiver: Person): string {
    const other = receiver === this.#caller ? this.#callee : this.#caller;
    return `${this.callId};to-tag=${this.tag(receiver)};from-tag=${this.tag(other)}`;
  }

  request(from: Person, method: string, options: RequestOptions = {}): ScriptedRequest {
    const sequence = (this.#sequences.get(from) ?? 0) + 1;
    this.#sequences.set(from, sequence);
    return this.#write(from, method, sequence, `z9hG4bK${(this.#script.branches += 1)}`, options);
  }

  /** ACK and CANCEL take the number of the INVITE; all but the ACK of a 2xx its branch too. */
  follow(invite: ScriptedRequest, method: 'ACK' | 'CANCEL', ownBranch = method === 'ACK'): ScriptedRequest {
    const branch = ownBranch
      ? `z9hG4bK${(this.#script.branches += 1)}`
      : headerOf(invite.text, 'Via').split('branch=')[1];
    const sequence = Number(headerOf(invite.text, 'CSeq').split(' ')[0]);
    return this.#write(invite.from, method, sequence, branch ?? '', { outside: method === 'CANCEL' });
  }

  respond(request: ScriptedRequest, status: number, reason: string, options: RequestOptions = {}): void {
    const { text, from, to, method } = request;
    const toHeader = headerOf(text, 'To');
    const needsTag = status > 100 && !toHeader.includes('tag=');
    const lines = [
      `SIP/2.0 ${status} ${reason}`,
      `Via: ${headerOf(text, 'Via')}`,
      `From: ${headerOf(text, 'From')}`,
      `To: ${toHeader}${needsTag ? `;tag=${this.tag(to)}` : ''}`,
      `Call-ID: ${this.callId}`,
      `CSeq: ${headerOf(text, 'CSeq')}`,
      `Contact: <sip:${to}@${addresses[to].host}>`,
    ];
    if (method === 'INVITE' && status > 100 && status < 300) this.#established = true;
    this.#finish(to, from, status >= 300 && status < 400 ? lines.slice(0, -1) : lines, options);
  }

  #write(from: Person, method: string, sequence: number, branch: string, options: RequestOptions): ScriptedRequest {
    const to = from === this.#caller ? this.#callee : this.#caller;
    const host = addresses[from].host;
    const isInside = this.#established && options.outside !== true;
    const lines = [
      `${method} ${options.uri ?? `sip:${to}@${addresses[to].host}`} SIP/2.0`,
      `Via: SIP/2.0/UDP ${host}:5060;branch=${branch}`,
      'Max-Forwards: 70',
      `From: <sip:${from}@${host}>;tag=${this.tag(from)}`,
      `To: <sip:${to}@${addresses[to].host}>${isInside ? `;tag=${this.tag(to)}` : ''}`,
      `Call-ID: ${this.callId}`,
      `CSeq: ${sequence} ${method}`,
      `Contact: <sip:${from}@${host}>`,
    ];
    return { text: this.#finish(from, to, lines, options), from, to, method };
  }

  #finish(from: Person, to: Person, lines: string[], options: RequestOptions): string {
    for (const [name, value] of options.headers ?? []) lines.push(`${name}: ${value}`);
    let body = '';
    if (options.sdp !== undefined) {
      lines.push('Content-Type: application/sdp');
      const { host } = addresses[from];
      body = `v=0\r\no=- 1 1 IN IP4 ${host}\r\ns=-\r\nc=IN IP4 ${host}\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\na=${options.sdp}\r\n`;
    } else if (options.sipfrag !== undefined) {
      lines.push('Content-Type: message/sipfrag;version=2.0');
      body = `${options.sipfrag}\r\n`;
    }
    const text = [...lines, `Content-Length: ${body.length}`, '', body].join('\r\n');
    this.#script.send(from, to, text, options.lost);
    return text;
  }
}

function headerOf(text: string, name: string): string {
  return new RegExp(`^${name}: (.*)$`, 'm').exec(text)?.[1]?.trimEnd() ?? '';
}

/** A call from `caller` to `callee` that is answered. */
export function answeredCall(
  script: CallScript,
  caller: Person,
  callee: Person,
  callId: string,
  options: RequestOptions = {},
): ScriptedDialog {
  const dialog = script.dialog(caller, callee, callId);
  const invite = dialog.request(caller, 'INVITE', { sdp: 'sendrecv', ...options });
  dialog.respond(invite, 180, 'Ringing');
  dialog.respond(invite, 200, 'OK', { sdp: 'sendrecv' });
  dialog.follow(invite, 'ACK');
  return dialog;
}

/** A re-INVITE with its answer. */
export function reinvite(dialog: ScriptedDialog, by: Person, offer: string, answer: string): void {
  const invite = dialog.request(by, 'INVITE', { sdp: offer });
  dialog.respond(invite, 200, 'OK', { sdp: answer });
  dialog.follow(invite, 'ACK');
}

/** A request with its answer, `200 OK` unless given. */
export function simple(
  dialog: ScriptedDialog,
  by: Person,
  method: string,
  options: RequestOptions & { readonly answer?: string } = {},
): void {
  const { answer = '200 OK', ...rest } = options;
  dialog.respond(dialog.request(by, method, rest), Number(answer.slice(0, 3)), answer.slice(4));
}

/** News of a transfer. */
export function notify(
  dialog: ScriptedDialog,
  by: Person,
  statusLine: string,
  state = 'active;expires=60',
  answer = '200 OK',
): void {
  const headers: Headers = [
    ['Event', 'refer'],
    ['Subscription-State', state],
  ];
  simple(dialog, by, 'NOTIFY', { headers, sipfrag: `SIP/2.0 ${statusLine}`, answer });
}

export const ended = 'terminated;reason=noresource';

export function escapeReplaces(replaces: string): string {
  return encodeURIComponent(replaces);
}
