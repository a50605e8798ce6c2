import type { Clock } from '../../core';
import type { SipRequest, SipResponse } from '../message';
import type { Hop } from './hop';
import type { Action, Conditions, TransactionTimer, Transition } from './machine';
import type { ProtocolObserver } from './observer';
import { ProtocolTimers } from './protocol-timers';
import type { TimerValues } from './timers';

/** What every transaction of a layer works with. */
export interface TransactionContext {
  readonly clock: Clock;
  readonly timers: TimerValues;
  readonly observer: ProtocolObserver;
  transmit(message: SipRequest | SipResponse, hop: Hop, onFailure: (error: Error) => void): void;
  onTerminated(id: string): void;
}

/** Events that come from the driver itself. */
type DriverEvent = { readonly is: 'timer'; readonly timer: TransactionTimer } | { readonly is: 'transport-error' };

/** Actions that only the owner of the machine can do. */
export type OwnAction = Exclude<Action, { readonly do: 'set' | 'clear' }>;

export interface Machine<State extends string, Event, Message> {
  readonly id: string;
  readonly initial: State;
  readonly reliable: boolean;
  /** The machine itself: RFC 3261 section 17, a pure function. */
  step(state: State, event: Event, at: Conditions): Transition<State> | undefined;
  /** Does what the machine asks; `message` is the one that made it ask, if a message did. */
  perform(action: OwnAction, message: Message | undefined): void;
}

/** Runs one transaction machine: keeps its state, its timers and the count of its sendings. */
export class MachineDriver<State extends string, Event, Message> {
  /** How often the request, or the final response, went out. */
  sent = 0;
  /** Why the last message could not be sent. */
  error: Error | undefined;
  readonly #machine: Machine<State | 'terminated', Event | DriverEvent, Message>;
  readonly #context: TransactionContext;
  readonly #timers: ProtocolTimers<TransactionTimer>;
  #state: State | 'terminated';

  constructor(machine: Machine<State | 'terminated', Event | DriverEvent, Message>, context: TransactionContext) {
    this.#machine = machine;
    this.#context = context;
    this.#state = machine.initial;
    this.#timers = new ProtocolTimers(context.clock, context.observer, machine.id);
  }

  get state(): State | 'terminated' {
    return this.#state;
  }

  handle(event: Event | DriverEvent, message?: Message): void {
    const conditions: Conditions = { timers: this.#context.timers, reliable: this.#machine.reliable, sent: this.sent };
    const step = this.#machine.step(this.#state, event, conditions);
    if (step !== undefined) this.#move(step, message);
  }

  /** Sends `message` to `hop`, or when that fails to `other`. */
  transmit(message: SipRequest | SipResponse, hop: Hop, other?: Hop): void {
    this.#context.transmit(message, hop, (error) => {
      if (other !== undefined) {
        this.transmit(message, other);
        return;
      }
      this.error = error;
      this.handle({ is: 'transport-error' });
    });
  }

  /** Ends the machine without a word to its user. */
  abandon(): void {
    if (this.#state !== 'terminated') this.#move({ to: 'terminated', actions: [], rule: 'given up by its user' }, undefined);
  }

  #move(step: Transition<State | 'terminated'>, message: Message | undefined): void {
    const from = this.#state;
    this.#state = step.to;
    if (from !== step.to) this.#context.observer.stateChanged('transaction', this.#machine.id, from, step.to, step.rule);
    // The machine is out of its old state before the user hears of it: a user may act at once, from within the call.
    if (step.to === 'terminated') {
      this.#timers.clearAll();
      this.#context.onTerminated(this.#machine.id);
    }
    for (const action of step.actions) this.#act(action, message);
  }

  #act(action: Action, message: Message | undefined): void {
    if (action.do === 'set') {
      const { timer, after } = action;
      this.#timers.set(timer, after, () => {
        this.handle({ is: 'timer', timer });
      });
    } else if (action.do === 'clear') {
      this.#timers.clear(action.timer);
    } else {
      this.#machine.perform(action, message);
    }
  }
}
