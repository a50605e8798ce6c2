import { type IaxAddress, sameAddress } from '../address';
import type { FullFrame } from '../frame';
import { isOpening, type Leg } from '../leg';
import type { LegTable } from './leg-table';

/** Whom a full frame is for. */
export type Route =
  /** The leg it belongs to, from its peer. */
  | { readonly to: 'leg'; readonly leg: Leg }
  /** The peer answers for the first time, and this is its number. */
  | { readonly to: 'new-number'; readonly leg: Leg }
  /** A reply that was sent without a call (IAX2 reference 3.2). */
  | { readonly to: 'reply'; readonly leg: Leg }
  /** From the peer that the leg had before it moved. */
  | { readonly to: 'former'; readonly leg: Leg }
  /** Our number, but not from its peer: of a transfer, or a stranger's. */
  | { readonly to: 'outside'; readonly leg: Leg; readonly isSameAddress: boolean }
  /** The first frame of a call that may become one. */
  | { readonly to: 'opening' }
  /** No call that we know. */
  | { readonly to: 'nobody' };

const nobody: Route = { to: 'nobody' };

/** Finds whom a full frame is for: IAX2 reference sections 4.1, 4.2 and 7.1. */
export function routeFrame(table: LegTable, source: IaxAddress, frame: FullFrame): Route {
  const { sourceCall, destinationCall } = frame;
  if (destinationCall === 0) return routeUnaddressed(table, source, frame);
  const leg = table.ofLocal(destinationCall);
  // 7.1: a wrong destination number, though address and source number are right: not this leg's, whoever says so.
  if (leg === undefined) return nobody;
  if (leg.isFrom(source, sourceCall)) return { to: 'leg', leg };
  const isSameAddress = sameAddress(leg.path.address, source);
  if (isSameAddress && leg.path.number === 0) {
    // 4.1: the number is learnt from the first frame that answers ours, but never from one sent without a call.
    return { to: sourceCall > 1 ? 'new-number' : 'reply', leg };
  }
  const former = leg.formerPath;
  if (former?.number === sourceCall && sameAddress(former.address, source)) return { to: 'former', leg };
  return { to: 'outside', leg, isSameAddress };
}

/** Without our number: what opens a call, and what its caller sends before he has heard our number. */
function routeUnaddressed(table: LegTable, source: IaxAddress, frame: FullFrame): Route {
  const leg = table.ofPeer(source, frame.sourceCall);
  if (leg?.isFrom(source, frame.sourceCall) === true && (isOpening(frame) || !leg.isKnownToPeer)) return { to: 'leg', leg };
  // 4.2: only these open a call. 7.1: one from call 0 is dropped, and 1 is nobody's number.
  return isOpening(frame) && frame.sourceCall > 1 ? { to: 'opening' } : nobody;
}
