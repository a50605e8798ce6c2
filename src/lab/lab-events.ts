import type { ByteRange } from '../core';
import type { Transfer } from '../trace';
import type { CallInfo, Hearing } from './call-info';
import type { TransferAsk } from './phone-transfers';
import type { WatchInfo } from './watch-info';

/** Something was not as it should be; `code` is of the error catalogue, or of the SIP parser. */
export interface LabProblem {
  /** The phone it happened to; empty for the lab itself. */
  readonly phone: string;
  readonly code: string;
  readonly text: string;
  readonly packet?: number;
  readonly range?: ByteRange;
}

/** A verb began or ended. */
export interface VerbReport {
  readonly text: string;
  readonly outcome: 'started' | 'done' | 'failed';
  readonly detail: string;
}

/** What a lab tells its listeners. The journal has each of these before they hear it. */
export interface LabEvents {
  call: [CallInfo];
  hears: [phone: string, Hearing];
  transfer: [Transfer];
  digit: [phone: string, digit: string];
  /** What a phone knows of somebody whom it watches. */
  watch: [phone: string, WatchInfo];
  /** Somebody wants to transfer a phone whose person is to be asked first. */
  asked: [TransferAsk];
  /** What a phone does in a transfer that takes a while, as a sentence without a full stop. */
  notice: [phone: string, text: string];
  problem: [LabProblem];
  verb: [VerbReport];
  state: ['running' | 'stopped'];
  /** After any of the others, and whenever something else that is shown may have changed. */
  changed: [];
}
