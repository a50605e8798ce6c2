import { type Milliseconds, NamedTimers } from '../../core';
import { addressText, type IaxAddress, sameAddress } from '../address';
import { type Cause, causes } from '../cause';
import {
  buildCommand,
  buildFullFrame,
  buildMini,
  type CommandName,
  commands,
  type ControlName,
  controls,
  type ElementValues,
  type FullFrame,
  type FullHeader,
  frameTypes,
  retransmit,
  writeElements,
} from '../frame';
import { FormerPeer } from './former-peer';
import { isFarewell, isNumbered } from './frame-rules';
import { KeepAlive } from './keep-alive';
import type { LegHost, LegPath, LegState, LegUser, MediaCollector, Outgoing } from './leg-parts';
import { unmeasuredRoundTrip } from './retransmission';
import { SendQueue, type SendOptions } from './send-queue';
import { judgeArrival, next, steps } from './sequence';

/** How long an ended leg still answers the repeats of its peer (IAX2 reference 11.5). */
const lingering: Milliseconds = 10_000;

/** The same frame is not asked for more often. */
const complaintGap: Milliseconds = 100;

type LegTimer = 'linger';

/**
 * The reliability of one leg of a call: numbers, acknowledgements, repeats, and the end (IAX2 reference section 3). The
 * other parts send frames and get those that came in their turn.
 */
export class Leg {
  readonly id: string;
  readonly localNumber: number;
  /** Mini frames go there rather than to the peer, when set: the media of a media-only transfer. */
  mediaAddress: IaxAddress | undefined;
  /** Collects our mini frames for a trunk, when set. */
  collector: MediaCollector | undefined;
  readonly #host: LegHost;
  readonly #user: LegUser;
  readonly #queue: SendQueue;
  readonly #keepAlive: KeepAlive;
  readonly #timers: NamedTimers<LegTimer>;
  readonly #former: FormerPeer;
  #path: LegPath;
  #state: LegState = 'open';
  #isReleased = false;
  #began: Milliseconds;
  /** `i`: the number we expect next. */
  #incoming = 0;
  /** `a`: what we last told the peer that we expect. */
  #told = 0;
  #isKnownToPeer = false;
  /** The number that we last said is missing, and when. */
  #missing = -1;
  #missedAt: Milliseconds = 0;

