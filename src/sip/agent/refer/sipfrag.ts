/** The outcome a NOTIFY of a REFER tells: the status line of its message/sipfrag body (RFC 3420, RFC 3515 section 2.4.5). */
export interface Sipfrag {
  readonly status: number;
  readonly reason: string;
}

export const sipfragContentType = 'message/sipfrag;version=2.0';

/** Reads the first line only, whatever its line end; undefined when it is no status line. */
export function parseSipfrag(body: Uint8Array): Sipfrag | undefined {
  const firstLine = Buffer.from(body).toString('utf8').split(/[\r\n]/u, 1)[0] ?? '';
  const match = /^SIP\/2\.0 +(?<status>[1-6]\d\d)(?: (?<reason>.*))?$/iu.exec(firstLine);
  const status = match?.groups?.['status'];
  return status === undefined ? undefined : { status: Number(status), reason: match?.groups?.['reason'] ?? '' };
}

/** The status line alone: more would tell the transferor things about the target (RFC 3515 section 5.3). */
export function formatSipfrag(frag: Sipfrag): string {
  return `SIP/2.0 ${String(frag.status)} ${frag.reason}\r\n`;
}
