import { type IaxFault, IaxFrameError } from './fault';
import { FullFrame, fullHeader } from './full-frame';
import { MiniFrame, miniHeader, MiniVideoFrame, miniVideoHeader, TrunkFrame, trunkHeader } from './media-frames';
import { readNumber } from './values';

export type IaxFrame = FullFrame | MiniFrame | MiniVideoFrame | TrunkFrame;

/** The meta command of a trunk frame; there is no other that anybody uses. */
const trunkCommand = 1;

/**
 * One datagram is one frame; which kind, its first octets say (RFC 5456 section 8.1, in the order of the reference's section
 * 1.1). Throws an {@link IaxFrameError} for octets that are none.
 */
export function decodeFrame(bytes: Uint8Array): IaxFrame {
  if (bytes.length < miniHeader) throw tooShort(bytes, miniHeader, 'a frame');
  const first = readNumber(bytes, 0, 2);
  if (first === 0) return decodeMeta(bytes);
  if ((first & 0x8000) === 0) return new MiniFrame(bytes);
  if (bytes.length < fullHeader) throw tooShort(bytes, fullHeader, 'a full frame');
  return new FullFrame(bytes);
}

function decodeMeta(bytes: Uint8Array): IaxFrame {
  const second = bytes[2] ?? 0;
  if ((second & 0x80) !== 0) {
    if (bytes.length < miniVideoHeader) throw tooShort(bytes, miniVideoHeader, 'a mini video frame');
    return new MiniVideoFrame(bytes);
  }
  if (second !== trunkCommand) {
    throw new IaxFrameError({ code: 'iax-meta-command', range: { start: 2, end: 3 }, text: `The meta command ${String(second)} is not known.` });
  }
  if (bytes.length < trunkHeader) throw tooShort(bytes, trunkHeader, 'a trunk frame');
  return new TrunkFrame(bytes);
}

function tooShort(bytes: Uint8Array, least: number, what: string): IaxFrameError {
  const fault: IaxFault = {
    code: 'iax-short',
    range: { start: 0, end: bytes.length },
    text: `${String(bytes.length)} octets are less than the ${String(least)} that ${what} has.`,
  };
  return new IaxFrameError(fault);
}
