import type { CapturedPacket } from './captured-packet';

/** A packet out of a capture file. */
export interface ReadPacket extends CapturedPacket {
  /** The number of the frame that carried it, counted from 1 as Wireshark does. */
  readonly frame: number;
}

/** Something in the file that was not as it should be. */
export interface CaptureNote {
  /** 0 when it concerns the file. */
  readonly frame: number;
  readonly text: string;
}

/** What a capture file holds of UDP and TCP. */
export interface CaptureFile {
  readonly packets: readonly ReadPacket[];
  readonly notes: readonly CaptureNote[];
  /** Frames that could be read. */
  readonly frames: number;
  /** Frames without UDP or TCP (ARP, ICMP ...), and those of a link type that is not read. */
  readonly otherFrames: number;
  /** Names of hosts that the file states (pcapng). */
  readonly names: ReadonlyMap<string, string>;
}

/** One frame as a capture file stores it. */
export interface LinkFrame {
  readonly number: number;
  /** Milliseconds since 1970 (UTC). */
  readonly at: number;
  readonly linkType: number;
  readonly bytes: Uint8Array;
}

/** What a reader of a file format tells besides its frames. */
export interface CaptureReports {
  note(text: string, frame?: number): void;
  name(host: string, name: string): void;
}
