import type { Attribute, Bandwidth, Connection, MediaDescription, SessionDescription } from './description';

/** Writes a session description, its lines in the order of RFC 8866 section 5, each ended by CRLF. */
export function formatSdp(session: SessionDescription): string {
  const { origin } = session;
  const lines = [
    'v=0',
    `o=${origin.username} ${origin.sessionId} ${origin.sessionVersion} ${formatConnection(origin)}`,
    `s=${session.name}`,
    ...optional('i', session.information),
    ...optional('u', session.uri),
    ...session.emails.map((email) => `e=${email}`),
    ...session.phones.map((phone) => `p=${phone}`),
    ...optional('c', session.connection && formatConnection(session.connection)),
    ...session.bandwidths.map(formatBandwidth),
    ...session.timings.flatMap(({ start, stop, repeats }) => [
      `t=${start} ${stop}`,
      ...repeats.map((repeat) => `r=${repeat}`),
    ]),
    ...optional('z', session.zones),
    ...optional('k', session.key),
    ...session.attributes.map(formatAttribute),
    ...session.media.flatMap(formatMedia),
  ];
  return lines.map((line) => `${line}\r\n`).join('');
}

function formatMedia(media: MediaDescription): string[] {
  const port = media.portCount === undefined ? String(media.port) : `${media.port}/${media.portCount}`;
  return [
    `m=${media.media} ${port} ${media.protocol} ${media.formats.join(' ')}`,
    ...optional('i', media.information),
    ...media.connections.map((connection) => `c=${formatConnection(connection)}`),
    ...media.bandwidths.map(formatBandwidth),
    ...optional('k', media.key),
    ...media.attributes.map(formatAttribute),
  ];
}

function formatConnection({ networkType, addressType, address }: Connection): string {
  return `${networkType} ${addressType} ${address}`;
}

function formatBandwidth({ type, value }: Bandwidth): string {
  return `b=${type}:${value}`;
}

function formatAttribute({ name, value }: Attribute): string {
  return value === undefined ? `a=${name}` : `a=${name}:${value}`;
}

function optional(type: string, value: string | undefined): string[] {
  return value === undefined ? [] : [`${type}=${value}`];
}
