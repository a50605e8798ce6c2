import type { SipMessage } from '../message';

/** What is to be different in a message. */
export interface Rewriting {
  readonly startLine?: string;
  /** By name in lower case; undefined takes the header away. One that is not there is added. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: string;
}

const decoder = new TextDecoder('latin1');

/**
 * The octets of a message with some of it changed; the rest stays as it was written. Of several fields of one name the
 * first is changed and the others go. Content-Length follows the body.
 */
export function rewrite(message: SipMessage, { startLine, headers = {}, body }: Rewriting): Uint8Array {
  const text = decoder.decode(message.bytes);
  const newBody = body ?? text.slice(message.bodyRange.start, message.bodyRange.end);
  const wanted = new Map<string, string | undefined>(Object.entries({ ...headers, 'content-length': String(newBody.length) }));
  const written = new Set<string>();
  const lines = [startLine ?? text.slice(message.startLineRange.start, message.startLineRange.end)];
  for (const { canonical, name, range } of message.headers) {
    if (!wanted.has(canonical)) {
      lines.push(text.slice(range.start, range.end));
      continue;
    }
    const value = wanted.get(canonical);
    if (value !== undefined && !written.has(canonical)) lines.push(`${name}: ${value}`);
    written.add(canonical);
  }
  for (const [name, value] of wanted) if (value !== undefined && !written.has(name)) lines.push(`${name}: ${value}`);
  return Buffer.from([...lines, '', newBody].join('\r\n'), 'latin1');
}
