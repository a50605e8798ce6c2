import type { Milliseconds } from '../../core';
import type { ApparentAddress } from '../frame';

/** What a person wants done with a TXREQ from a peer; `unknown` answers like a host that has never heard of it. */
export type TransferConsent = 'off' | 'ask' | 'allow' | 'unknown';

/** What TXREQ says; fields that it lacks, or that cannot be read, are undefined. */
export interface TransferRequest {
  readonly address: ApparentAddress | undefined;
  readonly callNumber: number | undefined;
  readonly transferId: number | undefined;
}

/** Where the other end is to be found. */
export interface TransferTarget {
  readonly address: ApparentAddress;
  readonly callNumber: number;
}

/** What the policy looks at besides the request itself. */
export interface TransferCircumstances {
  readonly consent: TransferConsent;
  /** ACCEPT was sent or received, and the leg has not ended. */
  readonly isUp: boolean;
  /** False only where the peer is to authenticate and did not. */
  readonly isAuthenticated: boolean;
  readonly isEncrypted: boolean;
  /** Nothing may leave this machine. */
  readonly loopbackOnly: boolean;
  /** Since the last TXREQ on this leg that was not refused; undefined when there was none. */
  readonly sinceLast: Milliseconds | undefined;
  /** The target of the attempt that runs, or of the last one. */
  readonly last: TransferTarget | undefined;
  /** Our own address and number, and the peer's: nobody is transferred to himself. */
  readonly own: TransferTarget;
  readonly peer: TransferTarget;
  /** Whether another leg of ours talks to that address and number already. */
  isTaken(target: TransferTarget): boolean;
}

export type TransferJudgement =
  | { readonly verdict: 'allow' | 'ask'; readonly target: TransferTarget }
  | { readonly verdict: 'refuse'; readonly rule: string };

/** Between two TXREQs to different addresses on one leg (IAX2 reference 7.3). */
export const requestGap: Milliseconds = 2_000;

/** TXCNTs that one attempt may send in all (IAX2 reference 7.3). */
export const mostProbes = 5;

/** The consent where nobody said anything: on this machine everybody may, elsewhere nobody (IAX2 reference 7.3). */
export function defaultConsent(peer: ApparentAddress): TransferConsent {
  return isLoopback(peer.host) ? 'allow' : 'off';
}

function isOff(consent: TransferConsent): boolean {
  return consent === 'off' || consent === 'unknown';
}

/** Whether an end obeys a TXREQ: IAX2 reference 7.3, a table of reasons not to. */
export function judgeTransfer(request: TransferRequest, at: TransferCircumstances): TransferJudgement {
  const { address, callNumber } = request;
  if (address === undefined || callNumber === undefined) {
    return refuse('7.1: TXREQ without an APPARENT ADDR or CALLNO that can be read');
  }
  const target: TransferTarget = { address, callNumber };
  if (!at.isUp) return refuse('7.3: the call is not up');
  if (!at.isAuthenticated) return refuse('7.3: the peer is to authenticate, and has not');
  if (at.isEncrypted) return refuse('1.5: the call is encrypted');
  if (isOff(at.consent)) return refuse('7.3: transfers by this peer are switched off');
  if (!isUnicast(address)) return refuse('7.3: APPARENT ADDR is no address of a host, or its port is below 1024');
  if (at.loopbackOnly && !isLoopback(address.host)) return refuse('7.3: APPARENT ADDR is not on this machine');
  // IAX2 reference 4.1: 0 is unknown, 1 reserved, and there are fifteen bits.
  if (callNumber < 2 || callNumber > 0x7fff) return refuse('4.1: CALLNO is no number of a call');
  if (sameTarget(target, at.own)) return refuse('7.3: the call would be connected to itself');
  if (sameTarget(target, at.peer)) return refuse('7.3: the other end named is the middle itself');
  if (at.isTaken(target)) return refuse('7.3: another call of ours talks to that end already');
  const isRepeat = at.last !== undefined && sameTarget(target, at.last);
  if (!isRepeat && at.sinceLast !== undefined && at.sinceLast < requestGap) {
    return refuse('7.3: another address within two seconds of the last');
  }
  return { verdict: at.consent === 'ask' ? 'ask' : 'allow', target };
}

export function sameTarget(one: TransferTarget, other: TransferTarget): boolean {
  return one.callNumber === other.callNumber && sameAddress(one.address, other.address);
}

export function sameAddress(one: ApparentAddress, other: ApparentAddress): boolean {
  return one.port === other.port && one.host === other.host;
}

/** What a frame on the new path says of itself. */
export interface NewPathFrame {
  readonly source: ApparentAddress;
  readonly sourceCall: number;
  readonly destinationCall: number;
}

/** Whether a frame is from the other end that TXREQ named: address and numbers exactly (IAX2 reference 7.3). */
export function isFromOtherEnd(frame: NewPathFrame, target: TransferTarget, ownNumber: number): boolean {
  return sameAddress(frame.source, target.address) && frame.sourceCall === target.callNumber && frame.destinationCall === ownNumber;
}

/** 127.0.0.0/8, but for its broadcast address. */
function isLoopback(host: string): boolean {
  return host.startsWith('127.') && host !== '127.255.255.255';
}

/** An IPv4 address that names one host, and a port that programs without privilege use (IAX2 reference 7.3). */
function isUnicast({ host, port }: ApparentAddress): boolean {
  const first = Number(host.split('.')[0]);
  return first > 0 && first < 224 && host !== '127.255.255.255' && port >= 1024;
}

function refuse(reason: string): TransferJudgement {
  return { verdict: 'refuse', rule: `IAX2 reference ${reason}` };
}
