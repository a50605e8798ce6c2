import { StreamFramer } from '../sip';

const startLine = /^(?:SIP\/\d\.\d \d{3}|[A-Za-z0-9\-.!%*_+`'~]{2,32} [^\r\n]{1,2048} SIP\/\d\.\d\s)/i;

/** Whether octets of a capture, where nobody says what they are, begin like a SIP message (RFC 3261 section 7). */
export function looksLikeSip(bytes: Uint8Array): boolean {
  return startLine.test(
    Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 2200)).toString('latin1').trimStart(),
  );
}

/** CRLFs and the like that keep a NAT binding open (RFC 5626 section 3.5): no messages. */
export function isKeepAlive(bytes: Uint8Array): boolean {
  return bytes.length <= 4 && bytes.every((octet) => octet === 0x0d || octet === 0x0a || octet === 0x00);
}

/** Cuts the pieces of TCP streams into messages (RFC 3261 section 18.3), each stream by itself. */
export class StreamTable {
  readonly #framers = new Map<string, StreamFramer>();

  /** A stream of which nothing waits for its rest is read on by a new framer as well. */
  forget(): void {
    for (const [stream, { pending }] of this.#framers) if (pending === 0) this.#framers.delete(stream);
  }

  /** The messages that are complete with these octets. After octets that no message can be found in, it begins anew. */
  push(stream: string, bytes: Uint8Array): Uint8Array[] {
    let framer = this.#framers.get(stream);
    // A capture may lack the end of the message before.
    if (framer === undefined || (framer.pending > 0 && looksLikeSip(bytes))) {
      this.#framers.set(stream, (framer = new StreamFramer()));
    }
    const messages: Uint8Array[] = [];
    for (const item of framer.push(bytes)) {
      if (item.kind !== 'ping') messages.push(item.bytes);
      if (item.kind === 'error') this.#framers.delete(stream);
    }
    return messages;
  }
}
