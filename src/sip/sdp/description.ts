import type { ByteRange } from '../../core';

/** `o=` (RFC 8866 section 5.2). The numbers stay text: they may need 64 bits. */
export interface Origin {
  readonly username: string;
  readonly sessionId: string;
  readonly sessionVersion: string;
  readonly networkType: string;
  readonly addressType: string;
  readonly address: string;
}

/** `c=` (RFC 8866 section 5.7). A multicast suffix (`/127`) stays part of the address. */
export interface Connection {
  readonly networkType: string;
  readonly addressType: string;
  readonly address: string;
}

/** `b=` (RFC 8866 section 5.8), in the unit that its type defines, mostly kbit/s. */
export interface Bandwidth {
  readonly type: string;
  readonly value: string;
}

/** `t=` with the `r=` lines that belong to it (RFC 8866 sections 5.9 and 5.10). */
export interface Timing {
  readonly start: string;
  readonly stop: string;
  readonly repeats: readonly string[];
}

/** `a=name` or `a=name:value` (RFC 8866 section 5.13). */
export interface Attribute {
  readonly name: string;
  readonly value: string | undefined;
}

/**
 * One `m=` line and what follows it (RFC 8866 section 5.14). Port 0 refuses or removes the stream (RFC 3264 section 6).
 */
export interface MediaDescription {
  readonly media: string;
  readonly port: number;
  /** The number of port pairs, as in `49170/2`. */
  readonly portCount: number | undefined;
  readonly protocol: string;
  readonly formats: readonly string[];
  readonly information: string | undefined;
  readonly connections: readonly Connection[];
  readonly bandwidths: readonly Bandwidth[];
  readonly key: string | undefined;
  readonly attributes: readonly Attribute[];
}

/** A session description, every line of RFC 8866 in its place. */
export interface SessionDescription {
  readonly origin: Origin;
  readonly name: string;
  readonly information: string | undefined;
  readonly uri: string | undefined;
  readonly emails: readonly string[];
  readonly phones: readonly string[];
  readonly connection: Connection | undefined;
  readonly bandwidths: readonly Bandwidth[];
  readonly timings: readonly Timing[];
  readonly zones: string | undefined;
  readonly key: string | undefined;
  readonly attributes: readonly Attribute[];
  readonly media: readonly MediaDescription[];
}

/** Something read, and the octets it was read from. */
export type Located<T> = T & { readonly range: ByteRange };

/** A media description as read; the range covers the `m=` line alone. */
export interface ParsedMedia extends MediaDescription {
  readonly range: ByteRange;
  readonly portRange: ByteRange;
  readonly protocolRange: ByteRange;
  readonly connections: readonly Located<Connection>[];
  readonly bandwidths: readonly Located<Bandwidth>[];
  readonly attributes: readonly Located<Attribute>[];
}

/** An oddity that was tolerated. The code never changes its meaning. */
export interface SdpNote {
  readonly code:
    'bare-lf' | 'blank-line' | 'missing-line' | 'repeated-line' | 'unknown-line' | 'out-of-order' | 'attribute';
  readonly range: ByteRange;
  readonly text: string;
}

/** A session description as read: each value knows its octets, and what was odd is noted. */
export interface ParsedSession extends SessionDescription {
  readonly range: ByteRange;
  readonly origin: Located<Origin>;
  readonly connection: Located<Connection> | undefined;
  readonly bandwidths: readonly Located<Bandwidth>[];
  readonly attributes: readonly Located<Attribute>[];
  readonly media: readonly ParsedMedia[];
  readonly notes: readonly SdpNote[];
}
