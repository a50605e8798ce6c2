import type { ByteRange } from '../core';

/** Why octets are no RTP packet. The code never changes its meaning. */
export interface RtpProblem {
  readonly code: 'rtp-short' | 'rtp-version' | 'rtp-csrc' | 'rtp-extension' | 'rtp-padding';
  readonly range: ByteRange;
  readonly text: string;
}

/** What an RTP packet carries, for {@link buildRtp}. */
export interface RtpParts {
  readonly payloadType: number;
  readonly sequence: number;
  readonly timestamp: number;
  readonly ssrc: number;
  readonly payload: Uint8Array;
  readonly marker?: boolean;
  readonly csrcs?: readonly number[];
  /** The length of `data` is a multiple of four. */
  readonly extension?: { readonly profile: number; readonly data: Uint8Array };
  /** Octets of padding to add, its own count among them: 0 to 255. */
  readonly padding?: number;
}

const fixedHeader = 12;

/** A view of an RTP packet (RFC 3550 section 5.1) whose lengths have been checked; fields are read when asked for. */
export class RtpPacket {
  readonly bytes: Uint8Array;
  /** Where the payload begins and ends in `bytes`. */
  readonly payloadRange: ByteRange;

  private constructor(bytes: Uint8Array, payloadRange: ByteRange) {
    this.bytes = bytes;
    this.payloadRange = payloadRange;
  }

  /** `undefined` for what is no RTP packet; {@link findRtpProblem} says why. Never throws. */
  static parse(bytes: Uint8Array): RtpPacket | undefined {
    const measured = measure(bytes);
    return 'code' in measured ? undefined : new RtpPacket(bytes, measured);
  }

  get marker(): boolean {
    return (this.#octet(1) & 0x80) !== 0;
  }

  get payloadType(): number {
    return this.#octet(1) & 0x7f;
  }

  get sequence(): number {
    return (this.#octet(2) << 8) | this.#octet(3);
  }

  /** In samples, modulo 2^32. */
  get timestamp(): number {
    return this.#word(4);
  }

  get ssrc(): number {
    return this.#word(8);
  }

  get csrcs(): readonly number[] {
    return Array.from({ length: this.#octet(0) & 0x0f }, (_, index) => this.#word(fixedHeader + 4 * index));
  }

  /** The header extension (RFC 3550 section 5.3.1). */
  get extension(): { readonly profile: number; readonly data: Uint8Array; readonly range: ByteRange } | undefined {
    if ((this.#octet(0) & 0x10) === 0) return undefined;
    const start = fixedHeader + 4 * (this.#octet(0) & 0x0f);
    const range = { start, end: this.payloadRange.start };
    return { profile: this.#word(start) >>> 16, data: this.bytes.subarray(start + 4, range.end), range };
  }

  get headerRange(): ByteRange {
    return { start: 0, end: this.payloadRange.start };
  }

  get payload(): Uint8Array {
    return this.bytes.subarray(this.payloadRange.start, this.payloadRange.end);
  }

  /** Empty when the packet has no padding. */
  get paddingRange(): ByteRange {
    return { start: this.payloadRange.end, end: this.bytes.length };
  }

  #octet(at: number): number {
    return this.bytes[at] ?? 0;
  }

  #word(at: number): number {
    return wordAt(this.bytes, at);
  }
}

/** What is wrong with octets that {@link RtpPacket.parse} refuses; `undefined` when nothing is. */
export function findRtpProblem(bytes: Uint8Array): RtpProblem | undefined {
  const measured = measure(bytes);
  return 'code' in measured ? measured : undefined;
}

/** The octets of an RTP packet (RFC 3550 section 5.1). Numbers are cut to the width of their fields. */
export function buildRtp(parts: RtpParts): Uint8Array {
  const { payload, csrcs = [], extension, padding = 0 } = parts;
  const extensionLength = extension === undefined ? 0 : 4 + extension.data.length;
  const payloadStart = fixedHeader + 4 * csrcs.length + extensionLength;
  const bytes = new Uint8Array(payloadStart + payload.length + padding);
  bytes[0] = 0x80 | (padding > 0 ? 0x20 : 0) | (extension === undefined ? 0 : 0x10) | (csrcs.length & 0x0f);
  bytes[1] = (parts.marker === true ? 0x80 : 0) | (parts.payloadType & 0x7f);
  bytes[2] = parts.sequence >>> 8;
  bytes[3] = parts.sequence;
  setWord(bytes, 4, parts.timestamp);
  setWord(bytes, 8, parts.ssrc);
  csrcs.forEach((csrc, index) => setWord(bytes, fixedHeader + 4 * index, csrc));
  if (extension !== undefined) {
    const start = payloadStart - extensionLength;
    setWord(bytes, start, (extension.profile << 16) | (extension.data.length / 4));
    bytes.set(extension.data, start + 4);
  }
  bytes.set(payload, payloadStart);
  if (padding > 0) bytes[bytes.length - 1] = padding;
  return bytes;
}

/** The range of the payload, or what is wrong: the checks of RFC 3550 appendix A.1 that need no state. */
function measure(bytes: Uint8Array): ByteRange | RtpProblem {
  const end = bytes.length;
  const [first = 0] = bytes;
  if (end < fixedHeader) return problem('rtp-short', 0, end, `${end} octets are less than an RTP header has.`);
  if (first >> 6 !== 2) return problem('rtp-version', 0, 1, `RTP version ${first >> 6} is not 2.`);
  let start = fixedHeader + 4 * (first & 0x0f);
  if (start > end) return problem('rtp-csrc', fixedHeader, end, 'The packet ends within its list of sources.');
  if (first & 0x10) {
    if (start + 4 > end) return problem('rtp-extension', start, end, 'The packet ends within its header extension.');
    const afterExtension = start + 4 + 4 * (wordAt(bytes, start) & 0xffff);
    if (afterExtension > end) {
      return problem('rtp-extension', start, end, 'The packet ends within its header extension.');
    }
    start = afterExtension;
  }
  if ((first & 0x20) === 0) return { start, end };
  const padding = start < end ? (bytes[end - 1] ?? 0) : 0;
  if (padding === 0 || padding > end - start) {
    return problem(
      'rtp-padding',
      Math.min(start, end - 1),
      end,
      'The padding is longer than the payload, or none at all.',
    );
  }
  return { start, end: end - padding };
}

function problem(code: RtpProblem['code'], start: number, end: number, text: string): RtpProblem {
  return { code, range: { start, end }, text };
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)) >>> 0
  );
}

function setWord(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}
