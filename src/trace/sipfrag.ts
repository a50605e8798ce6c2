import type { SipMessage } from '../sip';

export interface StatusLine {
  readonly status: number;
  readonly reason: string;
}

/**
 * The status line of a message/sipfrag body (RFC 3420, RFC 3515 section 2.4.5): its first line and no more, whatever
 * line ends and headers a peer adds. Undefined when it holds none.
 */
export function readSipfrag(sip: SipMessage): StatusLine | undefined {
  const [line = ''] = new TextDecoder()
    .decode(sip.body.subarray(0, 512))
    .trimStart()
    .split(/\r\n|\n|\r/, 1);
  const match = /^SIP\/\d\.\d\s+([1-6]\d\d)(?:\s+(.*))?$/i.exec(line);
  return match === null ? undefined : { status: Number(match[1]), reason: (match[2] ?? '').trim() };
}
