import type { ByteRange } from '../../core';
import { SipHeaderError, SipSyntaxError } from './errors';
import {
  type CSeq,
  decodeCallId,
  decodeContentType,
  decodeCount,
  decodeCSeq,
  decodeEvent,
  decodeMaxForwards,
  decodeRetryAfter,
  decodeSubscriptionState,
  decodeTokens,
  type EventType,
  type SubscriptionState,
} from './fields';
import { type HeaderName, headerName, names } from './header-name';
import { decodeNameAddr, type NameAddr } from './name-addr';
import type { MessageNote } from './note';
import type { RawHeader } from './raw-header';
import { decodeReplaces, type Replaces } from './replaces';
import { eachElement } from './list';
import { toUnicode, unfold } from './text';
import { decodeUri, type SipUri } from './uri';
import { decodeVia, type Via } from './via';

/** Decodes one value, in latin1 and without white space around it, that stands at `offset` in the message. */
type Decoder<T> = (text: string, offset: number) => T;

/** What the parser and the builder hand over: everything a message is made of, as positions. */
export interface MessageParts {
  readonly bytes: Uint8Array;
  readonly startLineRange: ByteRange;
  readonly version: string;
  readonly headers: readonly RawHeader[];
  readonly bodyRange: ByteRange;
  readonly trailing: ByteRange | undefined;
  readonly notes: readonly MessageNote[];
}

/**
 * What requests and responses have in common. A message keeps its octets; every value is a view of them that is decoded
 * when it is first asked for and kept from then on. A getter of a typed value throws {@link SipHeaderError} when the
 * header is malformed, and for a header every message must have (RFC 3261 section 8.1.1) also when it is missing. Of a
 * repeated single-value header the first counts.
 */
export abstract class MessageBase {
  /** The whole message, never copied: who parsed it must not write into it afterwards. */
  readonly bytes: Uint8Array;
  /** Without the line end. */
  readonly startLineRange: ByteRange;
  /** As written: `SIP/2.0`. */
  readonly version: string;
  readonly headers: readonly RawHeader[];
  readonly bodyRange: ByteRange;
  /** Octets beyond Content-Length, which a datagram may carry and nobody reads (RFC 3261 section 18.3). */
  readonly trailing: ByteRange | undefined;
  readonly notes: readonly MessageNote[];

  #body: Uint8Array | undefined = undefined;
  #callId: string | undefined = undefined;
  #cseq: CSeq | undefined = undefined;
  #from: NameAddr | undefined = undefined;
  #to: NameAddr | undefined = undefined;
  #vias: readonly Via[] | undefined = undefined;
  #contacts: readonly (NameAddr | '*')[] | undefined = undefined;
  #routes: readonly NameAddr[] | undefined = undefined;
  #recordRoutes: readonly NameAddr[] | undefined = undefined;

  constructor(parts: MessageParts) {
    this.bytes = parts.bytes;
    this.startLineRange = parts.startLineRange;
    this.version = parts.version;
    this.headers = parts.headers;
    this.bodyRange = parts.bodyRange;
    this.trailing = parts.trailing;
    this.notes = parts.notes;
  }

