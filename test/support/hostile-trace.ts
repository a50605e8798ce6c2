import fc from 'fast-check';
import type { TracePacket } from '../../src/trace';
import { hostileText } from './hostile-text';

/** Octets that a stranger may put into a header: text of any kind, and what is no text at all. */
const octets = fc.oneof(
  hostileText.map((text) => Buffer.from(text.replace(/[\r\n]+/g, ' '), 'utf8')),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes.filter((octet) => octet !== 0x0a && octet !== 0x0d))),
);

const hosts = ['127.0.0.11', '127.0.0.12', '127.0.0.13'] as const;

/** One request or response with any octets in a name, a URI, headers and the body. */
const message = fc
  .record({
    start: fc.constantFrom('INVITE sip:bob@127.0.0.12 SIP/2.0', 'REFER sip:bob@127.0.0.12 SIP/2.0', 'NOTIFY sip:a@b SIP/2.0', 'SIP/2.0 200 OK', 'SIP/2.0 486 '),
    reason: octets,
    name: octets,
    user: octets,
    referTo: octets,
    subject: octets,
    body: fc.oneof(octets, fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes))),
    from: fc.nat(2),
    to: fc.nat(2),
    call: fc.nat(2),
    sequence: fc.integer({ min: 1, max: 3 }),
    hasTag: fc.boolean(),
  })
  .map(({ start, reason, name, user, referTo, subject, body, from, to, call, sequence, hasTag }): Omit<TracePacket, 'at'> => {
    const method = /^[A-Z]+ /.exec(start)?.[0].trim() ?? 'INVITE';
    const lines = [
      start.endsWith(' ') ? Buffer.concat([Buffer.from(start), reason]) : Buffer.from(start),
      Buffer.from(`Via: SIP/2.0/UDP ${hosts[from] ?? ''}:5060;branch=z9hG4bK${call}${sequence}`),
      Buffer.concat([Buffer.from('From: "'), name, Buffer.from('" <sip:'), user, Buffer.from(`@${hosts[from] ?? ''}>;tag=f${call}`)]),
      Buffer.concat([Buffer.from('To: <sip:'), user, Buffer.from(`@${hosts[to] ?? ''}>${hasTag ? `;tag=t${call}` : ''}`)]),
      Buffer.from(`Call-ID: call-${call}`),
      Buffer.from(`CSeq: ${sequence} ${method}`),
      Buffer.concat([Buffer.from('Contact: <sip:'), user, Buffer.from(`@${hosts[from] ?? ''}>`)]),
      Buffer.concat([Buffer.from('Refer-To: <sip:'), referTo, Buffer.from('>')]),
      Buffer.concat([Buffer.from('Subject: '), subject]),
      Buffer.from(`Content-Length: ${body.length}`),
      Buffer.alloc(0),
      body,
    ];
    const bytes = Buffer.concat(lines.flatMap((line, index) => (index === lines.length - 1 ? [line] : [line, Buffer.from('\r\n')])));
    return { transport: 'udp', source: { host: hosts[from] ?? '', port: 5060 }, destination: { host: hosts[to] ?? '', port: 5060 }, bytes };
  });

/** The packets of a capture in which nobody means well. */
export const hostileTrace: fc.Arbitrary<readonly TracePacket[]> = fc
  .array(message, { minLength: 1, maxLength: 8 })
  .map((packets) => packets.map((packet, index) => ({ ...packet, at: index * 10 })));
