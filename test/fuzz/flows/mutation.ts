/** Which message of a flow: the `ordinal`-th (from 1) that has this label, `alice>bob INVITE` or `bob>alice 200 INVITE`. */
export interface MessagePlace {
  readonly label: string;
  readonly ordinal: number;
}

/** A request that its sender never made, in the dialog of one that it did make, or a response that nobody gave. */
export interface ForgedRequest {
  readonly kind: 'forge-request';
  readonly method: string;
  /** Added to the number of the message it is made from. */
  readonly ahead: number;
  /** Whether it comes from the other side of the dialog. */
  readonly turned: boolean;
  readonly headers: readonly string[];
  readonly body: string;
  /** Milliseconds after the message it is made from. */
  readonly after: number;
}

export interface ForgedResponse {
  readonly kind: 'forge-response';
  readonly status: number;
  /** The To tag; undefined keeps what the request has. */
  readonly toTag?: string;
  readonly headers: readonly string[];
  readonly body: string;
  readonly after: number;
}

/** What the wire does to one message, as data: a failing flow replays from it. Times are in milliseconds. */
export type Mutation =
  | { readonly kind: 'drop' }
  /** Also every repeat of the same octets. */
  | { readonly kind: 'lose' }
  /** The receiver's host hears nothing for so long. */
  | { readonly kind: 'deafen'; readonly during: number }
  | { readonly kind: 'duplicate'; readonly after: number }
  | { readonly kind: 'delay'; readonly by: number }
  /** An earlier message of whichever flow comes once more, to the receiver of this one. */
  | { readonly kind: 'replay'; readonly of: MessagePlace }
  /** It arrives after the next message of the same sender. */
  | { readonly kind: 'swap' }
  | { readonly kind: 'misdeliver'; readonly to: string }
  | { readonly kind: 'start-line'; readonly line: string }
  | { readonly kind: 'set-field'; readonly name: string; readonly value: string }
  | { readonly kind: 'remove-field'; readonly name: string }
  | { readonly kind: 'repeat-field'; readonly name: string }
  /** The field of that name, or for `body` the body, of an earlier message of whichever flow. */
  | { readonly kind: 'splice'; readonly of: MessagePlace; readonly part: string }
  | { readonly kind: 'octets'; readonly at: number; readonly remove: number; readonly insert: string }
  | { readonly kind: 'body'; readonly body: string }
  | ForgedRequest
  | ForgedResponse;

export interface PlacedMutation extends MessagePlace {
  readonly mutation: Mutation;
}

/** A message as lines, to change one and leave the others as they are. */
export class MessageText {
  readonly start: string;
  readonly lines: readonly string[];
  readonly body: string;

  constructor(start: string, lines: readonly string[], body: string) {
    this.start = start;
    this.lines = lines;
    this.body = body;
  }

  static of(bytes: Uint8Array): MessageText {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
    const end = text.indexOf('\r\n\r\n');
    const [start = '', ...lines] = (end < 0 ? text : text.slice(0, end)).split('\r\n');
    return new MessageText(start, lines, end < 0 ? '' : text.slice(end + 4));
  }

  get bytes(): Uint8Array {
    return Buffer.from([this.start, ...this.lines, '', this.body].join('\r\n'), 'latin1');
  }

  /** The value of the first field of that name, `''` where there is none. */
  value(name: string): string {
    const line = this.lines.find((each) => isField(each, name));
    return line === undefined ? '' : line.slice(line.indexOf(':') + 1).trim();
  }

  withStart(start: string): MessageText {
    return new MessageText(start, this.lines, this.body);
  }

  /** With another value in the first field of that name, or with the field where there was none. */
  withField(name: string, value: string): MessageText {
    const at = this.lines.findIndex((line) => isField(line, name));
    const line = `${name}: ${value}`;
    return new MessageText(this.start, at < 0 ? [...this.lines, line] : this.lines.with(at, line), this.body);
  }

  withoutField(name: string): MessageText {
    return new MessageText(this.start, this.lines.filter((line) => !isField(line, name)), this.body);
  }

