import type { ByteRange } from '../../core';
import type {
  Attribute,
  Bandwidth,
  Connection,
  Located,
  Origin,
  ParsedMedia,
  ParsedSession,
  SdpNote,
  Timing,
} from './description';
import { SdpError } from './error';
import { fieldsOf, type Line, splitLines, textOf } from './line';

/** The order of lines in a session and in a media part (RFC 8866 section 9); what may repeat is marked so. */
const sessionOrder = 'vosiuepcbtrzka';
const mediaOrder = 'micbka';
const repeatable = new Set('epbtra');

/**
 * Reads a session description (RFC 8866). It refuses only what it cannot represent; oddities become notes. Ranges count
 * octets; a string is measured as UTF-8.
 *
 * @throws SdpError (CL2003) with the range at fault.
 */
export function parseSdp(body: Uint8Array | string): ParsedSession {
  const bytes = typeof body === 'string' ? Buffer.from(body, 'utf8') : body;
  const notes: SdpNote[] = [];
  const note = (found: SdpNote): void => void notes.push(found);
  const lines = splitLines(bytes, note);
  const all: ByteRange = { start: 0, end: bytes.length };

  const firstMedia = lines.findIndex((line) => line.type === 'm');
  const session = new Section(lines.slice(0, firstMedia === -1 ? undefined : firstMedia), sessionOrder, note);
  const version = session.one('v');
  if (version !== undefined && version.raw.trim() !== '0') {
    throw new SdpError('CL2003', `SDP version ${version.raw} is not 0, the only one there is.`, version.valueRange);
  }
  const origin = session.one('o');
  if (origin === undefined) {
    throw new SdpError('CL2003', 'The o= line is missing: nothing says whose session this is.', all);
  }
  for (const type of ['v', 's', 't']) {
    if (session.one(type) !== undefined) continue;
    note({ code: 'missing-line', range: all, text: `The ${type}= line is missing (RFC 8866 section 5).` });
  }

  return {
    range: all,
    origin: readOrigin(origin),
    name: session.text('s') ?? '-',
    information: session.text('i'),
    uri: session.text('u'),
    emails: session.all('e').map(textOf),
    phones: session.all('p').map(textOf),
    connection: session.all('c').map(readConnection)[0],
    bandwidths: session.all('b').map(readBandwidth),
    timings: readTimings(session.lines),
    zones: session.text('z'),
    key: session.text('k'),
    attributes: session.all('a').map((line) => readAttribute(line, note)),
    media: splitMedia(firstMedia === -1 ? [] : lines.slice(firstMedia)).map((part) => readMedia(part, note)),
    notes,
  };
}

/** The lines of the session part or of one media part, with the notes on their order and number. */
class Section {
  readonly lines: readonly Line[];

  constructor(lines: readonly Line[], order: string, note: (note: SdpNote) => void) {
    this.lines = lines;
    let last = 0;
    const seen = new Set<string>();
    for (const line of lines) {
      const place = order.indexOf(line.type);
      if (place === -1) {
        // RFC 8866 section 5 would ignore the whole description; a lab shows it and goes on.
        note({
          code: 'unknown-line',
          range: line.range,
          text: `${line.type}= means nothing here (RFC 8866 section 5).`,
        });
        continue;
      }
      // r= may follow each t=, and a media part may have several c= (RFC 8866 section 9).
      const mayRepeat = repeatable.has(line.type) || (line.type === 'c' && order === mediaOrder);
      if (seen.has(line.type) && !mayRepeat) {
        note({ code: 'repeated-line', range: line.range, text: `A second ${line.type}= line; the first one counts.` });
      }
      const backToTimes = line.type === 't' && order[last] === 'r';
      if (place < last && !backToTimes) {
        note({ code: 'out-of-order', range: line.range, text: `${line.type}= stands too late (RFC 8866 section 5).` });
      } else {
        last = place;
      }
      seen.add(line.type);
    }
  }

  all(type: string): Line[] {
    return this.lines.filter((line) => line.type === type);
  }

  one(type: string): Line | undefined {
    return this.lines.find((line) => line.type === type);
  }

  text(type: string): string | undefined {
    const line = this.one(type);
    return line === undefined ? undefined : textOf(line);
  }
}

