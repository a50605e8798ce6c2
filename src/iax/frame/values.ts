/** An IPv4 address as APPARENT ADDR carries it (reference section 2.5). */
export interface ApparentAddress {
  readonly host: string;
  readonly port: number;
}

/** A moment as IAX2 writes it: without a zone, in steps of two seconds (RFC 5456 section 8.6.28). */
export interface IaxDateTime {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

/** Receiver report of loss (RFC 5456 section 8.6.35). */
export interface LossReport {
  /** Of 100. */
  readonly percent: number;
  /** Packets lost since the call began, modulo 2^24. */
  readonly count: number;
}

/** A codec mask of 64 bits with the version of its encoding, which is 0. */
export interface WideMask {
  readonly version: number;
  readonly mask: bigint;
}

const addressLength = 16;

/**
 * Reads a `sockaddr_in` of whatever machine wrote it: the family comes as `02 00`, `00 02` or, with a length octet before
 * it, `10 02`. Undefined for anything else, IPv6 among it, which we do not serve.
 */
export function readAddress(data: Uint8Array): ApparentAddress | undefined {
  if (data.length !== addressLength) return undefined;
  const family = `${String(data[0])} ${String(data[1])}`;
  if (family !== '2 0' && family !== '0 2' && family !== '16 2') return undefined;
  const view = viewOf(data);
  return { host: [...data.subarray(4, 8)].join('.'), port: view.getUint16(2) };
}

/** As a little-endian machine writes it, which is what nearly everybody expects (reference section 2.5). */
export function writeAddress({ host, port }: ApparentAddress): Uint8Array {
  const parts = host.split('.').map(Number);
  if (parts.length !== 4 || parts.some((part) => !Number.isInteger(part) || part < 0 || part > 255)) {
    throw new RangeError(`${host} is no IPv4 address`);
  }
  return Uint8Array.from([2, 0, port >>> 8, port & 0xff, ...parts, 0, 0, 0, 0, 0, 0, 0, 0]);
}

export function readDateTime(packed: number): IaxDateTime {
  return {
    year: 2000 + (packed >>> 25),
    month: (packed >>> 21) & 0x0f,
    day: (packed >>> 16) & 0x1f,
    hour: (packed >>> 11) & 0x1f,
    minute: (packed >>> 5) & 0x3f,
    second: 2 * (packed & 0x1f),
  };
}

export function packDateTime({ year, month, day, hour, minute, second }: IaxDateTime): number {
  return (((year - 2000) << 25) | (month << 21) | (day << 16) | (hour << 11) | (minute << 5) | (second >>> 1)) >>> 0;
}

/** A number of up to four octets, the highest first. Quicker than a view for the few that a frame has. */
export function readNumber(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at += 1) value = value * 0x100 + (bytes[at] ?? 0);
  return value;
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
