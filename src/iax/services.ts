import type { Clock, RandomSource } from '../core';
import type { IaxAddress } from './address';
import type { IaxObserver } from './observer';

/** What every part of an endpoint works with. */
export interface IaxServices {
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly observer: IaxObserver;
  /** Puts one datagram on the wire. */
  transmit(destination: IaxAddress, bytes: Uint8Array): void;
}
