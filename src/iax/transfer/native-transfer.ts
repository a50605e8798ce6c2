import { type Disposable, Emitter, type Milliseconds, NamedTimers } from '../../core';
import { type Cause, causes } from '../cause';
import type { HoldKind, IaxCall } from '../call';
import { type CommandName, commands, type ElementValues, type FullFrame } from '../frame';
import type { SendOptions } from '../leg';
import type { IaxServices } from '../services';
import { type MiddleAction, type MiddleEvent, type MiddleState, otherSide, type Side, transferMiddle } from './middle';
import type { TransferOutcome } from './outcome';
import { CallRelay } from './relay';

export interface NativeTransferOptions {
  /** Only voice goes straight; signalling stays with us. */
  readonly media?: boolean;
  /**
   * Voice, keys, text and HANGUP pass from call to call until the ends talk to each other, and go on when they do not find each
   * other: by the relay that joins the two calls already, or by a new one. Default: none, as in a phone whose person talks to both;
   * with `media`, one for the time of the transfer, since the signalling still passes through us. False for who relays himself.
   */
  readonly relay?: boolean | Disposable;
  /** How often it is tried, when an attempt fails by time and not by a refusal. Default: 1. */
  readonly attempts?: number;
}

export interface NativeTransferEvents {
  readonly state: readonly [from: MiddleState, to: MiddleState, rule: string];
  /** Decided. A media-only transfer is then under way, and ends with its calls. */
  readonly finished: readonly [outcome: TransferOutcome];
}

export interface NativeTransferHost extends IaxServices {
  /** Nothing more happens in this transfer. */
  onOver(transfer: NativeTransfer): void;
}

/**
 * TXREL goes out more often and in shorter gaps than other frames, for twenty seconds: an end that never gets it is lost (IAX2
 * reference 6.4).
 */
const releaseTransmissions = 11;
const releaseGap: Milliseconds = 2_000;

/** What our own calls say when they are over. */
const transferred: Cause = { code: causes.normal.code, text: 'Transferred: the other two talk to each other' };

const sides: readonly Side[] = ['a', 'b'];

/** A TXREJ that comes so late is no refusal: an end has heard nothing from the other (IAX2 reference 6.5). */
const lateRejection: Milliseconds = 4_500;

/** One native transfer with us in the middle: our two calls are connected, and we leave. Runs {@link transferMiddle}. */
export class NativeTransfer extends Emitter<NativeTransferEvents> {
  readonly id: string;
  readonly calls: Readonly<Record<Side, IaxCall>>;
  readonly #host: NativeTransferHost;
  readonly #kind: 'full' | 'media';
  readonly #timers: NamedTimers<'guard'>;
  readonly #relay: Disposable | undefined;
  /** Nobody asked for the relay: it was made for the attempt, and ends with it. */
  readonly #isBorrowed: boolean;
  readonly #released: Record<Side, boolean | undefined> = { a: undefined, b: undefined };
  #attemptsLeft: number;
  #state: MiddleState = 'idle';
  #ready: Side | undefined;
  #transferId = 0;
  #began: Milliseconds = 0;
  #isAwaited = false;
  /** Ends that we held, and that got UNQUELCH for the transfer. */
  readonly #unheld = new Map<Side, HoldKind>();
  /** Of an end that said nothing in the last attempt, an answer to that one may still be under way. */
  #heard = new Set<Side>();
  #unsure = new Set<Side>();
  /** The end that hung up when it was being released. */
  #lateEnd: Side | undefined;
  #outcome: TransferOutcome | undefined;

  constructor(host: NativeTransferHost, a: IaxCall, b: IaxCall, options: NativeTransferOptions = {}) {
    super();
    const { media = false, relay = media, attempts = 1 } = options;
    this.#host = host;
    this.calls = { a, b };
    this.id = `${a.id} with ${b.id}`;
    this.#kind = media ? 'media' : 'full';
    this.#attemptsLeft = attempts - 1;
    this.#timers = new NamedTimers(host.clock, host.observer, this.id);
    this.#relay = typeof relay === 'object' ? relay : relay ? new CallRelay(a, b) : undefined;
    this.#isBorrowed = options.relay === undefined;
  }

  get state(): MiddleState {
    return this.#state;
  }

  /** Undefined until it is decided. */
  get outcome(): TransferOutcome | undefined {
    return this.#outcome;
  }

  get isMedia(): boolean {
    return this.#kind === 'media';
  }

  /** Sends TXREQ to both ends. */
  start(): void {
    this.#handle({ is: 'start' });
  }

  /** Gives it up while that is possible: both calls stay as they were. */
  withdraw(): void {
    this.#attemptsLeft = 0;
    this.#handle({ is: 'withdrawn' }, { is: 'withdrawn', side: undefined, text: 'The transfer was given up.' });
  }

