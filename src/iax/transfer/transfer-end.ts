import { type Milliseconds, NamedTimers } from '../../core';
import type { IaxAddress } from '../address';
import type { IaxCall } from '../call';
import type { ElementValues, FullFrame } from '../frame';
import type { IaxServices } from '../services';
import { type EndAction, type EndEvent, type EndState, type EndTimer, transferEnd } from './end';
import { guardTime } from './middle';
import { isFromOtherEnd, judgeTransfer, mostProbes, requestGap, sameTarget, type TransferConsent, type TransferTarget } from './policy';

/** What an end asks of those around it. */
export interface TransferEndHost extends IaxServices {
  /** Our own address, as others would name it. */
  readonly local: IaxAddress;
  readonly loopbackOnly: boolean;
  consentOf(peer: IaxAddress): TransferConsent;
  isTaken(target: TransferTarget): boolean;
  /** A person is to decide; `decide` counts once, and only while the question stands. */
  ask(target: TransferTarget, decide: (isAllowed: boolean) => void): void;
  onRefused(rule: string, frame: FullFrame): void;
  /** Mini frames of the call come straight from the other end from now on, or no longer. */
  onMediaPath(otherEnd: TransferTarget, isStraight: boolean): void;
}

/** A path that was tried is good for as long as a middle waits for both ends (IAX2 reference 6.4). */
const proofLasts = guardTime;

/** One end of native transfers: the leg of one call, moved by whoever it talks to. Runs {@link transferEnd}. */
export class TransferEnd {
  readonly #host: TransferEndHost;
  readonly #call: IaxCall;
  readonly #timers: NamedTimers<EndTimer>;
  #state: EndState = 'none';
  #target: TransferTarget | undefined;
  #transferId: number | undefined;
  /** The last TXCNT that did not belong to the attempt of its time, if there was one. */
  #early: { readonly source: IaxAddress; readonly frame: FullFrame } | undefined;
  /** The last first TXCNT, to be sent again. */
  #probe: FullFrame | undefined;
  /** Somebody had answered when we said TXREADY. */
  #wasAnswered = false;
  /** When the last TXACC came. */
  #provenAt: Milliseconds = Number.NEGATIVE_INFINITY;
  #rounds = 0;
  #probesSent = 0;
  #lastRequest: { readonly at: Milliseconds; readonly target: TransferTarget } | undefined;
  /** Counts the questions: a late answer to an old one is no answer to the new one. */
  #questions = 0;

  constructor(host: TransferEndHost, call: IaxCall) {
    this.#host = host;
    this.#call = call;
    this.#timers = new NamedTimers(host.clock, host.observer, this.#id);
  }

  get state(): EndState {
    return this.#state;
  }

  /** Where the other end is, while an attempt runs. */
  get target(): TransferTarget | undefined {
    return this.#target;
  }

  /** A frame of the middle, in its turn. */
  receive(frame: FullFrame): void {
    switch (frame.command) {
      case 'TXREQ':
        this.#request(frame);
        return;
      case 'TXREL':
        this.#handle({ is: 'txrel', matches: frame.element('callNumber') === this.#target?.callNumber }, frame);
        return;
      case 'TXMEDIA':
        this.#handle({ is: 'txmedia', matches: frame.element('callNumber') === this.#target?.callNumber }, frame);
        return;
      case 'TXREJ':
        if (this.#isOfAttempt(frame)) this.#handle({ is: 'txrej', from: 'middle' }, frame);
        return;
      default:
        return;
    }
  }

  /** A full frame for our number that is not from our peer. Returns whether it is of this transfer. */
  receiveOutside(source: IaxAddress, frame: FullFrame): boolean {
    const target = this.#target;
    const { sourceCall, destinationCall } = frame;
    const isOfTarget = target !== undefined && isFromOtherEnd({ source, sourceCall, destinationCall }, target, this.#call.leg.localNumber);
    if (frame.fault !== undefined) return isOfTarget;
    if (!isOfTarget || !this.#isOfAttempt(frame)) {
      // IAX2 reference 7.1, 7.3: dropped. But the TXREQ that it belongs to may still be under way.
      if (frame.command === 'TXCNT') this.#early = { source, frame };
      return isOfTarget;
    }
    switch (frame.command) {
      case 'TXCNT':
        this.#handle({ is: 'txcnt' }, frame);
        break;
      case 'TXACC':
        this.#provenAt = this.#host.clock.now();
        this.#handle({ is: 'txacc' }, frame);
        break;
      case 'TXREJ':
        this.#handle({ is: 'txrej', from: 'other-end' }, frame);
        break;
      default:
        // IAX2 reference 6.3: the rest is dropped in silence: the other end may have been released before us, and repeats.
        break;
    }
    return true;
  }

  /** The leg is no more. */
  end(): void {
    this.#handle({ is: 'ended' });
  }

  get #id(): string {
    return `${this.#call.id} end`;
  }

  #isOfAttempt(frame: FullFrame): boolean {
    const id = frame.element('transferId');
    return id === undefined || this.#transferId === undefined || id === this.#transferId;
  }

