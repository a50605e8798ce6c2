import { type Disposable, Emitter } from '../../core';
import type { IaxCall } from '../call';
import { causes } from '../cause';
import type { IaxServices } from '../services';
import type { Transition } from './machine';
import { CallRelay } from './relay';

/** Where a transfer by TRANSFER stands for the server that was asked for it. */
export type TakingOverState = 'asked' | 'dialling' | 'handed-over' | 'connected' | 'refused' | 'failed';

export type TakingOverEvent =
  /** `route`: whether somebody is behind the leg, and whether the number leads anywhere. */
  | { readonly is: 'judged'; readonly route: 'known' | 'unknown' | 'nobody-behind' }
  /** Of the new call. */
  | { readonly is: 'accepted' }
  | { readonly is: 'ringing' }
  | { readonly is: 'answered' }
  | { readonly is: 'target-ended' }
  | { readonly is: 'far-ended' };

export type TakingOverAction =
  /** UNSUPPORT to who asked. */
  | 'refuse'
  /** TEXT to who asked: there is no other way to tell him. */
  | 'tell-no-number'
  | 'tell-failure'
  | 'dial'
  | 'hang-up-transferor'
  | 'tell-ringing'
  | 'join'
  | 'hang-up-far'
  | 'hang-up-target';

type Step = Transition<TakingOverState, TakingOverAction> | undefined;

/** The receiver of TRANSFER, as a server that does better than Asterisk: IAX2 reference 6.7. */
export function takingOver(state: TakingOverState, event: TakingOverEvent): Step {
  switch (state) {
    case 'asked':
      return event.is === 'judged' ? judged(event.route) : undefined;
    case 'dialling':
      return dialling(event);
    case 'handed-over':
      return handedOver(event);
    case 'connected':
      // From here on the two are a call like any other: the relay passes on who hangs up.
      return undefined;
    case 'refused':
    case 'failed':
      return undefined;
  }
}

function judged(route: 'known' | 'unknown' | 'nobody-behind'): Step {
  switch (route) {
    case 'nobody-behind':
      return { to: 'refused', actions: ['refuse'], rule: 'IAX2 reference 6.7: nobody is behind this leg: ACK and UNSUPPORT' };
    case 'unknown':
      return { to: 'refused', actions: ['tell-no-number'], rule: 'IAX2 reference 6.7: the number is checked first: both legs stay, a TEXT says why' };
    case 'known':
      return { to: 'dialling', actions: ['dial'], rule: 'IAX2 reference 6.7: the new call is begun; until it is accepted nobody is cut off' };
  }
}

function dialling(event: TakingOverEvent): Step {
  switch (event.is) {
    case 'accepted':
      return { to: 'handed-over', actions: ['hang-up-transferor'], rule: 'IAX2 reference 6.7: HANGUP with cause 16: handed over' };
    case 'target-ended':
      return { to: 'failed', actions: ['tell-failure'], rule: 'IAX2 reference 6.7: the number did not take the call: both legs stay, a TEXT says why' };
    case 'far-ended':
      return { to: 'failed', actions: ['hang-up-target'], rule: 'IAX2 reference 6.7: nobody is left to be connected' };
    default:
      return undefined;
  }
}

function handedOver(event: TakingOverEvent): Step {
  switch (event.is) {
    case 'ringing':
      return { to: 'handed-over', actions: ['tell-ringing'], rule: 'IAX2 reference 6.7: RINGING on the leg that has long been answered' };
    case 'answered':
      return { to: 'connected', actions: ['join'], rule: 'IAX2 reference 6.7: the new party answers: media, and no second ANSWER' };
    case 'target-ended':
      return { to: 'failed', actions: ['hang-up-far'], rule: 'IAX2 reference 6.7: nobody answered, and who asked for it has left' };
    case 'far-ended':
      return { to: 'failed', actions: ['hang-up-target'], rule: 'IAX2 reference 5.1: HANGUP of the one who waited' };
    default:
      return undefined;
  }
}

