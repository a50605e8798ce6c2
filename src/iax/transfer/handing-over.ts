import { Emitter, type Milliseconds, NamedTimers } from '../../core';
import type { IaxCall } from '../call';
import { type Cause } from '../cause';
import { commands } from '../frame';
import type { IaxServices } from '../services';
import type { Transition } from './machine';

/**
 * Where a transfer by TRANSFER stands for who sent it (IAX2 reference 6.7). There is no `completed`: no frame says so. `ignored`:
 * nothing but an ACK came, and the call goes on; the peer may still act on it.
 */
export type HandingOverState = 'none' | 'asked' | 'handed-over' | 'refused' | 'ignored' | 'lost';

export type HandingOverEvent =
  | { readonly is: 'start' }
  | { readonly is: 'unsupported' }
  | { readonly is: 'ended'; readonly by: 'us' | 'peer' | 'network' }
  | { readonly is: 'patience' };

export type HandingOverAction = 'send-transfer' | 'set-patience' | 'clear-patience';

type Step = Transition<HandingOverState, HandingOverAction> | undefined;

/** Asterisk hangs up within a millisecond of its ACK (IAX2 reference 6.7); after this nobody waits for it any more. */
export const patience: Milliseconds = 10_000;

/** The sender of TRANSFER: IAX2 reference 6.7. */
export function handingOver(state: HandingOverState, event: HandingOverEvent): Step {
  switch (state) {
    case 'none':
      if (event.is !== 'start') return undefined;
      return { to: 'asked', actions: ['send-transfer', 'set-patience'], rule: 'IAX2 reference 6.7: TRANSFER with the number: fire and forget' };
    case 'asked':
    case 'ignored':
      return asked(state, event);
    case 'handed-over':
    case 'refused':
    case 'lost':
      return undefined;
  }
}

function asked(state: 'asked' | 'ignored', event: HandingOverEvent): Step {
  switch (event.is) {
    case 'unsupported':
      return { to: 'refused', actions: ['clear-patience'], rule: 'IAX2 reference 6.7: UNSUPPORT of TRANSFER: the peer cannot do it; the call goes on' };
    case 'ended':
      return event.by === 'network'
        ? { to: 'lost', actions: ['clear-patience'], rule: 'IAX2 reference 3.3: nobody answers on this leg: nothing is known of the transfer' }
        : { to: 'handed-over', actions: ['clear-patience'], rule: 'IAX2 reference 6.7: HANGUP after TRANSFER: handed over; what becomes of it nobody says' };
    case 'patience':
      if (state === 'ignored') return undefined;
      return { to: 'ignored', actions: [], rule: 'IAX2 reference 6.7: ACK and nothing more: nobody is behind that leg, or it knows no transfers' };
    case 'start':
      return undefined;
  }
}

export interface HandingOverEvents {
  readonly state: readonly [from: HandingOverState, to: HandingOverState, rule: string];
}

/** Asks the peer of one call to connect whoever is behind it with a number. Runs {@link handingOver}. */
export class HandingOver extends Emitter<HandingOverEvents> {
  readonly call: IaxCall;
  readonly number: string;
  readonly #context: string | undefined;
  readonly #services: IaxServices;
  readonly #timers: NamedTimers<'patience'>;
  #state: HandingOverState = 'none';

  constructor(services: IaxServices, call: IaxCall, number: string, context?: string) {
    super();
    this.#services = services;
    this.call = call;
    this.number = number;
    this.#context = context;
    this.#timers = new NamedTimers(services.clock, services.observer, this.#id);
    call.on('unsupported', (command) => {
      if (command === commands.TRANSFER) this.#handle({ is: 'unsupported' });
    });
    call.on('ended', () => {
      this.#handle({ is: 'ended', by: call.endedBy ?? 'network' });
    });
  }

  get state(): HandingOverState {
    return this.#state;
  }

  /** What the peer said when it ended the call; 16 says nothing, not even that the number exists. */
  get cause(): Cause | undefined {
    return this.call.cause;
  }

  /** Throws a CallLabError when the call is not up. */
  start(): void {
    this.#handle({ is: 'start' });
  }

  get #id(): string {
    return `${this.call.id} to ${this.number}`;
  }

  #handle(event: HandingOverEvent): void {
    const step = handingOver(this.#state, event);
    if (step === undefined) return;
    for (const action of step.actions) this.#perform(action);
    const from = this.#state;
    this.#state = step.to;
    this.#services.observer.stateChanged('transfer', this.#id, from, step.to, step.rule);
    this.emit('state', from, step.to, step.rule);
  }

  #perform(action: HandingOverAction): void {
    switch (action) {
      case 'send-transfer':
        this.call.transfer(this.number, this.#context);
        return;
      case 'set-patience':
        this.#timers.set('patience', patience, () => {
          this.#handle({ is: 'patience' });
        });
        return;
      case 'clear-patience':
        this.#timers.clear('patience');
    }
  }
}
