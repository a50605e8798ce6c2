import { decodeFrame, defaultIaxPort, frameTypes, type FullFrame, type IaxFrame, IaxFrameError } from '../../iax';
import { formatAddress } from '../../net';
import type { TracePacket } from '../message';
import { looksLikeSip } from '../recognise';

/** So many sockets on other ports are kept in mind; a scan of ports must cost no memory. */
const mostSockets = 10_000;
/** So many pairs of call numbers that may be a dialogue, and so many packets of each before its answer. */
const mostCandidates = 256;
const mostBefore = 8;

/** The types of full frames that RFC 5457 registers, and DTMF begin. */
const knownTypes: ReadonlySet<number> = new Set(Object.values(frameTypes));

/**
 * Knows which sockets of a capture speak IAX2: those of port 4569, those that open a call, registration or POKE as only IAX2
 * does, and pairs of which one answers the other with both call numbers exchanged.
 */
export class IaxSockets {
  readonly #known = new Set<string>();
  /** Packets that look like a full frame in the middle of a dialogue, by the answer that would prove it. */
  readonly #candidates = new Map<string, readonly TracePacket[]>();

  /** The packets to be read as IAX2 now that this one has come, in order: none, itself, or those that it proves and itself. */
  recognise(packet: TracePacket): readonly TracePacket[] {
    if (packet.transport === 'iax2') return [packet];
    if (packet.transport !== 'udp') return [];
    const { source, destination, bytes } = packet;
    const isFull = ((bytes[0] ?? 0) & 0x80) !== 0;
    const isPort = source.port === defaultIaxPort || destination.port === defaultIaxPort;
    if (isPort || this.#knows(packet)) return isFull || !looksLikeSip(bytes) ? [packet] : [];
    if (!isFull || bytes.length < 12) return [];
    const frame = tryDecode(bytes);
    if (frame?.kind !== 'full' || !isPlausible(frame)) return [];
    if (isOpening(frame)) {
      this.#learn(packet);
      return [packet];
    }
    return this.#match(packet, frame);
  }

  #match(packet: TracePacket, frame: FullFrame): readonly TracePacket[] {
    if (frame.sourceCall === 0 || frame.destinationCall === 0) return [];
    const [here, there] = [formatAddress(packet.source), formatAddress(packet.destination)];
    const proven = this.#candidates.get(`${here}#${frame.sourceCall} ${there}#${frame.destinationCall}`);
    if (proven !== undefined) {
      this.#learn(packet);
      return [...proven, packet];
    }
    const key = `${there}#${frame.destinationCall} ${here}#${frame.sourceCall}`;
    const before = this.#candidates.get(key) ?? [];
    this.#candidates.delete(key);
    this.#candidates.set(key, [...before, packet].slice(-mostBefore));
    const [oldest] = this.#candidates.keys();
    if (this.#candidates.size > mostCandidates && oldest !== undefined) this.#candidates.delete(oldest);
    return [];
  }

  #knows({ source, destination }: TracePacket): boolean {
    return this.#known.size > 0 && (this.#known.has(formatAddress(source)) || this.#known.has(formatAddress(destination)));
  }

  #learn({ source, destination }: TracePacket): void {
    if (this.#known.size < mostSockets) this.#known.add(formatAddress(source)).add(formatAddress(destination));
  }
}

/** The frame, or undefined for octets that are none. */
export function tryDecode(bytes: Uint8Array): IaxFrame | undefined {
  try {
    return decodeFrame(bytes);
  } catch (error) {
    if (error instanceof IaxFrameError) return undefined;
    throw error;
  }
}

function isPlausible(frame: FullFrame): boolean {
  if (!knownTypes.has(frame.type)) return false;
  return frame.type !== frameTypes.iax || (frame.command !== undefined && frame.fault === undefined && frame.elements.every(({ name }) => name !== undefined));
}

/** RTP too begins with a bit of 1; but never with the elements of one of these. */
function isOpening(frame: FullFrame): boolean {
  if (frame.destinationCall !== 0 || frame.outgoingSequence !== 0 || frame.incomingSequence !== 0) return false;
  if (frame.command === 'NEW') return frame.element('version') === 2 || frame.find('calledNumber') !== undefined;
  return (frame.command === 'REGREQ' || frame.command === 'REGREL') && frame.find('username') !== undefined;
}