  /** TXREADY, TXREJ, or UNSUPPORT of TXREQ, in its turn. */
  receive(side: Side, frame: FullFrame): void {
    // An answer to an earlier attempt is none to this one. Asterisk and libiax2 leave the id out (IAX2 reference 6.2).
    const id = frame.element('transferId');
    if (id !== undefined ? id !== this.#transferId : frame.command === 'TXREADY' && this.#unsure.has(side)) return;
    this.#heard.add(side);
    switch (frame.command) {
      case 'TXREADY':
        this.#handle({ is: 'txready', side });
        if (this.#state === 'half-ready') this.#ready ??= side;
        return;
      case 'TXREJ':
        this.#reject(side, 'TXREJ');
        return;
      case 'UNSUPPORT':
        if (frame.element('iaxUnknown') === commands.TXREQ) this.#reject(side, 'UNSUPPORT');
        return;
      default:
        return;
    }
  }

  /** Nothing of ours is unacknowledged on one of the two legs. */
  onAllAcknowledged(): void {
    if (!this.#isAwaited || this.calls.a.leg.unacknowledged > 0 || this.calls.b.leg.unacknowledged > 0) return;
    this.#isAwaited = false;
    this.#handle({ is: 'settled' });
  }

  /** One of the two calls is over. */
  onEnded(side: Side): void {
    const by = this.calls[side].endedBy ?? 'network';
    if (this.#state === 'releasing') this.#resolve({ is: 'ended', side, by }, by !== 'network');
    else this.#handle({ is: 'ended', side, by }, { is: 'ended', side, text: 'One of the two calls ended before it was transferred.' });
  }

  /** Drops it at once: nothing is sent, no timer stays. */
  abandon(): void {
    this.#timers.clearAll();
    this.#isAwaited = false;
    if (this.#isBorrowed) this.#relay?.dispose();
  }

  #reject(side: Side, by: 'TXREJ' | 'UNSUPPORT'): void {
    const isLate = by === 'TXREJ' && this.#host.clock.now() - this.#began >= lateRejection;
    const outcome: TransferOutcome = isLate
      ? { is: 'timed-out', side, text: 'One end heard nothing from the other and gave up (TXREJ).' }
      : { is: 'rejected', side, text: by === 'TXREJ' ? 'One end refused (TXREJ).' : 'One end knows no transfers (UNSUPPORT).' };
    if (this.#state === 'releasing') this.#resolve({ is: 'txrej', side, by }, false);
    else this.#handle({ is: 'txrej', side, by }, outcome);
  }

  #resolve(event: Extract<MiddleEvent, { readonly side: Side }>, moved: boolean): void {
    const { side } = event;
    if (this.#released[side] !== undefined) return;
    if (event.is === 'ended' && moved) this.#lateEnd = side;
    this.#handle(event, {
      is: 'uncertain',
      side: moved ? otherSide(side) : side,
      text: 'One end never acknowledged its release (TXREL): perhaps it does not talk to the other.',
    });
    this.#released[side] = moved;
  }

  /** `outcome`: what it is if this event ends it. */
  #handle(event: MiddleEvent, outcome?: TransferOutcome): void {
    const step = transferMiddle(this.#state, event, {
      kind: this.#kind,
      ready: this.#ready,
      relaying: this.#relay !== undefined,
      released: this.#released,
    });
    if (step === undefined) return;
    const from = this.#state;
    this.#state = step.to;
    if (from !== step.to) this.#host.observer.stateChanged('transfer', this.id, from, step.to, step.rule);
    for (const action of step.actions) this.#perform(action);
    if (from !== step.to) this.#moved(from, step.to, step.rule, outcome);
  }

  #moved(from: MiddleState, to: MiddleState, rule: string, outcome: TransferOutcome | undefined): void {
    this.emit('state', from, to, rule);
    switch (to) {
      case 'media':
        this.#finish({ is: 'media', side: undefined, text: 'Voice goes straight from end to end.' });
        return;
      case 'done':
        this.#over(this.#doneOutcome);
        return;
      case 'failed':
        if (this.#mayTryAgain(outcome)) this.#tryAgain();
        else this.#over(outcome);
        return;
      case 'uncertain':
        this.#over(outcome);
        return;
      default:
        return;
    }
  }

  get #doneOutcome(): TransferOutcome {
    const side = this.#lateEnd;
    return side === undefined
      ? { is: 'done', side, text: 'Both ends talk to each other.' }
      : { is: 'ended', side, text: 'One end hung up just when it was released: the other learns that from there.' };
  }