function splitMedia(lines: readonly Line[]): Line[][] {
  const parts: Line[][] = [];
  for (const line of lines) {
    if (line.type === 'm') parts.push([line]);
    else parts.at(-1)?.push(line);
  }
  return parts;
}

function readOrigin(line: Line): Located<Origin> {
  const [username, sessionId, sessionVersion, networkType, addressType, address, ...rest] = fieldsOf(line);
  if (!username || !sessionId || !sessionVersion || !networkType || !addressType || !address || rest.length > 0) {
    throw new SdpError('CL2003', 'An o= line has six parts: user, id, version, IN, IP4 or IP6, address.', line.range);
  }
  return {
    username: username.text,
    sessionId: sessionId.text,
    sessionVersion: sessionVersion.text,
    networkType: networkType.text,
    addressType: addressType.text,
    address: address.text,
    range: line.range,
  };
}

function readConnection(line: Line): Located<Connection> {
  const [networkType, addressType, address, ...rest] = fieldsOf(line);
  if (!networkType || !addressType || !address || rest.length > 0) {
    throw new SdpError('CL2003', 'A c= line has three parts: IN, IP4 or IP6, address.', line.range);
  }
  return { networkType: networkType.text, addressType: addressType.text, address: address.text, range: line.range };
}

function readBandwidth(line: Line): Located<Bandwidth> {
  const colon = line.raw.indexOf(':');
  if (colon === -1) throw new SdpError('CL2003', 'A b= line is a type, ":", and a number.', line.range);
  return { type: line.raw.slice(0, colon), value: line.raw.slice(colon + 1), range: line.range };
}

function readTimings(lines: readonly Line[]): Timing[] {
  const timings: { start: string; stop: string; repeats: string[] }[] = [];
  for (const line of lines) {
    if (line.type === 'r') timings.at(-1)?.repeats.push(textOf(line));
    if (line.type !== 't') continue;
    const [start, stop, ...rest] = fieldsOf(line);
    if (!start || !stop || rest.length > 0) {
      throw new SdpError('CL2003', 'A t= line has two parts: start and stop.', line.range);
    }
    timings.push({ start: start.text, stop: stop.text, repeats: [] });
  }
  return timings;
}

function readAttribute(line: Line, note: (note: SdpNote) => void): Located<Attribute> {
  const text = textOf(line);
  const colon = text.indexOf(':');
  const name = colon === -1 ? text : text.slice(0, colon);
  if (!/^[!#$%&'*+\-.^_`{|}~0-9A-Za-z]+$/.test(name)) {
    note({ code: 'attribute', range: line.range, text: 'The name of an attribute is a token (RFC 8866 section 9).' });
  }
  return { name, value: colon === -1 ? undefined : text.slice(colon + 1), range: line.range };
}

function readMedia(lines: readonly Line[], note: (note: SdpNote) => void): ParsedMedia {
  const section = new Section(lines, mediaOrder, note);
  const line = section.one('m');
  const [media, port, protocol, ...formats] = line === undefined ? [] : fieldsOf(line);
  // RFC 8866 section 5.14: at least one format follows, even where port 0 refuses the stream (RFC 3264 section 6).
  if (!line || !media || !port || !protocol || formats.length === 0) {
    const range = line?.range ?? { start: 0, end: 0 };
    throw new SdpError('CL2003', 'An m= line has at least four parts: media, port, protocol, formats.', range);
  }
  const ports = /^(\d{1,5})(?:\/(\d{1,5}))?$/.exec(port.text);
  if (ports === null || Number(ports[1]) > 65_535) {
    throw new SdpError('CL2003', `${port.text} is not a port: 0 to 65535, or port/count.`, port.range);
  }
  return {
    range: line.range,
    portRange: port.range,
    protocolRange: protocol.range,
    media: media.text,
    port: Number(ports[1]),
    portCount: ports[2] === undefined ? undefined : Number(ports[2]),
    protocol: protocol.text,
    formats: formats.map((format) => format.text),
    information: section.text('i'),
    connections: section.all('c').map(readConnection),
    bandwidths: section.all('b').map(readBandwidth),
    key: section.text('k'),
    attributes: section.all('a').map((each) => readAttribute(each, note)),
  };
}