  constructor(host: LegHost, user: LegUser, localNumber: number, path: LegPath) {
    this.#host = host;
    this.#user = user;
    this.localNumber = localNumber;
    this.id = `leg ${localNumber}`;
    this.#path = path;
    this.#began = host.clock.now();
    this.#timers = new NamedTimers(host.clock, host.observer, this.id);
    this.#queue = this.#createQueue();
    this.#former = new FormerPeer(host, this.id, localNumber, (path) => host.onPathChanged(this, path));
    this.#keepAlive = new KeepAlive(host, this.id, () => {
      // Before the peer has a number there is nobody to be asked: the first frame is still being repeated.
      if (this.#path.number !== 0) this.command('PING');
    });
  }

  get state(): LegState {
    return this.#state;
  }

  /** Where frames go, and the peer's number. */
  get path(): LegPath {
    return this.#path;
  }

  /** The peer that it had before it moved, for some seconds. */
  get formerPath(): LegPath | undefined {
    return this.#former.path;
  }

  /** The peer has used our number: from then on a frame without it is none of this leg (IAX2 reference 7.1). */
  get isKnownToPeer(): boolean {
    return this.#isKnownToPeer;
  }

  /** Milliseconds. */
  get roundTrip(): Milliseconds {
    return this.#keepAlive.roundTrip ?? unmeasuredRoundTrip;
  }

  /** Milliseconds since the first frame of this leg, or since it moved (modulo 2^32). */
  get time(): number {
    return Math.floor(this.#host.clock.now() - this.#began) >>> 0;
  }

  /** Our frames that are not acknowledged yet. */
  get unacknowledged(): number {
    return this.#queue.length;
  }

  /** Begins to ask the peer now and then whether it is there. */
  keepAlive(): void {
    this.#keepAlive.start();
  }

  /**
   * IAX2 reference 6.4: TXREL is on its way, and was the last thing to say: neither voice nor PING nor HANGUP follows. What comes is
   * acknowledged as ever.
   */
  release(): void {
    this.#isReleased = true;
    this.#keepAlive.stop();
  }

  get isReleased(): boolean {
    return this.#isReleased;
  }

  /** Sends a frame that consumes a number, again and again until it is acknowledged. Nothing when the leg is over. */
  send({ type, subclass, data, timestamp = this.time }: Outgoing, options: SendOptions = {}): void {
    if (this.#state !== 'open' || this.#isReleased) return;
    if (options.isFinal === true) this.#state = 'closing';
    this.#queue.send((sequence) => buildFullFrame(this.#header(timestamp, sequence), type, subclass, data), options);
    if (options.isFinal === true) this.#keepAlive.stop();
  }

  command(name: CommandName, elements: ElementValues = {}, options: SendOptions = {}): void {
    this.send({ type: frameTypes.iax, subclass: commands[name], data: writeElements(elements) }, options);
  }

  control(name: ControlName, options: SendOptions = {}): void {
    this.send({ type: frameTypes.control, subclass: controls[name] }, options);
  }

  /** Media without a number: lost is lost. `timestamp` is cut to its lower half. */
  sendMini(timestamp: number, payload: Uint8Array): void {
    if (this.#state !== 'open' || this.#isReleased) return;
    const destination = this.mediaAddress ?? this.#path.address;
    if (this.collector !== undefined) this.collector.collect(destination, this.localNumber, timestamp, payload);
    else this.#host.transmit(destination, buildMini(this.localNumber, timestamp, payload).bytes);
  }

  /**
   * A frame outside every numbering to somebody who is not the peer: TXCNT, TXACC (IAX2 reference 3.1). `again` is the same
   * frame sent before. Returns the frame, to be sent again.
   */
  sendOutside(to: LegPath, command: CommandName, elements: ElementValues = {}, again?: FullFrame): FullFrame {
    const header = { sourceCall: this.localNumber, destinationCall: to.number, timestamp: this.time, outgoingSequence: 0, incomingSequence: 0 };
    const frame = again === undefined ? buildCommand(header, command, elements) : retransmit(again, 0);
    this.#host.transmit(to.address, frame.bytes);
    return frame;
  }

  /** IAX2 reference 3.1: ACK has the ISeqno of what it acknowledges as its number, and its time. */
  acknowledge(frame: FullFrame): void {
    this.#told = this.#incoming;
    this.#bare('ACK', frame.timestamp, frame.incomingSequence);
  }

  /** Says that something before this is missing: a frame that came too early, or media before its first full frame. */
  complain(): void {
    // IAX2 reference 3.1: VNAK has what we expect in both numbers.
    this.#bare('VNAK', this.time, this.#incoming);
  }

  /** A full frame from the leg's peer, for our number or, before the peer knows it, for none. */
  receive(frame: FullFrame): void {
    if (frame.destinationCall === this.localNumber) this.#isKnownToPeer = true;
    if (this.#state === 'silent' || this.#state === 'forgotten') return;
    // IAX2 reference 7.1: an element that goes beyond the frame: no acknowledgement, no reply.
    if (frame.fault !== undefined) {
      this.#host.onProblem(frame.fault.text, this.#path.address, frame);
      return;
    }
    if (this.#state === 'lingering') this.#linger(frame);
    else if (frame.command === 'INVAL') this.#onInval();
    else this.#receive(frame);
  }

  /** A frame from source call 0 or 1, before the peer had a number: nothing in it is counted (IAX2 reference 3.2). */
  receiveReply(frame: FullFrame): void {
    if (frame.fault !== undefined) return;
    if (frame.command === 'INVAL') this.#onInval();
    else if (this.#state === 'open') this.#user.onReply?.(frame);
  }

  /** Media from the leg's peer, or from where its media come after a media-only transfer. */
  receiveMini(timestamp: number | undefined, payload: Uint8Array): void {
    if (this.#state === 'open') this.#user.onMini?.(timestamp, payload);
  }

  /** A full frame from the peer that this leg had before it moved: it may have missed our last ACK. */
  receiveFormer(frame: FullFrame): void {
    this.#former.receive(frame);
  }

  /** IAX2 reference 4.1: the number of the peer, from the first frame that answers ours. */
  learn(number: number): void {
    const former = this.#path;
    this.#path = { address: former.address, number };
    this.#host.onPathChanged(this, former);
  }

  /** IAX2 reference 4.3 step 3: with a call token the same request begins anew. */
  restart(): void {
    this.#queue.restart();
    this.#incoming = 0;
    this.#told = 0;
    this.#missing = -1;
  }

  /**
   * IAX2 reference 6.3, the switch: another peer from now on, all numbers and times anew. What the former peer must still get
   * acknowledged is acknowledged before ({@link acknowledge}), and its repeats for some seconds after.
   */
  move(path: LegPath): void {
    const former = this.#path;
    if (this.#state !== 'open') return;
    this.#former.remember(former, this.#incoming);
    this.restart();
    this.#path = path;
    this.#began = this.#host.clock.now();
    this.mediaAddress = undefined;
    this.#keepAlive.restart();
    this.#host.onPathChanged(this, former);
    this.#user.onMoved?.();
  }

  /** IAX2 reference 6.4: the middle leaves without a HANGUP, and says nothing whatever still comes. */
  free(): void {
    if (this.#state === 'open' || this.#state === 'closing') this.#end('silent');
  }

  /** The peer has said goodbye: that frame is acknowledged when it has been served, and its repeats for a while. */
  end(): void {
    if (this.#state === 'open' || this.#state === 'closing') this.#end('lingering');
  }

  /** Forgets the leg at once: nothing is said, nothing is answered. */
  abandon(): void {
    if (this.#state === 'forgotten') return;
    this.#stop();
    this.#state = 'forgotten';
    this.#host.onForgotten(this);
    this.#user.onForgotten?.();
    this.#former.forget();
  }

  #receive(frame: FullFrame): void {
    // IAX2 reference 3.1 step 1, 7.2: what acknowledges a frame that was never sent is not from this peer.
    if (!this.#queue.acknowledge(frame.incomingSequence)) {
      this.#host.onProblem(`${frame.title} acknowledges what was never sent, and was dropped`, this.#path.address, frame);
      return;
    }
    // Step 2: not counted. TXCNT and TXACC come from elsewhere, and are nothing here.
    if (!isNumbered(frame)) {
      if (frame.command === 'VNAK') this.#queue.resend();
      return;
    }
    // Our last frame may just have been acknowledged by a last frame of the peer's.
    if (this.#state === 'lingering' || this.#state === 'forgotten') {
      this.#linger(frame);
      return;
    }
    switch (judgeArrival(this.#incoming, frame.outgoingSequence)) {
      case 'next':
        this.#serve(frame);
        break;
      case 'duplicate':
        // Step 4.
        this.acknowledge(frame);
        break;
      case 'gap':
        // Step 5.
        this.#missSomething();
        break;
    }
  }

  /**
   * Not for each frame of a burst whose first one is lost: the peer sends all of them again for each VNAK. Nor at once again for
   * the same number: where a path loses just that frame, the two would keep each other busy for ever.
   */
  #missSomething(): void {
    const now = this.#host.clock.now();
    if (this.#missing === this.#incoming && now - this.#missedAt < complaintGap) return;
    this.#missing = this.#incoming;
    this.#missedAt = now;
    this.complain();
  }

  #serve(frame: FullFrame): void {
    this.#incoming = next(frame.outgoingSequence);
    this.#dispatch(frame);
    // Step 6: nothing that was sent meanwhile has told the peer. The last frame of a leg is always acknowledged (3.2); what
    // made it move was acknowledged before that.
    if (this.#state !== 'silent' && this.#told !== this.#incoming) this.acknowledge(frame);
  }

  #dispatch(frame: FullFrame): void {
    switch (frame.command) {
      case 'PING':
        this.#reply('PONG', frame, this.#user.report?.());
        break;
      case 'LAGRQ':
        this.#reply('LAGRP', frame);
        break;
      case 'PONG':
        this.#keepAlive.onPong(this.time - frame.timestamp);
        break;
      case 'LAGRP':
        break;
      default:
        // Whoever is leaving hears no more; but the peer may leave at the same time.
        if (this.#state === 'closing') {
          if (isFarewell(frame)) this.#end('lingering');
        } else {
          this.#user.onFrame(frame);
        }
    }
  }

  /** IAX2 reference 3.2: the reply has the time of the request. A peer that acknowledges nothing gets none. */
  #reply(command: CommandName, { timestamp }: FullFrame, elements: ElementValues = {}): void {
    if (this.#queue.isFull) return;
    this.send({ type: frameTypes.iax, subclass: commands[command], data: writeElements(elements), timestamp });
  }

  /** IAX2 reference 7.1: the peer knows nothing of this leg: it is over at once, without an ACK. */
  #onInval(): void {
    this.#die(causes.unknownCall);
  }

  #die(cause: Cause): void {
    const wasOpen = this.#state === 'open';
    this.abandon();
    if (wasOpen) this.#user.onDead(cause);
  }

  #linger(frame: FullFrame): void {
    if (!isNumbered(frame)) return;
    const arrival = judgeArrival(this.#incoming, frame.outgoingSequence);
    if (arrival === 'gap') return;
    if (arrival === 'next') this.#incoming = next(this.#incoming);
    this.acknowledge(frame);
  }

  #end(to: 'lingering' | 'silent'): void {
    this.#stop();
    this.#state = to;
    this.#host.onOver(this);
    this.#timers.set('linger', lingering, () => this.abandon());
  }

  #stop(): void {
    this.#queue.cancel();
    this.#keepAlive.stop();
    this.#timers.clearAll();
  }

  #bare(command: CommandName, timestamp: number, outgoingSequence: number): void {
    this.#host.transmit(this.#path.address, buildCommand(this.#header(timestamp, outgoingSequence), command).bytes);
  }

  #header(timestamp: number, outgoingSequence: number): FullHeader {
    return {
      sourceCall: this.localNumber,
      destinationCall: this.#path.number,
      timestamp,
      outgoingSequence,
      incomingSequence: this.#incoming,
    };
  }

  #createQueue(): SendQueue {
    // The queue asks for what changes; it is built before the leg is complete.
    const leg = (): Leg => this;
    return new SendQueue({
      id: this.id,
      services: this.#host,
      get incoming() {
        return leg().#incoming;
      },
      get roundTrip() {
        return leg().roundTrip;
      },
      transmit: (frame) => {
        this.#told = this.#incoming;
        this.#host.transmit(this.#path.address, frame.bytes);
      },
      // What was to be said last has been said: what still comes is for a call that is not known (IAX2 reference 7.1).
      onFinalDone: () => this.abandon(),
      onGivenUp: () => this.#die(causes.outOfOrder),
      onAllAcknowledged: () => this.#user.onAllAcknowledged?.(),
    });
  }

  /** For the log: `leg 2001 with 127.0.0.1:4569 (5208)`. */
  toString(): string {
    return `${this.id} with ${addressText(this.#path.address)} (${this.#path.number})`;
  }

  /** Whether a frame from `source` with these numbers is of this leg and its peer. */
  isFrom(source: IaxAddress, sourceCall: number): boolean {
    // 0 is nobody's number, and not that of a peer who has none yet.
    return sourceCall !== 0 && this.#path.number === sourceCall && sameAddress(this.#path.address, source);
  }

  /** How far ahead of us the peer's numbers are: for tests and the curious. */
  get numbers(): { readonly outgoing: number; readonly incoming: number; readonly unheard: number } {
    return { outgoing: this.#queue.outgoing, incoming: this.#incoming, unheard: steps(this.#told, this.#incoming) };
  }
}
