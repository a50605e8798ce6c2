import type { ByteRange, Clock, RandomSource } from '../../core';
import type { SipMessage } from '../message';
import type { Hop, ProtocolObserver, TimerValues, TransactionLayer } from '../transaction';
import type { ProxyNames } from './names';

/** What every part of a proxy works with. */
export interface ProxyServices {
  readonly names: ProxyNames;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly timers: TimerValues;
  readonly observer: ProtocolObserver;
  readonly transactions: TransactionLayer;
  /** Stay in the way of the dialogs that are made through us. */
  readonly recordRoute: boolean;
  /** Why nothing may be sent there, as one sentence; undefined when it may. */
  readonly refusalToSend: (hop: Hop) => string | undefined;
  reportProblem(problem: ProxyProblem): void;
}

/** Something that a person who looks on should know; see `AgentProblem`. */
export interface ProxyProblem {
  readonly code: string;
  readonly text: string;
  readonly message?: SipMessage;
  readonly range: ByteRange;
}