  #mayTryAgain(outcome: TransferOutcome | undefined): boolean {
    return outcome?.is === 'timed-out' && this.#attemptsLeft > 0 && this.calls.a.state !== 'ended' && this.calls.b.state !== 'ended';
  }

  #tryAgain(): void {
    this.#attemptsLeft -= 1;
    this.#ready = undefined;
    this.#isAwaited = false;
    this.#unsure = new Set(sides.filter((side) => !this.#heard.has(side)));
    this.#heard = new Set();
    this.#host.observer.stateChanged('transfer', this.id, 'failed', 'idle', 'IAX2 reference 6.2: tried again, under a new id');
    this.#state = 'idle';
    this.#handle({ is: 'start' });
  }

  #over(outcome: TransferOutcome | undefined): void {
    this.abandon();
    this.#host.onOver(this);
    if (outcome !== undefined) this.#finish(outcome);
  }

  /** A media-only transfer was decided before it came to its end. */
  #finish(outcome: TransferOutcome): void {
    if (this.#outcome !== undefined) return;
    this.#outcome = outcome;
    this.emit('finished', outcome);
  }

  #perform(action: MiddleAction): void {
    switch (action.do) {
      case 'send-txreq':
        this.#request(action.to);
        return;
      case 'send-txrej':
        this.#command(action.to, 'TXREJ', { transferId: this.#transferId });
        return;
      case 'unquelch':
        this.#unquelch(action.to);
        return;
      case 'quelch-again':
        this.#holdAgain(action.to);
        return;
      case 'tell-ringing':
        this.#tellRinging(action.to);
        return;
      case 'send-txrel':
        this.#release(action.to);
        return;
      case 'send-txmedia':
        this.#command(action.to, 'TXMEDIA', { callNumber: this.calls[otherSide(action.to)].leg.path.number });
        return;
      case 'set-guard':
        this.#timers.set('guard', action.after, () => {
          this.#handle({ is: 'guard' }, { is: 'timed-out', side: undefined, text: 'The ends did not find each other within ten seconds.' });
        });
        return;
      case 'clear-guard':
        this.#timers.clear('guard');
        return;
      case 'await-settled':
        this.#isAwaited = true;
        this.onAllAcknowledged();
        return;
      case 'stop-relaying':
        this.#relay?.dispose();
        return;
      case 'pass-on-hangup':
        this.#passOnHangup(action.to);
        return;
      case 'free-legs':
        this.#freeLegs();
    }
  }

  /** IAX2 reference 6.8: what the one who is transferred shall hear until the other answers. */
  #tellRinging(to: Side): void {
    if (this.calls[to].state === 'up' && this.calls[otherSide(to)].state !== 'up') this.calls[to].report('ringing');
  }

  /** Both legs first: whoever hears that one call is over may hang up the other. */
  #freeLegs(): void {
    for (const side of sides) this.calls[side].leg.free();
    for (const side of sides) this.calls[side].free(transferred);
  }

  /** To each end the other one's address, as we see it, and number (IAX2 reference 6.2). One id for both, new for each attempt. */
  #request(to: Side): void {
    if (to === 'a') {
      this.#transferId = readUint32(this.#host.random.bytes(4));
      this.#began = this.#host.clock.now();
    }
    const { address, number } = this.calls[otherSide(to)].leg.path;
    this.#command(to, 'TXREQ', { apparentAddress: address, callNumber: number, transferId: this.#transferId });
  }

  #unquelch(to: Side): void {
    const { holding } = this.calls[to];
    if (holding === undefined) return;
    this.#unheld.set(to, holding);
    this.calls[to].resume();
  }

  #holdAgain(to: Side): void {
    const by = this.#unheld.get(to);
    this.#unheld.delete(to);
    if (by !== undefined && this.calls[to].state !== 'ended') this.calls[to].hold(true, by);
  }

  #release(to: Side): void {
    this.#command(
      to,
      'TXREL',
      { callNumber: this.calls[otherSide(to)].leg.path.number },
      {
        transmissions: releaseTransmissions,
        longestGap: releaseGap,
        onAcknowledged: () => {
          this.#resolve({ is: 'released', side: to, acknowledged: true }, true);
        },
        onGivenUp: () => {
          this.#resolve({ is: 'released', side: to, acknowledged: false }, false);
        },
      },
    );
    this.calls[to].leg.release();
  }

  #passOnHangup(to: Side): void {
    this.calls[to].hangUp(this.calls[otherSide(to)].cause);
  }

  #command(to: Side, name: CommandName, elements: ElementValues, options?: SendOptions): void {
    this.calls[to].leg.command(name, elements, options);
  }
}

function readUint32(bytes: Uint8Array): number {
  return bytes.reduce((value, octet) => (value * 0x100 + octet) >>> 0, 0);
}
