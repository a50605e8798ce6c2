import type { Clock, RandomSource } from '../../core';
import type { IaxAddress } from '../address';
import type { Access } from '../authentication';
import type { IaxCall } from '../call';
import type { CodecName, FullFrame } from '../frame';
import type { IaxObserver } from '../observer';
import type { BindingChange, IaxBinding, RegistrarOptions } from '../registration';
import type { TransferConsent, TransferTarget } from '../transfer';
import type { LegLimits } from './leg-keeper';

/** Everything an endpoint needs from outside. */
export interface IaxEndpointOptions {
  readonly clock: Clock;
  readonly random: RandomSource;
  /** Where it is: the address of its socket. */
  readonly local: IaxAddress;
  /** Puts one datagram on the wire. */
  send(destination: IaxAddress, bytes: Uint8Array): void;
  /** By preference; mu-law, then A-law unless given. */
  readonly codecs?: readonly CodecName[];
  readonly observer?: IaxObserver;
  /** Who may call; everybody unless given. */
  readonly access?: Access | undefined;
  /** Makes it a registrar. */
  readonly registrar?: RegistrarOptions | undefined;
  /**
   * False for a source, or a user as NEW or REGREQ names him, that knows nothing of call tokens and is trusted without (IAX2
   * reference 4.3). True unless given.
   */
  requiresToken?(source: IaxAddress, username: string | undefined): boolean;
  /**
   * Whether a native transfer that a peer asks for is obeyed: for all, or for each peer by its address. Unless given, peers on
   * this machine may and others may not (IAX2 reference 7.3).
   */
  readonly transferPolicy?: TransferConsent | ((peer: IaxAddress) => TransferConsent) | undefined;
  /** Nothing is sent beyond this machine because a peer asks for it: a transfer elsewhere is refused. True unless given. */
  readonly loopbackOnly?: boolean;
  readonly limits?: Partial<LegLimits & { readonly repliesPerSecond: number }>;
}

/** Something that a person may want to know: what was dropped, and why. */
export interface IaxProblem {
  readonly text: string;
  readonly source: IaxAddress;
  /** The frame, when it was one. */
  readonly frame: FullFrame | undefined;
}

export interface IaxEndpointEvents {
  /** A call came in: ring, answer or reject it, now or later. Nobody listens: it is refused with cause 3. */
  readonly incoming: readonly [call: IaxCall];
  readonly ended: readonly [call: IaxCall];
  readonly binding: readonly [binding: IaxBinding, change: BindingChange];
  /** With the policy `ask`: the call is to be moved to the address and number given. Four seconds to decide; then it is refused. */
  readonly transferRequested: readonly [call: IaxCall, target: TransferTarget, decide: (isAllowed: boolean) => void];
  readonly problem: readonly [problem: IaxProblem];
}
