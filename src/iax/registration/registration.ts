import { type Disposable, Emitter, type Milliseconds, NamedTimers } from '../../core';
import type { IaxAddress } from '../address';
import type { Cause } from '../cause';
import type { IaxServices } from '../services';
import { type IaxRegistrationState, type RegistrationAction, type RegistrationEvent, stepRegistration } from './registration-machine';
import { type Registrant, type RegistrationOutcome, RegistrationRequest } from './registration-request';

export interface RegistrationOptions extends Registrant {
  /** Seconds that the registration shall live; the registrar may grant another time. 60 unless given. */
  readonly refresh?: number;
}

export interface IaxRegistrationEvents {
  readonly state: readonly [from: IaxRegistrationState, to: IaxRegistrationState];
}

/** What a registration needs of its endpoint. */
export interface RegistrationOwner {
  readonly services: IaxServices;
  /** Sends the request on a new leg. */
  run(request: RegistrationRequest, destination: IaxAddress): void;
}

/** Seconds. REFRESH has two octets (IAX2 reference 2.4). */
const defaultRefresh = 60;
const longestRefresh = 0xffff;
/** A registrar that grants less would be asked all the time. */
const shortestRefresh = 5;

type RegistrationTimer = 'renew' | 'expire';

/** Keeps one user registered at one registrar: asks, proves, renews, comes back after a failure, releases (IAX2 reference 5.4). */
export class IaxRegistration {
  readonly registrar: IaxAddress;
  readonly username: string;
  readonly #owner: RegistrationOwner;
  readonly #options: RegistrationOptions;
  readonly #events = new Emitter<IaxRegistrationEvents>();
  readonly #timers: NamedTimers<RegistrationTimer>;
  #state: IaxRegistrationState = 'unregistered';
  #request: RegistrationRequest | undefined;
  #failures = 0;
  #refresh: number | undefined;
  #expiresAt: Milliseconds | undefined;
  #problem: Cause | undefined;
  #apparentAddress: IaxAddress | undefined;

  constructor(owner: RegistrationOwner, registrar: IaxAddress, options: RegistrationOptions) {
    this.#owner = owner;
    this.registrar = registrar;
    this.username = options.username;
    this.#options = options;
    this.#timers = new NamedTimers(owner.services.clock, owner.services.observer, this.#id);
  }

  get state(): IaxRegistrationState {
    return this.#state;
  }

  /** The registrar knows where we are, as far as we know. */
  get isRegistered(): boolean {
    return this.#state === 'registered' || this.#state === 'refreshing';
  }

  /** No request of ours is on its way. */
  get isQuiet(): boolean {
    return this.#request === undefined;
  }

  /** It has failed, and will try again by itself. */
  get retriesSoon(): boolean {
    return this.#state === 'failed' && this.#timers.isRunning('renew');
  }

  /** Seconds granted; undefined before the first REGACK. */
  get refresh(): number | undefined {
    return this.#refresh;
  }

  /** Clock time at which it ends unless renewed. */
  get expiresAt(): Milliseconds | undefined {
    return this.#expiresAt;
  }

  /** Why it failed; untrusted text. */
  get problem(): Cause | undefined {
    return this.#problem;
  }

  /** Where the registrar sees us; undefined when it does not say. */
  get apparentAddress(): IaxAddress | undefined {
    return this.#apparentAddress;
  }

  on<Name extends keyof IaxRegistrationEvents>(event: Name, listener: (...args: IaxRegistrationEvents[Name]) => void): Disposable {
    return this.#events.on(event, listener);
  }

  /** Registers, or renews at once. Nothing while a request is on its way. */
  register(): void {
    this.#handle({ is: 'register' });
  }

  /** Takes it back; the state says when that is done. */
  release(): void {
    this.#handle({ is: 'release' });
  }

  /** Forgets it without a word to the registrar. */
  abandon(): void {
    this.#timers.clearAll();
    this.#request?.abandon();
    this.#request = undefined;
    this.#move('unregistered', 'given up by its owner');
  }

  get #id(): string {
    return `registration of ${this.#options.username}`;
  }

  #handle(event: RegistrationEvent): void {
    const step = stepRegistration(this.#state, event);
    if (step === undefined) return;
    for (const action of step.actions) this.#perform(action);
    this.#move(step.to, step.rule);
  }

  #perform(action: RegistrationAction): void {
    switch (action.do) {
      case 'send':
        this.#send(action.command);
        break;
      case 'cancel':
        this.#request?.abandon();
        this.#request = undefined;
        break;
      case 'renew':
        this.#timers.set('renew', action.after, () => this.#handle({ is: 'due' }));
        break;
      case 'expire':
        this.#expiresAt = this.#owner.services.clock.now() + action.after;
        this.#timers.set('expire', action.after, () => {
          this.#expiresAt = undefined;
          this.#handle({ is: 'expired' });
        });
        break;
      case 'forget':
        this.#timers.clearAll();
        this.#expiresAt = undefined;
        break;
    }
  }

  #send(command: 'REGREQ' | 'REGREL'): void {
    const refresh = Math.min(longestRefresh, Math.max(1, Math.round(this.#options.refresh ?? defaultRefresh)));
    const request = new RegistrationRequest(this.#owner.services, this.#options, command, refresh, (outcome) => {
      if (this.#request === request) this.#request = undefined;
      this.#onOutcome(outcome, refresh);
    });
    this.#request = request;
    this.#owner.run(request, this.registrar);
  }

  #onOutcome(outcome: RegistrationOutcome, asked: number): void {
    switch (outcome.is) {
      case 'granted':
        this.#failures = 0;
        this.#problem = undefined;
        this.#apparentAddress = outcome.apparentAddress;
        // A registrar that names no time grants what was asked.
        this.#refresh = Math.max(shortestRefresh, outcome.refresh ?? asked);
        this.#handle({ is: 'granted', refresh: this.#refresh });
        break;
      case 'refused':
        this.#problem = outcome.cause;
        this.#handle({ is: 'refused' });
        break;
      case 'unanswered':
        this.#problem = outcome.cause;
        this.#handle({ is: 'unanswered', failures: this.#failures });
        this.#failures += 1;
        break;
    }
  }

  #move(to: IaxRegistrationState, rule: string): void {
    const from = this.#state;
    if (from === to) return;
    this.#state = to;
    this.#owner.services.observer.stateChanged('registration', this.#id, from, to, rule);
    this.#events.emit('state', from, to);
  }
}