  get body(): Uint8Array {
    return (this.#body ??= this.bytes.subarray(this.bodyRange.start, this.bodyRange.end));
  }

  /** The whole value of the first header field of this name (compact or long, any case), unfolded. */
  header(name: string): string | undefined {
    return this.#first(headerName(name))?.value();
  }

  /** All values of all header fields of this name, in order; comma lists are split where the header is one. */
  headerValues(name: string): readonly string[] {
    const wanted = headerName(name);
    const values: string[] = [];
    for (const header of this.headers) {
      if (!header.is(wanted)) continue;
      if (wanted.list) eachElement(header.raw, 0, (element) => values.push(toUnicode(unfold(element))));
      else values.push(header.value());
    }
    return values;
  }

  /** Where the `index`th header field of this name stands, from its name to the end of its value. */
  headerRange(name: string, index = 0): ByteRange | undefined {
    const wanted = headerName(name);
    return this.headers.filter((header) => header.is(wanted))[index]?.range;
  }

  get callId(): string {
    return (this.#callId ??= this.#mandatory(names.callId, decodeCallId));
  }

  get cseq(): CSeq {
    return (this.#cseq ??= this.#mandatory(names.cseq, decodeCSeq));
  }

  get from(): NameAddr {
    return (this.#from ??= this.#mandatory(names.from, decodeNameAddr));
  }

  get to(): NameAddr {
    return (this.#to ??= this.#mandatory(names.to, decodeNameAddr));
  }

  get fromTag(): string | undefined {
    return this.from.tag;
  }

  get toTag(): string | undefined {
    return this.to.tag;
  }

  get vias(): readonly Via[] {
    return (this.#vias ??= this.#list(names.via, decodeVia));
  }

  get topVia(): Via {
    const [top] = this.vias;
    if (top === undefined) throw this.#missing(names.via);
    return top;
  }

  get contacts(): readonly (NameAddr | '*')[] {
    return (this.#contacts ??= this.#list(names.contact, decodeContact));
  }

  /** The first Contact that is an address. */
  get contact(): NameAddr | undefined {
    return this.contacts.find((contact) => contact !== '*');
  }

  get routes(): readonly NameAddr[] {
    return (this.#routes ??= this.#list(names.route, decodeNameAddr));
  }

  get recordRoutes(): readonly NameAddr[] {
    return (this.#recordRoutes ??= this.#list(names.recordRoute, decodeNameAddr));
  }

  /** The way to a registered address, from the registrar on (RFC 3327 section 4). */
  get paths(): readonly NameAddr[] {
    return this.#list(names.path, decodeNameAddr);
  }

  /** The way out for one who registered (RFC 3608 section 4). */
  get serviceRoutes(): readonly NameAddr[] {
    return this.#list(names.serviceRoute, decodeNameAddr);
  }

  get maxForwards(): number | undefined {
    return this.#optional(names.maxForwards, decodeMaxForwards);
  }

  /** Octets, as the header says; `bodyRange` says how many there are. */
  get contentLength(): number | undefined {
    return this.#optional(names.contentLength, decodeCount);
  }

  /** `type/subtype` in lower case, without parameters. */
  get contentType(): string | undefined {
    return this.#optional(names.contentType, decodeContentType);
  }

  get event(): EventType | undefined {
    return this.#optional(names.event, decodeEvent);
  }

  get subscriptionState(): SubscriptionState | undefined {
    return this.#optional(names.subscriptionState, decodeSubscriptionState);
  }

  get referTo(): NameAddr | undefined {
    return this.#optional(names.referTo, decodeNameAddr);
  }

  get referredBy(): NameAddr | undefined {
    return this.#optional(names.referredBy, decodeNameAddr);
  }

  get replaces(): Replaces | undefined {
    return this.#optional(names.replaces, decodeReplaces);
  }

  /** Seconds. */
  get expires(): number | undefined {
    return this.#optional(names.expires, decodeCount);
  }

  /** Seconds. */
  get retryAfter(): number | undefined {
    return this.#optional(names.retryAfter, decodeRetryAfter);
  }

  get supported(): readonly string[] {
    return this.#tokens(names.supported);
  }

  get require(): readonly string[] {
    return this.#tokens(names.require);
  }

  get proxyRequire(): readonly string[] {
    return this.#tokens(names.proxyRequire);
  }

  get allow(): readonly string[] {
    return this.#tokens(names.allow);
  }

  get unsupported(): readonly string[] {
    return this.#tokens(names.unsupported);
  }

  #first(name: HeaderName): RawHeader | undefined {
    for (const header of this.headers) {
      if (header.is(name)) return header;
    }
    return undefined;
  }

  #mandatory<T>(name: HeaderName, decode: Decoder<T>): T {
    const header = this.#first(name);
    if (header === undefined) throw this.#missing(name);
    return decodeAs(name.canonical, decode, header.raw, header.valueStart);
  }

  #optional<T>(name: HeaderName, decode: Decoder<T>): T | undefined {
    const header = this.#first(name);
    return header === undefined ? undefined : decodeAs(name.canonical, decode, header.raw, header.valueStart);
  }

  #list<T>(name: HeaderName, decode: Decoder<T>): readonly T[] {
    const values: T[] = [];
    for (const header of this.headers) {
      if (!header.is(name)) continue;
      const { raw, valueStart } = header;
      if (raw.includes(',')) decodeElements(name, decode, header, values);
      else values.push(decodeAs(name.canonical, decode, raw, valueStart));
    }
    return values;
  }

  #tokens(name: HeaderName): readonly string[] {
    return this.#list(name, decodeTokens).flat();
  }

  #missing(name: HeaderName): SipHeaderError {
    const { start, end } = this.startLineRange;
    return new SipHeaderError(name.canonical, 'missing', `the ${name.canonical} header is missing`, start, end);
  }
}

export class SipRequest extends MessageBase {
  readonly kind = 'request';
  /** A token; its case counts (RFC 3261 section 7.1). */
  readonly method: string;
  /** The Request-URI as written. */
  readonly requestUri: string;
  readonly requestUriRange: ByteRange;
  readonly #uriText: string;
  #uri: SipUri | undefined = undefined;

  /** `uriText` is the Request-URI in latin1, which begins at `uriStart`. */
  constructor(method: string, uriText: string, uriStart: number, parts: MessageParts) {
    super(parts);
    this.method = method;
    this.requestUri = toUnicode(uriText);
    this.requestUriRange = { start: uriStart, end: uriStart + uriText.length };
    this.#uriText = uriText;
  }

  /** The Request-URI. Throws {@link SipHeaderError} with the header `request-uri`. */
  get uri(): SipUri {
    return (this.#uri ??= decodeAs('request-uri', decodeUri, this.#uriText, this.requestUriRange.start));
  }
}

export class SipResponse extends MessageBase {
  readonly kind = 'response';
  /** 100 to 699. */
  readonly status: number;
  readonly reason: string;

  constructor(status: number, reason: string, parts: MessageParts) {
    super(parts);
    this.status = status;
    this.reason = reason;
  }
}

export type SipMessage = SipRequest | SipResponse;

function decodeContact(text: string, offset: number): NameAddr | '*' {
  return text === '*' ? text : decodeNameAddr(text, offset);
}

function decodeElements<T>(name: HeaderName, decode: Decoder<T>, header: RawHeader, values: T[]): void {
  eachElement(header.raw, header.valueStart, (element, offset) => values.push(decodeAs(name.canonical, decode, element, offset)));
}

function decodeAs<T>(header: string, decode: Decoder<T>, text: string, offset: number): T {
  try {
    return decode(text, offset);
  } catch (error) {
    if (!(error instanceof SipSyntaxError)) throw error;
    throw new SipHeaderError(header, error.code, error.message, error.range.start, error.range.end);
  }
}
