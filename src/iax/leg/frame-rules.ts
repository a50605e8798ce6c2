import { type CommandName, type FullFrame, frameTypes } from '../frame';

/** IAX2 reference 3.1: every full frame consumes a number, except these. */
const unnumbered: ReadonlySet<CommandName> = new Set(['ACK', 'INVAL', 'VNAK', 'TXCNT', 'TXACC']);

/** Whether a frame takes a number of its sender's stream, so that it is acknowledged and comes in its turn. */
export function isNumbered(frame: FullFrame): boolean {
  const { command } = frame;
  return command === undefined || !unnumbered.has(command);
}

/** IAX2 reference 4.2: only these may come for a call that we do not know. */
const opening: ReadonlySet<CommandName> = new Set(['NEW', 'REGREQ', 'REGREL', 'POKE']);

export function isOpening(frame: FullFrame): boolean {
  const { command } = frame;
  return command !== undefined && opening.has(command);
}

/** IAX2 reference 7.1: whoever sent one of these gets no INVAL for it. */
const uninvalidated: ReadonlySet<CommandName> = new Set(['INVAL', 'ACK', 'VNAK', 'TXCNT', 'TXACC', 'FWDOWNL']);

/** Whether a frame for a call that we do not know is told so. */
export function deservesInval(frame: FullFrame): boolean {
  const { command } = frame;
  // Source call 1 is a reply sent without a call, 0 nobody (4.1): neither has a call that could be undone.
  return frame.sourceCall > 1 && (command === undefined || !uninvalidated.has(command));
}

/** IAX2 reference 7.1: an unknown command is answered with UNSUPPORT, but never one of these. */
const neverUnsupported: ReadonlySet<number> = new Set([4, 10, 33]);

export function deservesUnsupport(frame: FullFrame): boolean {
  return frame.type === frameTypes.iax && !neverUnsupported.has(frame.subclass);
}

/** Frames after which there is no leg, whoever sent them. */
const farewells: ReadonlySet<CommandName> = new Set(['HANGUP', 'REJECT', 'REGACK', 'REGREJ']);

export function isFarewell(frame: FullFrame): boolean {
  const { command } = frame;
  return command !== undefined && farewells.has(command);
}

/** The command as its octet has it: what UNSUPPORT names, which has room for no more. */
export function commandOctet(frame: FullFrame): number {
  return frame.bytes[11] ?? 0;
}
