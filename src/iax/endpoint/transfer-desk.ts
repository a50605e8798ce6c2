import type { IaxAddress } from '../address';
import type { IaxCall } from '../call';
import type { FullFrame } from '../frame';

/** Where native transfers are dealt with (IAX2 reference section 6): the endpoint hands it what concerns them. */
export interface TransferDesk {
  /** TXREQ, TXREADY, TXREL, TXREJ, TXMEDIA, or UNSUPPORT for one of them, from the call's peer and in its turn. */
  onCommand(call: IaxCall, frame: FullFrame): void;
  /**
   * A full frame for the call's number that is not from its peer, in address or in number. Returns whether it is of a transfer;
   * then nothing else becomes of it.
   */
  onOutsideFrame(call: IaxCall, source: IaxAddress, frame: FullFrame): boolean;
  /** The call whose media come from there after a media-only transfer. */
  callOfMedia(source: IaxAddress, number: number): IaxCall | undefined;
  /** Nothing of ours is on its way to the call's peer any more. */
  onAllAcknowledged(call: IaxCall): void;
  onEnded(call: IaxCall): void;
  dispose(): void;
}

/** For an endpoint that takes no part in transfers: TXREQ is refused, whatever else comes is passed over (IAX2 reference 7.1). */
export const noTransfers: TransferDesk = {
  onCommand(call, frame) {
    if (frame.command === 'TXREQ') call.leg.command('TXREJ');
  },
  onOutsideFrame: () => false,
  callOfMedia: () => undefined,
  onAllAcknowledged() {},
  onEnded() {},
  dispose() {},
};
