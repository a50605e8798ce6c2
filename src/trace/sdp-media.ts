import { canonicalHost, type SocketAddress } from '../net';
import type { SipMessage } from '../sip';

/** The direction that a media description has in words (RFC 4566 section 6). */
export type SaidDirection = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** One media description of an SDP, as far as a trace needs it. */
export interface SdpMedia {
  /** `audio`, `video`, ... */
  readonly kind: string;
  /** Where who wrote the SDP wants it; undefined when it says nowhere. As written. */
  readonly host: string | undefined;
  /** 0 is no stream (RFC 3264 section 5.1). */
  readonly port: number;
  /** `RTP/AVP`, `RTP/SAVP`, `udptl`, ... */
  readonly protocol: string;
  readonly direction: SaidDirection;
  /** The encoding names of its payload types, in capitals, as far as it gives them (RFC 4566 section 6, rtpmap). */
  readonly encodings: ReadonlyMap<number, string>;
  /** Further addresses where it may be wanted (RFC 8839 section 5.1): those of ICE. */
  readonly candidates: readonly SocketAddress[];
  /** Whether who wrote it may send nothing at all while its user says nothing. */
  readonly mayFallSilent: boolean;
}

interface Section {
  readonly kind: string;
  readonly port: number;
  readonly protocol: string;
  readonly formats: readonly number[];
  host: string | undefined;
  direction: SaidDirection | undefined;
  readonly encodings: Map<number, string>;
  readonly candidates: SocketAddress[];
  readonly parameters: string[];
}

const decoder = new TextDecoder();

/** Encodings that have silence suppression of their own. */
const discontinuous: ReadonlySet<string> = new Set(['CN', 'G723', 'AMR', 'AMR-WB', 'EVS', 'SILK']);
const staticCn = 13;
const staticG729 = 18;
const mostDescriptions = 64;
const mostCandidates = 32;

/**
 * The media descriptions of a message. Reads what it needs and no more: a trace must make sense of SDP that an endpoint would
 * refuse.
 */
export function readSdpMedia(sip: SipMessage): readonly SdpMedia[] {
  if (sip.body.length === 0) return [];
  const session = section('', 0, '', []);
  const sections: Section[] = [];
  let current = session;
  for (const line of decoder.decode(sip.body).split(/\r\n|\n|\r/)) {
    if (line.startsWith('m=')) {
      current = describe(line);
      if (sections.length < mostDescriptions) sections.push(current);
    } else {
      readLine(line, current);
    }
  }
  return sections.map((one) => ({
    kind: one.kind,
    host: one.host ?? session.host,
    port: one.port,
    protocol: one.protocol,
    direction: one.direction ?? session.direction ?? 'sendrecv',
    encodings: one.encodings,
    candidates: one.candidates,
    mayFallSilent: mayFallSilent(one),
  }));
}

function section(kind: string, port: number, protocol: string, formats: readonly number[]): Section {
  return { kind, port, protocol, formats, host: undefined, direction: undefined, encodings: new Map<number, string>(), candidates: [], parameters: [] };
}

function describe(line: string): Section {
  const [, kind = '', port = '0', protocol = '', formats = ''] = /^m=(\S+) (\d{1,5})\b(?:\/\d+)?(?: (\S+))?(?: (.*))?$/.exec(line) ?? [];
  return section(kind, Number(port), protocol, formats.trim().split(/\s+/).map(Number).filter(Number.isInteger));
}

function readLine(line: string, into: Section): void {
  if (line.startsWith('c=')) {
    into.host ??= /^c=IN IP[46] ([^\s/]+)/.exec(line)?.[1];
    return;
  }
  if (!line.startsWith('a=')) return;
  const [, name = '', value = ''] = /^a=([\w-]+):?(.*)$/.exec(line) ?? [];
  if (isDirection(name)) into.direction = name;
  else if (name !== '') readAttribute(name, value, into);
}

function readAttribute(name: string, value: string, into: Section): void {
  switch (name) {
    case 'rtpmap': {
      const [, type, encoding = ''] = /^(\d{1,3}) ([^\s/]+)/.exec(value) ?? [];
      if (type !== undefined) into.encodings.set(Number(type), encoding.toUpperCase());
      break;
    }
    case 'fmtp':
    case 'silenceSupp':
      if (into.parameters.length < mostDescriptions) into.parameters.push(`${name}:${value.trim()}`);
      break;
    case 'candidate': {
      const candidate = readCandidate(value);
      if (candidate !== undefined && into.candidates.length < mostCandidates) into.candidates.push(candidate);
      break;
    }
  }
}

function isDirection(name: string): name is SaidDirection {
  return name === 'sendrecv' || name === 'sendonly' || name === 'recvonly' || name === 'inactive';
}

/** Component 1 is RTP; a name instead of an address is looked up by nobody here (RFC 8839 section 5.1). */
function readCandidate(value: string): SocketAddress | undefined {
  const [, host = '', port = ''] = /^\S+ 1 udp \d+ (\S+) (\d{1,5}) typ /i.exec(value) ?? [];
  const canonical = canonicalHost(host);
  return canonical === undefined ? undefined : { host: canonical, port: Number(port) };
}

function mayFallSilent({ formats, encodings, parameters }: Section): boolean {
  if (formats.some((type) => type === staticCn || discontinuous.has(encodings.get(type) ?? ''))) return true;
  if (parameters.some((text) => /usedtx=1|^silenceSupp:on/i.test(text))) return true;
  // Annex B is on unless it is refused (RFC 4856 section 2.1.9).
  const g729 = formats.filter((type) => type === staticG729 || encodings.get(type) === 'G729');
  return g729.some((type) => !parameters.some((text) => text.startsWith(`fmtp:${type} `) && /annexb=no/i.test(text)));
}
