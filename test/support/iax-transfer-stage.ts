import { decodeFrame, type FullFrame, type IaxAddress, type IaxCall, type IaxEndpointOptions, type NativeTransfer, type NativeTransferOptions, type TransferOutcome } from '../../src/iax';
import { IaxRig, type PathConditions, type RigEndpoint, type SentDatagram, titleOf } from './iax-rig';

/** Milliseconds of voice in one frame. */
const frameTime = 20;

/** A person at an endpoint: speaks in every call that is up, and knows whom he has heard since he was last asked. */
export class Speaker {
  readonly name: string;
  readonly calls: IaxCall[] = [];
  readonly heard = new Set<string>();
  /** What is spoken into each call; everybody else hears silence. */
  isSpeaking = true;

  constructor(name: string) {
    this.name = name;
  }

  take(call: IaxCall): IaxCall {
    this.calls.push(call);
    call.on('voice', ({ payload }) => this.heard.add(Buffer.from(payload).toString('latin1').slice(0, 1)));
    return call;
  }

  /** Speaks one frame into each call that he does not hold. */
  speak(): void {
    if (!this.isSpeaking) return;
    const payload = Buffer.alloc(160, this.name);
    for (const call of this.calls) if (call.isAccepted && call.holding === undefined) call.sendVoice('PCMU', payload);
  }

  /** Whom he heard since he was last asked. */
  hears(): string {
    const names = [...this.heard].sort().join('');
    this.heard.clear();
    return names;
  }
}

export interface StageOptions {
  readonly conditions?: PathConditions;
  readonly seed?: number;
  /** Of all three, or of one. */
  readonly endpoints?: Partial<IaxEndpointOptions>;
  readonly customer?: Partial<IaxEndpointOptions>;
  readonly boss?: Partial<IaxEndpointOptions>;
  /** The boss does not answer. */
  readonly isBlonde?: boolean;
  /** Customer and boss are one endpoint, as behind one server. */
  readonly isOneHost?: boolean;
  /** The customer is held while the secretary talks to the boss. */
  readonly isHeld?: boolean;
}

/**
 * The customer (C) has called the secretary (S), who has called the boss (B). All three are our endpoints, on a simulated path;
 * `carry` moves the clock, and everybody speaks meanwhile.
 */
export class TransferStage {
  readonly rig: IaxRig;
  readonly customer: RigEndpoint;
  readonly secretary: RigEndpoint;
  readonly boss: RigEndpoint;
  readonly c = new Speaker('C');
  readonly s = new Speaker('S');
  readonly b = new Speaker('B');
  /** The customer's call, and the secretary's two. */
  ofCustomer!: IaxCall;
  withCustomer!: IaxCall;
  withBoss!: IaxCall;
  ofBoss!: IaxCall;
  transfer: NativeTransfer | undefined;
  readonly outcomes: TransferOutcome[] = [];
  readonly #options: StageOptions;

  constructor(options: StageOptions = {}) {
    this.#options = options;
    this.rig = new IaxRig(options.conditions, options.seed);
    this.customer = this.rig.endpoint(1, { ...options.endpoints, ...options.customer });
    this.secretary = this.rig.endpoint(5, options.endpoints);
    this.boss = options.isOneHost === true ? this.customer : this.rig.endpoint(3, { ...options.endpoints, ...options.boss });
  }

  /** Both calls up; false when the path did not even let that happen. */
  setUp(): boolean {
    this.ofCustomer = this.c.take(this.customer.call(this.secretary, { number: 'secretary', callingNumber: 'customer' }));
    if (!this.#until(() => this.secretary.incoming.length > 0)) return false;
    this.withCustomer = this.s.take(this.secretary.lastCall);
    this.withCustomer.answer();
    if (!this.#until(() => this.ofCustomer.state === 'up')) return false;
    if (this.#options.isHeld === true) this.withCustomer.hold();
    this.withBoss = this.s.take(this.secretary.call(this.boss, { number: 'boss', callingNumber: 'secretary' }));
    if (!this.#until(() => this.boss.incoming.length > 0)) return false;
    this.ofBoss = this.b.take(this.boss.lastCall);
    if (this.#options.isBlonde === true) this.ofBoss.ring();
    else this.ofBoss.answer();
    const wanted = this.#options.isBlonde === true ? 'ringing' : 'up';
    return this.#until(() => this.withBoss.state === wanted && this.withBoss.leg.unacknowledged === 0 && this.withCustomer.leg.unacknowledged === 0);
  }

  connect(options: NativeTransferOptions = {}): NativeTransfer {
    const transfer = this.secretary.endpoint.connect(this.withCustomer, this.withBoss, options);
    transfer.on('finished', (outcome) => this.outcomes.push(outcome));
    this.transfer = transfer;
    return transfer;
  }

  /** Full frames that one sent to the other, in order. */
  framesBetween(from: RigEndpoint, to: RigEndpoint): FullFrame[] {
    const datagrams = this.rig.sent.filter((datagram) => datagram.from === from.address && datagram.to.host === to.address.host);
    return datagrams.map(({ bytes }) => decodeFrame(bytes)).filter((frame) => frame.kind === 'full');
  }

  briefTitle(bytes: Uint8Array): string {
    return titleOf(bytes).replace('*', '');
  }

  /** Moves the clock a millisecond at a time until `condition` holds, ten seconds at most; nobody speaks. */
  runUntil(condition: () => boolean): boolean {
    for (let at = 0; at < 10_000 && !condition(); at += 1) this.rig.run(1);
    return condition();
  }

  /** Lets `duration` milliseconds pass, in which everybody speaks. */
  carry(duration: number): void {
    for (let at = 0; at < duration; at += frameTime) {
      for (const speaker of [this.c, this.s, this.b]) speaker.speak();
      this.rig.run(frameTime);
    }
  }

  /** Carries until `condition` holds, two minutes at most. */
  carryUntil(condition: () => boolean): boolean {
    for (let at = 0; at < 120_000 && !condition(); at += frameTime) this.carry(frameTime);
    return condition();
  }

  /** Who hears whom within the next half second: `C:B S: B:C`. */
  hearing(duration = 500): string {
    for (const speaker of [this.c, this.s, this.b]) speaker.hears();
    this.carry(duration);
    return [this.c, this.s, this.b].map((speaker) => `${speaker.name}:${speaker.hears()}`).join(' ');
  }

  /** Hangs everything up; returns what is left over, which must be nothing. */
  strike(): { readonly live: number; readonly timers: number } {
    for (const call of [this.ofCustomer, this.withCustomer, this.withBoss, this.ofBoss]) (call as IaxCall | undefined)?.hangUp();
    this.rig.conditions = {};
    this.rig.filter = () => true;
    this.rig.run(120_000);
    const live = [this.customer, this.secretary, this.boss].reduce((sum, { endpoint }) => sum + endpoint.footprint.legs, 0);
    return { live, timers: this.rig.close() };
  }

  /** `S>C TXREQ`: who sent what to whom. */
  readonly brief = ({ from, to, bytes }: SentDatagram): string => `${this.#nameOf(from)}>${this.#nameOf(to)} ${titleOf(bytes)}`;

  #nameOf({ host }: IaxAddress): string {
    return { [this.customer.address.host]: 'C', [this.secretary.address.host]: 'S', [this.boss.address.host]: 'B' }[host] ?? host;
  }

  #until(condition: () => boolean): boolean {
    for (let at = 0; at < 120_000 && !condition(); at += frameTime) this.rig.run(frameTime);
    return condition();
  }
}

export const nothingLeft = { live: 0, timers: 0 };
