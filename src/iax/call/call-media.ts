import type { Emitter, Milliseconds } from '../../core';
import { codecName, type CodecName, codecs, type ElementValues, type FullFrame, frameTypes } from '../frame';
import type { Leg } from '../leg';
import type { IaxServices } from '../services';
import type { HoldKind, IaxCallEvents } from './call-events';
import { DigitSender } from './digit-sender';
import { VoiceReceiver, VoiceSender } from './voice';

/** IAX2 reference 7.1: so often at most a peer is told that its first full voice frame is missing. */
const complaintInterval: Milliseconds = 100;

/** The longest text in one frame, in octets: a datagram has 1,200 at most. */
const longestText = 1_100;

/** Voice, keys, text and hold of a call that is accepted (IAX2 reference 1.3, 5.2, 5.3). */
export class CallMedia {
  readonly #leg: Leg;
  readonly #services: IaxServices;
  readonly #events: Emitter<IaxCallEvents>;
  readonly #sender = new VoiceSender();
  readonly #receiver = new VoiceReceiver();
  readonly #digits: DigitSender;
  /** What both sides can use. */
  #codecs: readonly CodecName[] = [];
  #isQuelched = false;
  #heldBy = new Set<HoldKind>();
  #holding: HoldKind | undefined;
  #complainedAt: Milliseconds = Number.NEGATIVE_INFINITY;

  constructor(leg: Leg, services: IaxServices, events: Emitter<IaxCallEvents>) {
    this.#leg = leg;
    this.#services = services;
    this.#events = events;
    this.#digits = new DigitSender(leg, services, () => events.emit('digitsSent'));
  }

  /** The peer wants no media from us. */
  get isQuelched(): boolean {
    return this.#isQuelched;
  }

  /** The peer holds us, by whatever means. */
  get isHeld(): boolean {
    return this.#heldBy.size > 0;
  }

  /** How we hold the peer; undefined while we do not. */
  get holding(): HoldKind | undefined {
    return this.#holding;
  }

  /** The call is accepted: these may be used from now on. */
  open(usable: readonly CodecName[]): void {
    this.#codecs = usable;
  }

  sendVoice(codec: CodecName, payload: Uint8Array): void {
    // IAX2 reference 5.2: QUELCH says to stop; the time goes on meanwhile.
    if (this.#isQuelched || !this.#codecs.includes(codec)) return;
    const { isFull, timestamp } = this.#sender.next(codec, payload, this.#leg.time);
    if (isFull) this.#leg.send({ type: frameTypes.voice, subclass: codecs[codec], data: payload, timestamp });
    else this.#leg.sendMini(timestamp, payload);
  }

  /** A digit sounds, or waits for its turn. */
  get isSendingDigits(): boolean {
    return this.#digits.isBusy;
  }

  /** Whether it will be sent: too many keys at a time are not. */
  sendDigit(digit: string): boolean {
    return this.#digits.send(digit);
  }

  /** Throws a RangeError for a text that does not fit into one frame. */
  sendText(text: string): void {
    const data = Buffer.from(text, 'utf8');
    if (data.length > longestText) throw new RangeError(`the text has ${data.length} octets; the most is ${longestText}`);
    this.#leg.send({ type: frameTypes.text, subclass: 0, data });
  }

  /** IAX2 reference 5.2: QUELCH with MUSICONHOLD stops the peer's media and gives its far party music; HOLD only tells. */
  hold(music: boolean | string, by: HoldKind): void {
    this.#holding = by;
    if (by === 'quelch') this.#leg.command('QUELCH', music === false ? {} : { musicOnHold: music === true ? '' : music });
    else this.#leg.control('HOLD');
  }

  resume(): void {
    if (this.#holding === 'quelch') this.#leg.command('UNQUELCH');
    else if (this.#holding === 'hold') this.#leg.control('UNHOLD');
    this.#holding = undefined;
  }

  /** A frame of voice, keys or text. Returns false for any other. */
  onFrame(frame: FullFrame): boolean {
    switch (frame.type) {
      case frameTypes.voice:
        this.#onVoice(frame);
        return true;
      case frameTypes.dtmfBegin:
      case frameTypes.dtmf:
        this.#onDigit(frame);
        return true;
      case frameTypes.text:
        // Asterisk ends its texts with a NUL (IAX2 reference 2.1).
        this.#events.emit('text', Buffer.from(frame.data).toString('utf8').replace(/\0+$/u, ''));
        return true;
      default:
        return false;
    }
  }

  onMini(timestamp: number | undefined, payload: Uint8Array): void {
    const packet = this.#receiver.onMini(timestamp, payload, this.#services.clock.now());
    if (packet !== undefined) {
      this.#events.emit('voice', packet);
      return;
    }
    // IAX2 reference 7.1: a mini before any full voice frame: VNAK, but not for each of fifty a second.
    const now = this.#services.clock.now();
    if (now - this.#complainedAt < complaintInterval) return;
    this.#complainedAt = now;
    this.#leg.complain();
  }

  onQuelch(frame: FullFrame): void {
    this.#isQuelched = true;
    const music = frame.element('musicOnHold');
    this.#heldBy.add('quelch');
    this.#events.emit('held', { by: 'quelch', music: music === '' ? true : music });
  }

  onUnquelch(): void {
    this.#isQuelched = false;
    if (this.#heldBy.delete('quelch')) this.#events.emit('resumed', 'quelch');
  }

  /** CONTROL HOLD may name a class of music (IAX2 reference 2.3); it is as QUELCH with music, but nobody falls silent (5.2). */
  onHold(frame: FullFrame): void {
    const name = Buffer.from(frame.data).toString('utf8').replace(/\0+$/u, '');
    this.#heldBy.add('hold');
    this.#events.emit('held', { by: 'hold', music: name === '' ? true : name });
  }

  onUnhold(): void {
    if (this.#heldBy.delete('hold')) this.#events.emit('resumed', 'hold');
  }

  /** IAX2 reference 6.3: another peer: full frames first both ways. QUELCH stays as it is (6.6). */
  onMoved(): void {
    this.#sender.reset();
    this.#receiver.reset();
  }

  /** What a PONG tells of what we have received: no more than we know (RFC 5456 section 8.6.34 to 8.6.39). */
  report(): ElementValues {
    const { jitter, packets, outOfOrder } = this.#receiver;
    return { receivedJitter: Math.round(jitter) >>> 0, receivedPackets: packets, receivedOutOfOrder: outOfOrder };
  }

  /** The call ends: a key that sounds is let go, while the leg can still say so. */
  stop(): void {
    this.#digits.stop();
  }

  #onVoice(frame: FullFrame): void {
    const codec = codecName(frame.subclass);
    // IAX2 reference 4.5: another codec may come at any time, out of those that we said we can use.
    if (codec === undefined || !this.#codecs.includes(codec)) return;
    this.#events.emit('voice', this.#receiver.onFull(codec, frame.timestamp, frame.data, this.#services.clock.now()));
  }

  #onDigit(frame: FullFrame): void {
    const digit = String.fromCharCode(frame.subclass);
    if (!/^[\dA-D*#]$/u.test(digit)) return;
    this.#events.emit(frame.type === frameTypes.dtmf ? 'digit' : 'digitBegan', digit);
  }
}