  #request(frame: FullFrame): void {
    const { address, number } = this.#call.leg.path;
    const now = this.#host.clock.now();
    const judgement = judgeTransfer(
      { address: frame.element('apparentAddress'), callNumber: frame.element('callNumber'), transferId: frame.element('transferId') },
      {
        consent: this.#host.consentOf(address),
        isUp: this.#call.isAccepted,
        isAuthenticated: true, // ACCEPT comes after the proof, where one was asked for
        isEncrypted: false, // we never agree to encryption
        loopbackOnly: this.#host.loopbackOnly,
        sinceLast: this.#lastRequest === undefined ? undefined : now - this.#lastRequest.at,
        last: this.#lastRequest?.target,
        own: { address: this.#host.local, callNumber: this.#call.leg.localNumber },
        peer: { address, callNumber: number },
        isTaken: (target) => this.#host.isTaken(target),
      },
    );
    if (judgement.verdict === 'refuse') {
      this.#host.onRefused(judgement.rule, frame);
      this.#handle({ is: 'txreq', verdict: 'refuse', sameTarget: false }, frame);
      return;
    }
    const { target } = judgement;
    const sameAsNow = this.#target !== undefined && sameTarget(target, this.#target);
    this.#renewProbes(target, now);
    // What a person has said to this very target is not asked again.
    const verdict = sameAsNow && this.#state !== 'asked' ? 'allow' : judgement.verdict;
    this.#handle({ is: 'txreq', verdict, sameTarget: sameAsNow }, frame);
  }

