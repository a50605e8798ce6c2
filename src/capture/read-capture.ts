import { CallLabError, finish, type Steps } from '../core';
import { formatAddress, type SocketAddress } from '../net';
import type { CaptureFile, CaptureNote, CaptureReports, LinkFrame, ReadPacket } from './capture-file';
import { type IpContent, type Payload, readIp } from './ip-reader';
import { ipPacketOf } from './link-layer';
import { isPcap, pcapFrames } from './pcap-reader';
import { isPcapng, pcapngFrames } from './pcapng-reader';
import { type StreamPiece, TcpReassembly } from './tcp-reassembly';

/**
 * Reads a pcap or pcapng file: every UDP datagram and every piece of a TCP stream in it, of whatever protocol. The link
 * types are NULL, LOOP, Ethernet (with VLAN tags), RAW, Linux cooked (SLL and SLL2), IPv4 and IPv6. TCP streams are put
 * in order; fragments of IP are not put together but noted. The bytes of the packets are views into `bytes`. Checksums
 * are not checked, as captures on loopback hold unfinished ones. Throws CL5001 when it is no such file; one that is
 * damaged or cut off gives what could be read, and notes.
 */
export function readCapture(bytes: Uint8Array): CaptureFile {
  return finish(readCaptureInSteps(bytes));
}

/** As {@link readCapture}, in steps of some hundred frames. */
export function* readCaptureInSteps(bytes: Uint8Array): Steps<CaptureFile> {
  const decoder = new CaptureDecoder();
  for (const frame of framesOf(bytes, decoder)) {
    decoder.frame(frame);
    if (frame.number % framesOfStep === 0) yield undefined;
  }
  return decoder.finish();
}

const framesOfStep = 256;

function framesOf(bytes: Uint8Array, reports: CaptureReports): Iterable<LinkFrame> {
  const file = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isPcap(file)) return pcapFrames(file, reports);
  if (isPcapng(file)) return pcapngFrames(file, reports);
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  throw new CallLabError('CL5001', isGzip ? 'The file is compressed; unpack it with gunzip first.' : 'The file does not begin as pcap or pcapng.');
}

type Tcp = Extract<IpContent, { kind: 'tcp' }>;

interface Ends {
  readonly source: SocketAddress;
  readonly destination: SocketAddress;
}

interface Stream extends Ends {
  readonly reassembly: TcpReassembly;
}

class CaptureDecoder implements CaptureReports {
  readonly #packets: ReadPacket[] = [];
  readonly #notes: CaptureNote[] = [];
  readonly #names = new Map<string, string>();
  /** One for each direction, by source and destination. */
  readonly #streams = new Map<string, Stream>();
  #frames = 0;
  #otherFrames = 0;
  #now = 0;

  note(text: string, frame = 0): void {
    this.#notes.push({ frame, text });
  }

  name(host: string, name: string): void {
    this.#names.set(host, name);
  }

  frame(frame: LinkFrame): void {
    this.#frames += 1;
    this.#now = frame.at;
    const packet = ipPacketOf(frame.linkType, frame.bytes);
    const content: IpContent = packet === undefined ? { kind: 'other' } : readIp(packet);
    switch (content.kind) {
      case 'udp':
        this.#noteIfCut(content.payload, frame.number);
        this.#packets.push({ frame: frame.number, at: frame.at, transport: 'udp', source: content.source, destination: content.destination, bytes: content.payload.bytes });
        break;
      case 'tcp':
        this.#segment(content, frame.number);
        break;
      case 'fragment':
        this.note('A fragment of an IP packet: fragments are not put together.', frame.number);
        break;
      case 'other':
        this.#otherFrames += 1;
        break;
    }
  }

  finish(): CaptureFile {
    for (const stream of this.#streams.values()) this.#give(stream, stream.reassembly.finish());
    return { packets: this.#packets, notes: this.#notes, frames: this.#frames, otherFrames: this.#otherFrames, names: this.#names };
  }

  #segment(tcp: Tcp, frame: number): void {
    this.#noteIfCut(tcp.payload, frame);
    const stream = this.#stream(tcp.source, tcp.destination);
    if (tcp.isSyn) this.#give(stream, stream.reassembly.begin(tcp.sequence));
    // A SYN takes one sequence number of its own (RFC 9293 section 3.4).
    const sequence = (tcp.sequence + (tcp.isSyn ? 1 : 0)) >>> 0;
    this.#give(stream, stream.reassembly.segment({ frame, sequence, payload: tcp.payload }));
    if (tcp.acknowledgement === undefined) return;
    const opposite = this.#stream(tcp.destination, tcp.source);
    this.#give(opposite, opposite.reassembly.acknowledged(tcp.acknowledgement));
  }

  #stream(source: SocketAddress, destination: SocketAddress): Stream {
    const key = `${formatAddress(source)} ${formatAddress(destination)}`;
    let stream = this.#streams.get(key);
    if (stream === undefined) this.#streams.set(key, (stream = { source, destination, reassembly: new TcpReassembly() }));
    return stream;
  }

  #give({ source, destination }: Ends, pieces: readonly StreamPiece[]): void {
    for (const { frame, bytes, missing } of pieces) {
      if (missing > 0) this.note(`The capture lacks ${missing} octets of the TCP stream before this frame.`, frame);
      this.#packets.push({ frame, at: this.#now, transport: 'tcp', source, destination, bytes });
    }
  }

  #noteIfCut({ bytes, length }: Payload, frame: number): void {
    if (bytes.length < length) this.note(`The capture holds only ${bytes.length} of the ${length} octets of this packet.`, frame);
  }
}
