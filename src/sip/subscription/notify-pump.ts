import type { Milliseconds } from '../../core';
import type { Dialog } from '../dialog';
import { ProtocolTimers } from '../transaction';
import { NotifyRate } from './notify-rate';
import { endsSubscription } from './rules';
import type { Headers, SubscriptionServices } from './services';

/** What one NOTIFY says. */
export interface Notification {
  /** Contact, Event, Subscription-State and the like. */
  readonly headers: Headers;
  readonly body: string | undefined;
  /** Its Subscription-State is terminated: nothing may follow. */
  readonly isLast: boolean;
}

/** What the pump asks of the subscription it works for. */
export interface NotifySource {
  /** The state as it is now; asked for at the moment of sending, so that newer news takes the place of older. */
  compose(): Notification;
  /** The NOTIFY was refused with a status that leaves the subscription alive: its news did not arrive. */
  onRefused?(status: number): void;
  /** The last NOTIFY was answered, or one failed in a way that ends the subscription. */
  onEnded(why: string): void;
}

/** How often NOTIFYs may follow each other. */
export interface NotifyLimits {
  /** Sent without a pause. */
  readonly burst: number;
  /** What passes between two of them after that, in milliseconds. */
  readonly interval: Milliseconds;
}

type PumpServices = Pick<SubscriptionServices, 'clock' | 'observer' | 'requests'>;

/**
 * Sends the NOTIFYs of one subscription: one in flight at a time, so that they cannot overtake each other and a slow
 * subscriber is not flooded; what became old meanwhile is not sent, but the last one always is (reference 9.4).
 */
export class NotifyPump {
  readonly #services: PumpServices;
  readonly #dialog: Dialog;
  readonly #source: NotifySource;
  readonly #rate: NotifyRate | undefined;
  readonly #timers: ProtocolTimers<'notify'>;
  #isOpen = true;
  #inFlight = false;
  #isWaiting = false;
  /** There is something to tell as soon as the NOTIFY in flight is answered. */
  #stale: 'urgent' | 'paced' | undefined;
  /** A last NOTIFY that drew 500 was tried again. */
  #triedAgain = false;

  /** `name` is what the subscription is known by in the journal; without `limits` there is no pause between NOTIFYs. */
  constructor(services: PumpServices, dialog: Dialog, name: string, source: NotifySource, limits?: NotifyLimits) {
    this.#services = services;
    this.#dialog = dialog;
    this.#source = source;
    this.#rate = limits === undefined ? undefined : new NotifyRate(services.clock, limits);
    this.#timers = new ProtocolTimers(services.clock, services.observer, name);
  }

  /** There is news: it goes out now, or as soon as it may. `urgent` news waits for no pause: a last NOTIFY, or the first. */
  push(urgency: 'urgent' | 'paced' = 'paced'): void {
    if (!this.#isOpen) return;
    if (this.#inFlight) {
      if (this.#stale !== 'urgent') this.#stale = urgency;
      return;
    }
    const pause = urgency === 'urgent' ? 0 : (this.#rate?.pause() ?? 0);
    if (pause > 0) {
      this.#wait(pause);
      return;
    }
    this.#timers.clear('notify');
    this.#isWaiting = false;
    this.#rate?.spend();
    this.#send();
  }

  /** Sends nothing more. */
  stop(): void {
    this.#isOpen = false;
    this.#timers.clearAll();
  }

  #wait(pause: Milliseconds): void {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    this.#timers.set('notify', pause, () => {
      this.#isWaiting = false;
      this.push();
    });
  }

  #send(): void {
    this.#stale = undefined;
    this.#inFlight = true;
    const { headers, body, isLast } = this.#source.compose();
    this.#services.requests.send({ dialog: this.#dialog, method: 'NOTIFY', headers, body }, {
      onResponse: ({ status }) => {
        if (status < 200) return;
        if (endsSubscription(status)) this.#end(`RFC 6665 4.2.2: the NOTIFY was answered ${String(status)}`);
        else this.#onAnswered(status, isLast);
      },
      onTimeout: () => {
        this.#end('RFC 6665 4.2.2: the NOTIFY got no answer');
      },
      onTransportError: (error) => {
        this.#end(`the NOTIFY could not be sent: ${error.message}`);
      },
    });
  }

  #onAnswered(status: number, wasLast: boolean): void {
    this.#inFlight = false;
    if (!this.#isOpen) return;
    if (wasLast && status === 500 && !this.#triedAgain) {
      // RFC 3261 12.2.2: a later request of ours overtook it on the way. Its news is worth one more number.
      this.#triedAgain = true;
      this.push('urgent');
      return;
    }
    if (wasLast) {
      this.#end('RFC 6665 4.2.2: the last NOTIFY was answered');
      return;
    }
    if (status >= 300) this.#source.onRefused?.(status);
    if (this.#stale !== undefined) this.push(this.#stale);
  }

  #end(why: string): void {
    if (!this.#isOpen) return;
    this.stop();
    this.#source.onEnded(why);
  }
}