  /** IAX2 reference 7.3: five TXCNT for one attempt; repeats of TXREQ within two seconds are the same attempt. */
  #renewProbes(target: TransferTarget, now: Milliseconds): void {
    const last = this.#lastRequest;
    if (last !== undefined && now - last.at < requestGap) return;
    this.#lastRequest = { at: now, target };
    this.#probesSent = 0;
  }

  #handle(event: EndEvent, frame?: FullFrame): void {
    const step = transferEnd(this.#state, event, {
      rounds: this.#rounds,
      probesLeft: mostProbes - this.#probesSent,
      isProven: this.#host.clock.now() - this.#provenAt < proofLasts,
    });
    if (step === undefined) return;
    const from = this.#state;
    this.#state = step.to;
    if (from !== step.to) this.#host.observer.stateChanged('transfer', this.#id, from, step.to, step.rule);
    for (const action of step.actions) this.#perform(action, frame);
  }

  #perform(action: EndAction, frame: FullFrame | undefined): void {
    const { leg } = this.#call;
    switch (action.do) {
      case 'adopt':
        this.#adopt(frame);
        return;
      case 'ask':
        this.#ask();
        return;
      case 'send-txcnt':
        this.#sendProbe(action.again);
        return;
      case 'send-txacc':
        this.#sendOutside('TXACC');
        return;
      case 'send-txready':
        // RFC 5456 8.4 wants the id, everybody sends the number: with both, no middle takes it for an earlier attempt's.
        leg.command('TXREADY', { callNumber: leg.localNumber, ...this.#idElement });
        this.#wasAnswered = this.#call.state === 'up';
        return;
      case 'send-txrej':
        if (this.#call.state !== 'ended') leg.command('TXREJ', frame?.command === 'TXREQ' ? idOf(frame) : this.#idElement);
        return;
      case 'switch':
        this.#switch(frame);
        return;
      case 'split-media':
        this.#setStraight(true);
        return;
      case 'join-media':
        this.#setStraight(false);
        return;
      case 'forget':
        this.#forget();
        return;
      case 'set':
        this.#setTimer(action.timer, action.after);
        return;
      case 'clear':
        this.#timers.clear(action.timer);
    }
  }

  #adopt(frame: FullFrame | undefined): void {
    const address = frame?.element('apparentAddress');
    const callNumber = frame?.element('callNumber');
    if (address === undefined || callNumber === undefined) return;
    this.#target = { address, callNumber };
    this.#transferId = frame?.element('transferId');
    this.#rounds = 0;
    this.#answerEarly();
  }

  /** The other end got its TXREQ first, and its TXCNT came before ours: answered now, rather than when it is sent again. */
  #answerEarly(): void {
    const early = this.#early;
    this.#early = undefined;
    if (early === undefined || this.#state === 'asked') return;
    const { sourceCall, destinationCall } = early.frame;
    const isOfTarget = this.#target !== undefined && isFromOtherEnd({ source: early.source, sourceCall, destinationCall }, this.#target, this.#call.leg.localNumber);
    if (isOfTarget && this.#isOfAttempt(early.frame)) this.#handle({ is: 'txcnt' }, early.frame);
  }

  #setStraight(isStraight: boolean): void {
    const target = this.#target;
    if (target === undefined) return;
    this.#call.leg.mediaAddress = isStraight ? target.address : undefined;
    this.#host.onMediaPath(target, isStraight);
  }

  #ask(): void {
    const target = this.#target;
    if (target === undefined) return;
    this.#questions += 1;
    const question = this.#questions;
    this.#host.ask(target, (allowed) => {
      if (question !== this.#questions) return;
      this.#questions += 1;
      this.#handle({ is: 'decided', allowed });
    });
  }

  #sendProbe(again: boolean): void {
    this.#probesSent += 1;
    this.#probe = this.#sendOutside('TXCNT', again ? this.#probe : undefined);
  }

  #sendOutside(command: 'TXCNT' | 'TXACC', again?: FullFrame): FullFrame | undefined {
    const target = this.#target;
    if (target === undefined) return undefined;
    return this.#call.leg.sendOutside({ address: target.address, number: target.callNumber }, command, this.#idElement, again);
  }

  get #idElement(): ElementValues {
    return this.#transferId === undefined ? {} : { transferId: this.#transferId };
  }

  /** IAX2 reference 6.3, the switch: first the ACK to the old peer, with the old numbers. */
  #switch(frame: FullFrame | undefined): void {
    const target = this.#target;
    if (target === undefined || frame === undefined) return;
    const { leg, state, direction } = this.#call;
    const mayBeUnheard = leg.unacknowledged > 0 || !this.#wasAnswered;
    this.#forget();
    leg.acknowledge(frame);
    leg.move({ address: target.address, number: target.callNumber });
    // IAX2 reference 6.8: in the blonde case ANSWER goes straight. One that the middle got when it no longer passed anything
    // on, or never got, is said again; who knows already passes it over.
    if (direction === 'incoming' && state === 'up' && mayBeUnheard) leg.control('ANSWER');
    this.#call.announceMove();
  }

  #setTimer(timer: EndTimer, after: Milliseconds): void {
    if (timer === 'probe') this.#rounds += 1;
    this.#timers.set(timer, after, () => {
      this.#handle({ is: 'timer', timer });
    });
  }

  #forget(): void {
    this.#target = undefined;
    this.#transferId = undefined;
    this.#probe = undefined;
    this.#provenAt = Number.NEGATIVE_INFINITY;
    this.#questions += 1;
  }
}

/** The id of a request that is refused before anything is kept of it. */
function idOf(frame: FullFrame): ElementValues {
  const transferId = frame.element('transferId');
  return transferId === undefined ? {} : { transferId };
}