export interface TakingOverParties {
  /** Who sent TRANSFER. */
  readonly transferor: IaxCall;
  /** Who is behind that leg; undefined when nobody is. */
  readonly far: IaxCall | undefined;
  /** Joins the two so far, and goes when they are parted. */
  readonly relay: Disposable | undefined;
  readonly number: string;
  /** Places the new call; undefined when the number leads nowhere. */
  readonly dial: (() => IaxCall) | undefined;
  /** Joins the one who was behind the leg with the new party; a {@link CallRelay} unless given. */
  readonly join?: ((far: IaxCall, target: IaxCall) => Disposable) | undefined;
}

export interface TakingOverEvents {
  readonly state: readonly [from: TakingOverState, to: TakingOverState, rule: string];
}

/** Obeys one TRANSFER. Runs {@link takingOver}. */
export class TakingOver extends Emitter<TakingOverEvents> {
  readonly #parties: TakingOverParties;
  readonly #services: Pick<IaxServices, 'observer'>;
  #state: TakingOverState = 'asked';
  #target: IaxCall | undefined;
  #relay: Disposable | undefined;

  constructor(services: Pick<IaxServices, 'observer'>, parties: TakingOverParties) {
    super();
    this.#services = services;
    this.#parties = parties;
  }

  get state(): TakingOverState {
    return this.#state;
  }

  /** The new call, once it is placed. */
  get target(): IaxCall | undefined {
    return this.#target;
  }

  /** Joins the one who was behind the leg with the new party, once that has answered. */
  get relay(): Disposable | undefined {
    return this.#relay;
  }

  start(): void {
    const { far, dial } = this.#parties;
    const isNobody = far === undefined || far.state === 'ended';
    this.#handle({ is: 'judged', route: isNobody ? 'nobody-behind' : dial === undefined ? 'unknown' : 'known' });
  }

  #handle(event: TakingOverEvent): void {
    const step = takingOver(this.#state, event);
    if (step === undefined) return;
    const from = this.#state;
    this.#state = step.to;
    if (from !== step.to) {
      this.#services.observer.stateChanged('transfer', `${this.#parties.transferor.id} to ${this.#parties.number}`, from, step.to, step.rule);
    }
    for (const action of step.actions) this.#perform(action);
    if (from !== step.to) this.emit('state', from, step.to, step.rule);
  }

  #perform(action: TakingOverAction): void {
    const { transferor, far, relay, number } = this.#parties;
    switch (action) {
      case 'refuse':
        transferor.refuseTransfer();
        return;
      case 'tell-no-number':
        this.#tell(`Not transferred: there is no extension ${number}.`);
        return;
      case 'tell-failure':
        this.#tell(`Not transferred to ${number}: ${textOf(this.#target)}.`);
        return;
      case 'dial':
        this.#dial();
        return;
      case 'hang-up-transferor':
        relay?.dispose();
        transferor.hangUp();
        return;
      case 'tell-ringing':
        if (far?.state === 'up') far.report('ringing');
        return;
      case 'join':
        this.#join();
        return;
      case 'hang-up-far':
        hangUp(far, this.#target);
        return;
      case 'hang-up-target':
        hangUp(this.#target, far);
    }
  }

  #join(): void {
    const { far, join } = this.#parties;
    const target = this.#target;
    if (far === undefined || target === undefined) return;
    this.#relay = join?.(far, target) ?? new CallRelay(far, target);
  }

  /** Not more than a frame holds: the number came from the wire. */
  #tell(text: string): void {
    const { transferor } = this.#parties;
    if (transferor.state !== 'ended') transferor.sendText(text.slice(0, 300));
  }

  #dial(): void {
    const { far, dial } = this.#parties;
    const target = dial?.();
    if (target === undefined || far === undefined) return;
    this.#target = target;
    target.on('accepted', () => {
      this.#handle({ is: 'accepted' });
    });
    target.on('state', (_, to) => {
      if (to === 'ringing') this.#handle({ is: 'ringing' });
      if (to === 'up') this.#handle({ is: 'answered' });
    });
    target.on('ended', () => {
      this.#handle({ is: 'target-ended' });
    });
    far.on('ended', () => {
      this.#handle({ is: 'far-ended' });
    });
  }
}

function textOf(call: IaxCall | undefined): string {
  return call?.cause?.text ?? 'the call failed';
}

/** Ends a call because another one is over, for the same reason. */
function hangUp(call: IaxCall | undefined, over: IaxCall | undefined): void {
  call?.hangUp(over?.cause ?? causes.normal);
}
