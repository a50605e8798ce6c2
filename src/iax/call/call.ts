import { CallLabError, type Disposable, Emitter, type Milliseconds } from '../../core';
import type { IaxAddress } from '../address';
import { type Cause, causeElements, causes } from '../cause';
import type { CodecName, ControlName, FullFrame } from '../frame';
import type { Leg, LegUser } from '../leg';
import type { IaxServices } from '../services';
import type { HoldKind, IaxCallEvents } from './call-events';
import { type CallAction, type CallConditions, type CallEvent, type CallState, type ProgressReport, stepCall } from './call-machine';
import { CallMedia } from './call-media';
import { CallSetup, type SetupParts } from './call-setup';
import { CallSignals } from './call-signals';
import type { CallParties } from './new-request';

/** What a call needs of the endpoint that it belongs to. */
export interface CallOwner {
  readonly services: IaxServices;
  /** The caller is who he says he is, and a codec is found: somebody may be told of the call. */
  onOffered(call: IaxCall): void;
  onEnded(call: IaxCall): void;
  /** TXREQ, TXREADY, TXREL, TXREJ, TXMEDIA, or UNSUPPORT for one of them, in its turn. */
  onTransferCommand(call: IaxCall, frame: FullFrame): void;
  /** The leg has nothing on its way any more. */
  onAllAcknowledged(call: IaxCall): void;
  onProblem(text: string, call: IaxCall, frame: FullFrame): void;
}

/** How a call came about. */
export interface CallOrigin {
  readonly id: string;
  readonly direction: 'outgoing' | 'incoming';
  readonly setup: SetupParts;
}

const controlOf: Readonly<Record<ProgressReport, ControlName>> = {
  ringing: 'RINGING',
  progress: 'PROGRESS',
  busy: 'BUSY',
  congestion: 'CONGESTION',
  'stop-sounds': 'STOP SOUNDS',
};

/** Causes that the callee announces by a control frame before it hangs up (IAX2 reference 5.1). */
const announced: ReadonlyMap<number, ProgressReport> = new Map([
  [causes.busy.code, 'busy'],
  [causes.noCircuit.code, 'congestion'],
  [causes.networkOutOfOrder.code, 'congestion'],
  [causes.congestion.code, 'congestion'],
]);

/** One call with one peer: its state, its media, and what the person may do with it. IAX2 reference section 5. */
export class IaxCall {
  readonly id: string;
  readonly direction: 'outgoing' | 'incoming';
  /** The leg that carries it. */
  readonly leg: Leg;
  readonly #owner: CallOwner;
  readonly #events = new Emitter<IaxCallEvents>();
  readonly #media: CallMedia;
  readonly #setup: CallSetup;
  readonly #signals: CallSignals;
  #state: CallState;
  #isAccepted = false;
  #cause: Cause | undefined;
  #endedBy: 'us' | 'peer' | 'network' | undefined;
  #handedOverTo: string | undefined;