  repeatingField(name: string): MessageText {
    const line = this.lines.find((each) => isField(each, name));
    return line === undefined ? this : new MessageText(this.start, [...this.lines, line], this.body);
  }

  /** With another body, and the length that it has. */
  withBody(body: string): MessageText {
    return new MessageText(this.start, this.lines, body).withField('Content-Length', String(body.length));
  }
}

function isField(line: string, name: string): boolean {
  return line.length > name.length && line[name.length] === ':' && line.slice(0, name.length).toLowerCase() === name.toLowerCase();
}

/** The message after a mutation that changes what it says; the others leave it as it is. */
export function changeMessage(bytes: Uint8Array, mutation: Mutation, find: (place: MessagePlace) => Uint8Array | undefined): Uint8Array {
  switch (mutation.kind) {
    case 'start-line':
      return MessageText.of(bytes).withStart(mutation.line).bytes;
    case 'set-field':
      return MessageText.of(bytes).withField(mutation.name, mutation.value).bytes;
    case 'remove-field':
      return MessageText.of(bytes).withoutField(mutation.name).bytes;
    case 'repeat-field':
      return MessageText.of(bytes).repeatingField(mutation.name).bytes;
    case 'body':
      return MessageText.of(bytes).withBody(mutation.body).bytes;
    case 'octets': {
      const { at, remove, insert } = mutation;
      return Buffer.concat([bytes.subarray(0, at), Buffer.from(insert, 'latin1'), bytes.subarray(at + remove)]);
    }
    case 'splice': {
      const other = find(mutation.of);
      if (other === undefined) return bytes;
      const [own, source] = [MessageText.of(bytes), MessageText.of(other)];
      if (mutation.part === 'body') return own.withBody(source.body).bytes;
      return own.withField(mutation.part, source.value(mutation.part)).bytes;
    }
    default:
      return bytes;
  }
}

/** The request that `forged` makes out of a message of its dialog. */
export function forgeRequest(bytes: Uint8Array, { method, ahead, turned, headers, body }: ForgedRequest, branch: string): Uint8Array {
  const model = MessageText.of(bytes);
  const isRequest = !model.start.startsWith('SIP/2.0');
  // A response has the From of its receiver.
  const isFromSender = isRequest !== turned;
  const uri = isRequest && !turned ? (model.start.split(' ')[1] ?? '') : uriIn(model.value('Contact'));
  const [number = '1'] = model.value('CSeq').split(' ');
  return new MessageText(
    `${method} ${uri === '' ? uriIn(model.value(isFromSender ? 'To' : 'From')) : uri} SIP/2.0`,
    [
      `Via: ${model.value('Via').replace(/branch=[^;,]*/u, `branch=${branch}`)}`,
      'Max-Forwards: 70',
      `From: ${model.value(isFromSender ? 'From' : 'To')}`,
      `To: ${model.value(isFromSender ? 'To' : 'From')}`,
      `Call-ID: ${model.value('Call-ID')}`,
      `CSeq: ${String(Number(number) + ahead)} ${method}`,
      ...headers,
    ],
    '',
  ).withBody(body).bytes;
}

/** A response to `request` that nobody gave. Undefined when it is a response itself. */
export function forgeResponse(request: Uint8Array, { status, toTag, headers, body }: ForgedResponse): Uint8Array | undefined {
  const model = MessageText.of(request);
  if (model.start.startsWith('SIP/2.0')) return undefined;
  const to = model.value('To');
  const copied = model.lines.filter((line) => isField(line, 'Via') || isField(line, 'From') || isField(line, 'Call-ID') || isField(line, 'CSeq'));
  const tagged = toTag === undefined ? to : `${to.replace(/;tag=[^;]*/u, '')};tag=${toTag}`;
  return new MessageText(`SIP/2.0 ${String(status)} Forged`, [...copied, `To: ${tagged}`, ...headers], '').withBody(body).bytes;
}

function uriIn(value: string): string {
  return /<(?<uri>[^>]*)>/u.exec(value)?.groups?.['uri'] ?? '';
}
