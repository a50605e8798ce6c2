import { TraceModel } from '../../../src/trace';

/** Text as octets of the wire. */
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/**
 * Calls between phones of a lab, one message after the other, as many as are asked for: INVITE, 180, 200, ACK, BYE, 200,
 * from one phone to the next and so on.
 */
export class Traffic {
  readonly model = new TraceModel();
  readonly #phones: readonly string[];
  readonly #pace: number;
  #count = 0;

  constructor(options: { readonly phones?: readonly string[]; readonly pace?: number } = {}) {
    this.#phones = options.phones ?? ['alice', 'bob', 'charlie'];
    this.#pace = options.pace ?? 20;
  }

  get count(): number {
    return this.#count;
  }

  feed(messages: number): void {
    for (let index = 0; index < messages; index++) this.next();
  }

  /** The next message; the time of its arrival, in milliseconds since the start. */
  next(): number {
    const call = Math.floor(this.#count / 6);
    const step = this.#count % 6;
    const at = this.#count * this.#pace;
    const from = call % this.#phones.length;
    const to = (call + 1) % this.#phones.length;
    const isForward = step === 0 || step === 3 || step === 4;
    const [a, b] = isForward ? [from, to] : [to, from];
    this.model.feedPacket({
      at,
      transport: 'udp',
      source: this.#address(a),
      destination: this.#address(b),
      sender: this.#phones[a] ?? '',
      receiver: this.#phones[b] ?? '',
      bytes: encode(this.#text(call, step, from, to)),
    });
    this.#count += 1;
    return at;
  }

  #address(phone: number): { host: string; port: number } {
    return { host: `127.0.${phone >> 8}.${(phone & 255) + 1}`, port: 5060 };
  }

  #text(call: number, step: number, from: number, to: number): string {
    const user = (phone: number): string => encodeURIComponent(this.#phones[phone] ?? '').slice(0, 60);
    const method = step < 3 ? 'INVITE' : step === 3 ? 'ACK' : 'BYE';
    const sequence = step < 4 ? 1 : 2;
    const isResponse = step === 1 || step === 2 || step === 5;
    const target = `sip:${user(to)}@${this.#address(to).host}`;
    const start = isResponse ? (step === 1 ? 'SIP/2.0 180 Ringing' : 'SIP/2.0 200 OK') : `${method} ${target} SIP/2.0`;
    const hasTag = step > 0;
    return [
      start,
      `Via: SIP/2.0/UDP ${this.#address(from).host}:5060;branch=z9hG4bK${call}-${method}`,
      `From: <sip:${user(from)}@${this.#address(from).host}>;tag=f${call}`,
      `To: <${target}>${hasTag ? `;tag=t${call}` : ''}`,
      `Call-ID: call-${call}@lab`,
      `CSeq: ${sequence} ${method}`,
      `Contact: <sip:${user(isResponse ? to : from)}@${this.#address(isResponse ? to : from).host}:5060>`,
      'Max-Forwards: 70',
      'Content-Length: 0',
      '',
      '',
    ].join('\r\n');
  }
}