  constructor(owner: CallOwner, { id, direction, setup }: CallOrigin, createLeg: (user: LegUser) => Leg) {
    this.id = id;
    this.direction = direction;
    this.#owner = owner;
    this.#state = direction === 'outgoing' ? 'calling' : 'authenticating';
    this.leg = createLeg({
      onFrame: (frame) => this.#signals.onFrame(frame),
      onReply: (frame) => this.#setup.onReply(frame),
      onMini: (timestamp, payload) => {
        if (this.#isAccepted) this.#media.onMini(timestamp, payload);
      },
      onDead: (cause) => this.#end(cause, 'network', 'IAX2 3.3, 7.1: the peer is gone'),
      onMoved: () => this.#media.onMoved(),
      onAllAcknowledged: () => owner.onAllAcknowledged(this),
      report: () => this.#media.report(),
    });
    this.#media = new CallMedia(this.leg, owner.services, this.#events);
    this.#setup = new CallSetup(this.leg, owner.services, setup, {
      handle: (event) => this.#handle(event),
      fail: (cause) => this.#end(cause, 'peer', 'IAX2 4.3: refused without a call'),
      giveUp: (cause) => this.#handle({ is: 'we-end' }, cause),
    });
    this.#signals = new CallSignals(this, this.#events, this.#media, this.#setup, {
      handle: (event, cause) => this.#handle(event, cause),
      onTransferCommand: (frame) => owner.onTransferCommand(this, frame),
      onProblem: (text, frame) => owner.onProblem(text, this, frame),
    });
    if (direction === 'outgoing') this.#setup.begin();
  }

  get state(): CallState {
    return this.#state;
  }

  /** ACCEPT was sent or received: the leg is up, whether or not somebody has answered. */
  get isAccepted(): boolean {
    return this.#isAccepted;
  }

  /** Who is called and who calls, as NEW says it: untrusted in a call that came in. */
  get parties(): CallParties {
    return this.#setup.parties;
  }

  /** The caller has proved who he is, or need not; of a call that we placed, whether we had to. */
  get isAuthenticated(): boolean {
    return this.#setup.isAuthenticated;
  }

  /** Where the peer is: another one after a native transfer. */
  get peer(): IaxAddress {
    return this.leg.path.address;
  }

  /** The codec agreed; undefined before ACCEPT. */
  get codec(): CodecName | undefined {
    return this.#isAccepted ? this.#setup.codec : undefined;
  }

  /** Why it ended; undefined before. */
  get cause(): Cause | undefined {
    return this.#cause;
  }

  get endedBy(): 'us' | 'peer' | 'network' | undefined {
    return this.#endedBy;
  }

  /** The number of our TRANSFER: a HANGUP after it says only that the peer has taken it over (IAX2 reference 6.7). */
  get handedOverTo(): string | undefined {
    return this.#handedOverTo;
  }

  /** How we hold the peer; undefined while we do not. */
  get holding(): HoldKind | undefined {
    return this.#media.holding;
  }

  get isHeld(): boolean {
    return this.#media.isHeld;
  }

  /** The peer wants no media from us: what we send as voice is dropped. */
  get isQuelched(): boolean {
    return this.#media.isQuelched;
  }

  /** A digit of ours sounds, or waits for its turn. */
  get isSendingDigits(): boolean {
    return this.#media.isSendingDigits;
  }

  get roundTrip(): Milliseconds {
    return this.leg.roundTrip;
  }

  on<Name extends keyof IaxCallEvents>(event: Name, listener: (...args: IaxCallEvents[Name]) => void): Disposable {
    return this.#events.on(event, listener);
  }

  /** ACCEPT: the leg is up, the codec agreed, and media may flow before anybody answers. */
  accept(): void {
    this.#want({ is: 'we-accept' }, 'accepted');
  }

  /** It rings here; accepts first. */
  ring(): void {
    this.report('ringing');
  }

  /** Tells the peer of the call's progress, or of that of another call that shall become this one's; accepts first. */
  report(report: ProgressReport): void {
    this.#want({ is: 'we-report', report }, 'told of its progress');
  }

  answer(): void {
    this.#want({ is: 'we-answer' }, 'answered');
  }

  /** Refuses a call that came in. One that is accepted hears busy or congestion first, where the cause is one of them. */
  reject(cause: Cause = causes.rejected): void {
    if (this.direction === 'outgoing' || this.#state === 'up' || this.#state === 'ended') this.#refuse('rejected');
    const report = announced.get(cause.code);
    if (this.#isAccepted && report !== undefined) this.leg.control(controlOf[report]);
    this.#handle({ is: 'we-end' }, cause);
  }

  /** Ends the call, whatever its state; harmless when it has ended, or when TXREL is about to end it. */
  hangUp(cause: Cause = causes.normal): void {
    // IAX2 reference 6.4: no HANGUP after TXREL: the peer is with somebody else.
    if (!this.leg.isReleased) this.#handle({ is: 'we-end' }, cause);
  }

  /** Holds the peer: by QUELCH, with music for its far party (or a class of it), or by CONTROL HOLD. */
  hold(music: boolean | string = true, by: HoldKind = 'quelch'): void {
    this.#needAccepted('held');
    if (this.holding !== undefined) this.#refuse('held twice');
    this.#media.hold(music, by);
  }

  resume(): void {
    this.#needAccepted('resumed');
    this.#media.resume();
  }

  /** One key of 0-9, A-D, * and #. */
  sendDigit(digit: string): void {
    if (!/^[\dA-D*#]$/u.test(digit)) throw new CallLabError('CL3009', `"${digit}" is not a telephone key`);
    this.#needAccepted('sent a digit');
    if (!this.#media.sendDigit(digit)) throw new CallLabError('CL3003', `too many digits wait in ${this.id} already`);
  }

  /** Throws a RangeError when it does not fit into one frame. */
  sendText(text: string): void {
    this.#needAccepted('sent a text');
    this.#media.sendText(text);
  }

  /** One piece of voice, in its turn. Dropped before ACCEPT, while the peer wants none, and in a codec not agreed. */
  sendVoice(codec: CodecName, payload: Uint8Array): void {
    if (this.#isAccepted && this.#state !== 'ended') this.#media.sendVoice(codec, payload);
  }

  /** TRANSFER: asks the peer to connect whoever is behind it with `number`. Nothing will say what became of it (IAX2 reference 6.7). */
  transfer(number: string, context?: string): void {
    this.#needAccepted('transferred');
    this.#handedOverTo = number;
    this.leg.command('TRANSFER', { calledNumber: number, ...(context === undefined ? {} : { calledContext: context }) });
  }

  /** UNSUPPORT: we cannot do what the peer's TRANSFER asks. */
  refuseTransfer(): void {
    this.#signals.refuse('TRANSFER');
  }

  /** The call has moved to another peer, and its person may want to know. */
  announceMove(): void {
    this.#events.emit('moved', this.peer);
  }

  /** The middle leaves a call whose ends have found each other: no HANGUP (IAX2 reference 6.4). */
  free(cause: Cause): void {
    this.leg.free();
    this.#end(cause, 'us', 'IAX2 6.4: the middle leaves without a HANGUP');
  }

  /** Ends it without a word to the peer. */
  abandon(): void {
    this.leg.abandon();
    this.#end(causes.networkOutOfOrder, 'us', 'given up by its owner');
  }

  #want(event: CallEvent, done: string): void {
    if (stepCall(this.#state, event, this.#conditions) === undefined) this.#refuse(done);
    this.#handle(event);
  }

  #needAccepted(done: string): void {
    if (!this.#isAccepted || this.#state === 'ended') this.#refuse(done);
  }

  #refuse(done: string): never {
    throw new CallLabError('CL3003', `${this.id} is ${this.#state} and cannot be ${done}`);
  }

  get #conditions(): CallConditions {
    return { direction: this.direction, isAccepted: this.#isAccepted, ...this.#setup.conditions };
  }

  #handle(event: CallEvent, cause?: Cause): void {
    const step = stepCall(this.#state, event, this.#conditions);
    if (step === undefined) return;
    // What is sent goes out before anybody is told: a listener may act at once.
    for (const action of step.actions) this.#send(action, event, cause);
    if (step.to === 'ended') {
      const by = step.actions.includes('read-cause') ? 'peer' : 'us';
      if (by === 'peer') this.leg.end();
      this.#end(cause ?? this.#setup.refusal, by, step.rule);
      return;
    }
    this.#move(step.to, step.rule);
    for (const action of step.actions) this.#tell(action, event);
  }

  #send(action: CallAction, event: CallEvent, cause: Cause = causes.normal): void {
    switch (action) {
      case 'send-authrep':
        this.#setup.authenticate();
        break;
      case 'refuse-challenge':
      case 'refuse-codec':
      case 'refuse-user':
        this.#leave('REJECT', this.#setup.refuse(action));
        break;
      case 'take-codec':
      case 'send-accept':
        if (action === 'send-accept') this.#setup.accept();
        this.#isAccepted = true;
        this.#media.open(this.#setup.usable);
        break;
      case 'send-report':
        if (event.is === 'we-report') this.leg.control(controlOf[event.report]);
        break;
      case 'send-answer':
        this.leg.control('ANSWER');
        break;
      case 'send-reject':
        this.#leave('REJECT', cause);
        break;
      case 'send-hangup':
        this.#leave('HANGUP', cause);
        break;
      case 'offer-call':
      case 'report':
      case 'read-cause':
        break;
    }
  }

  /** IAX2 reference 3.1: the last frame; when it is acknowledged the leg is gone. */
  #leave(command: 'REJECT' | 'HANGUP', cause: Cause): void {
    this.#media.stop();
    this.leg.command(command, causeElements(cause), { isFinal: true });
  }

  #tell(action: CallAction, event: CallEvent): void {
    if (action === 'offer-call') this.#owner.onOffered(this);
    else if (action === 'take-codec') this.#events.emit('accepted');
    else if (action === 'report' && event.is === 'report') this.#events.emit('report', event.report);
  }

  #move(to: CallState, rule: string): void {
    const from = this.#state;
    if (from === to) return;
    this.#state = to;
    this.#owner.services.observer.stateChanged('call', this.id, from, to, rule);
    this.#events.emit('state', from, to);
  }

  #end(cause: Cause, by: 'us' | 'peer' | 'network', rule: string): void {
    if (this.#state === 'ended') return;
    this.#media.stop();
    this.#setup.stop();
    this.#cause = cause;
    this.#endedBy = by;
    this.#move('ended', rule);
    this.#owner.onEnded(this);
    this.#events.emit('ended', cause);
  }
}
