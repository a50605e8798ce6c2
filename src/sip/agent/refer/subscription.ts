import type { Disposable, Milliseconds } from '../../../core';
import { Dialog } from '../../dialog';
import { respond, type SipRequest, type SipResponse, type SubscriptionState } from '../../message';
import { renewalDelay } from '../../subscription';
import { giveUpAfter, ProtocolTimers, type ServerTransaction } from '../../transaction';
import { OutsideRequest } from './outside-request';
import { echoesNoSubscription, ReferAttempt, type ReferDraft } from './attempt';
import type { ReferDialogUser } from './dialogs';
import { type AgentServices, longestWait } from '../services';
import { parseSipfrag, type Sipfrag } from './sipfrag';

/**
 * Hears what becomes of a REFER that we sent. One of `onRefused`, `onFinal` and `onUntold` comes, once, and it is the last.
 */
export interface ReferUser {
  onAccepted?(): void;
  /** Accepted, and as agreed nobody will tell how it went (RFC 4488, RFC 7614). */
  onUntold?(): void;
  /** A provisional sipfrag: the target rings, say. */
  onProgress?(frag: Sipfrag): void;
  /** The final sipfrag; undefined when the subscription ended without one: the outcome is unknown. */
  onFinal(frag: Sipfrag | undefined): void;
  onRefused(status: number, reason: string): void;
}

type State = 'referring' | 'waiting' | 'active' | 'ended';

/** Seconds asked for with a SUBSCRIBE that prolongs the subscription, and assumed where a NOTIFY names none. */
const lifetime = 180;

/**
 * The transferor's side of one REFER: the request, and the subscription that tells how it went (RFC 3515 section 2.4, RFC
 * 6665). The subscription lives in the dialog of the call and outlives that call, or in a dialog of its own: of a REFER
 * outside the call (RFC 7647), or of a SUBSCRIBE to where Refer-Events-At points (RFC 7614).
 */
export class ReferSubscription implements ReferDialogUser {
  readonly #services: AgentServices;
  readonly #attempt: ReferAttempt;
  readonly #user: ReferUser;
  readonly #timers: ProtocolTimers<'N' | 'expires' | 'renew'>;
  readonly #name: string;
  readonly #onEnded: () => void;
  #state: State = 'referring';
  /** Where the subscription lives; undefined until that is known. */
  #dialog: Dialog | undefined;
  /** Of its own dialog. */
  #registration: Disposable | undefined;
  #explicit: OutsideRequest | undefined;
  #explicitTransport: Dialog['transport'] = 'udp';
  /** The CSeq of the REFER that was accepted names the subscription (RFC 3515 section 2.4.6). */
  #id: number | undefined;
  #callEnded = false;
  #polled = false;
  #renewAt = Number.POSITIVE_INFINITY;
  /** A second NOTIFY path never reopens what one has told. */
  #told = false;
  #acceptedTold = false;

  /** `onEnded` is called once. */
  constructor(services: AgentServices, draft: ReferDraft, user: ReferUser, onEnded: () => void) {
    this.#services = services;
    this.#user = user;
    this.#name = draft.name;
    this.#onEnded = onEnded;
    this.#timers = new ProtocolTimers(services.clock, services.observer, draft.name);
    this.#dialog = draft.style.place === 'inside' ? draft.dialog : undefined;
    this.#attempt = new ReferAttempt(services, draft, {
      onSent: (sequence, outside) => {
        this.#id = sequence;
        this.#dialog = outside === undefined ? draft.dialog : undefined;
        if (outside !== undefined) this.#register(outside);
      },
      onAccepted: (response, dialog) => this.#onResponse(response, dialog),
      onRefused: (status, reason) => this.#refused(status, reason),
      onTimeout: () => {
        // The peer may have acted on it all the same (reference 9.3); a NOTIFY proves that it has.
        if (this.#state === 'active') this.#onAccepted();
        else this.#refused(408, 'No answer to the REFER');
      },
    });
  }

  get isLive(): boolean {
    return this.#state !== 'ended';
  }

  get id(): number | undefined {
    return this.#id;
  }

  get dialog(): Dialog | undefined {
    return this.#dialog;
  }

  start(): void {
    this.#attempt.start();
  }

  /** Whether a NOTIFY with this Event id belongs here; without one it does, if we are the only live one. */
  matches(id: string | undefined, isOnly: boolean): boolean {
    if (!this.isLive || this.#registration !== undefined) return false;
    return id === undefined ? isOnly : id === String(this.#id);
  }

  /** A NOTIFY, which may come before the 2xx to the REFER (RFC 6665 section 4.1.2.4). */
  receive(notify: SipRequest, transaction: ServerTransaction): void {
    const state = notify.subscriptionState;
    const { source } = transaction;
    if (state === undefined) {
      transaction.respond(respond(notify, 400, { source, reason: 'Missing Subscription-State' })); // RFC 6665 8.2.1
      return;
    }
    transaction.respond(respond(notify, 200, { source }));
    // RFC 6665 4.4.1: before the 2xx, the NOTIFY makes the dialog.
    this.#dialog ??= Dialog.asCallee(notify, notify.toTag ?? '', source.transport);
    this.#dialog.refreshTarget(notify.contact);
    this.#timers.clear('N');
    this.#move('active', 'RFC 6665 4.1.2.4: a NOTIFY');
    const frag = parseSipfrag(notify.body);
    const isOver = state.state === 'terminated';
    // A NOTIFY proves that the REFER was accepted, whatever became of the 2xx (RFC 6665 4.1.2.4).
    if (!isOver) this.#tellAccepted();
    if (frag !== undefined && frag.status >= 200) this.#final(frag);
    else if (frag !== undefined && !isOver && !this.#told) this.#user.onProgress?.(frag);
    if (!isOver) {
      this.#expireAfter(state);
      return;
    }
    // A terminated subscription with a provisional body, or none, means "no more news", not failure (reference 9.4).
    this.#final(undefined);
    this.#end('RFC 6665 4.1.3: the notifier ended it');
  }

  onNotify(request: SipRequest, transaction: ServerTransaction): void {
    if (request.event?.package === 'refer') this.receive(request, transaction);
    else transaction.respond(respond(request, 489, { source: transaction.source, headers: [['Allow-Events', 'refer']] }));
  }

  /** Nobody subscribes to whoever asked. */
  onSubscribe(request: SipRequest, transaction: ServerTransaction): void {
    transaction.respond(respond(request, 481, { source: transaction.source }));
  }

  /** The call of the dialog ended. What was accepted lives on; what waits for a second try does not. */
  onCallEnded(): void {
    this.#callEnded = true;
    this.#attempt.onCallEnded();
    // Many notifiers forget it with the call (reference 3.5); after a while of silence it is worth asking.
    if (this.#state === 'active' && !this.#told) this.#renewIn(this.#patience);
  }

  /** How long a silence is taken without asking once the call of the dialog is over. */
  get #patience(): Milliseconds {
    return this.#callEnded ? giveUpAfter(this.#services.timers) : Number.POSITIVE_INFINITY;
  }

  /** Forgets it: the dialog is gone. */
  abandon(why: string): void {
    if (!this.isLive) return;
    this.#final(undefined);
    this.#end(why);
  }

  #onAccepted(): void {
    if (!this.isLive) return;
    if (this.#state === 'referring') {
      this.#move('waiting', 'RFC 3515 2.4.4: the REFER was accepted');
      this.#awaitNotify();
    }
    this.#tellAccepted();
  }

  /** What the 2xx says of news to come. */
  #onResponse(response: SipResponse, dialog: Dialog): void {
    if (!this.isLive) return;
    const { subscription, referSub } = this.#attempt.style;
    if (subscription === 'explicit') {
      this.#subscribeAt(response);
      return;
    }
    // RFC 4488 4: only if its 2xx says so too has the peer done without; else a usual subscription follows.
    if (subscription === 'none' || (!referSub && echoesNoSubscription(response))) {
      this.#goUntold();
      return;
    }
    this.#dialog ??= dialog;
    this.#onAccepted();
  }

  #goUntold(): void {
    const isNews = !this.#told;
    this.#told = true;
    this.#end('RFC 4488 4, RFC 7614 4.3: accepted, and nobody will tell how it went');
    if (isNews) (this.#user.onUntold ?? ((): void => this.#user.onFinal(undefined)))();
  }

  /** RFC 7614 section 4.2: the peer tells only those who subscribe where its 2xx points. */
  #subscribeAt(response: SipResponse): void {
    const uri = placeOfEvents(response);
    if (uri === undefined) {
      this.#goUntold();
      return;
    }
    const { settings } = this.#services;
    const headers: [string, string][] = [
      ['Contact', `<${settings.contactUri(this.#dialog?.transport ?? 'udp')}>`],
      ['Event', 'refer'],
      ['Expires', String(lifetime)],
      ['Accept', 'message/sipfrag'],
    ];
    const explicit: OutsideRequest = new OutsideRequest(this.#services, { method: 'SUBSCRIBE', uri, to: uri, headers }, {
      onResponse: (answer, subscribe) => {
        if (!this.isLive) return;
        if (answer.status >= 300) this.#goUntold();
        else this.#dialog ??= Dialog.asCaller(subscribe, answer, this.#explicitTransport);
      },
      onTimeout: () => this.#goUntold(),
      onTransportError: () => this.#goUntold(),
    });
    this.#explicit = explicit;
    this.#explicitTransport = this.#dialog?.transport ?? 'udp';
    this.#dialog = undefined;
    this.#id = undefined; // RFC 7614 4.2: the URI says which REFER is meant
    this.#register(explicit);
    explicit.start();
    this.#onAccepted();
  }

  #register(id: { readonly callId: string; readonly localTag: string }): void {
    this.#registration?.dispose();
    this.#registration = this.#services.referDialogs.add(id, this);
  }

  #tellAccepted(): void {
    if (this.#told || this.#acceptedTold) return;
    this.#acceptedTold = true;
    this.#user.onAccepted?.();
  }

  /** RFC 6665 section 4.1.2.4, for the implicit subscription too: the first NOTIFY must come within 64*T1. */
  #awaitNotify(): void {
    this.#timers.set('N', giveUpAfter(this.#services.timers), () => {
      if (this.#polled) this.#giveUp('RFC 6665 4.1.2.4: timer N, no NOTIFY came');
      else this.#poll();
    });
  }

  /** No NOTIFY came: perhaps they got lost. Asks once how things stand (reference 13, 15.4). */
  #poll(): void {
    this.#polled = true;
    this.#subscribe({
      onAccepted: () => {
        if (this.#state === 'waiting') this.#awaitNotify();
      },
      onRefused: () => {
        if (this.#state === 'waiting') this.#giveUp('RFC 6665 4.1.2.1: timer N, and no answer to the question how it stands');
      },
    });
  }

  #expireAfter({ expires = lifetime }: SubscriptionState): void {
    // Once the outcome is known only the formal end is waited for.
    const life = Math.min(expires * 1000, this.#told ? giveUpAfter(this.#services.timers) : longestWait);
    this.#timers.set('expires', life, () => {
      this.#giveUp('RFC 6665 4.1.2: it expired');
    });
    this.#renewAt = Number.POSITIVE_INFINITY;
    if (!this.#told) this.#renewIn(Math.min(this.#patience, renewalDelay(life)));
  }

  /** Prolongs the subscription in `delay`, unless that is to happen sooner anyway. */
  #renewIn(delay: Milliseconds): void {
    const at = this.#services.clock.now() + delay;
    if (at >= this.#renewAt) return;
    this.#renewAt = at;
    this.#timers.set('renew', delay, () => {
      this.#subscribe({
        onAccepted: (granted) => {
          if (this.#state === 'active') this.#expireAfter({ state: 'active', expires: granted ?? lifetime });
        },
        onRefused: (status) => {
          // RFC 6665 4.1.2.2: the notifier has forgotten it. Any other refusal leaves what is left of its life, for which
          // nobody waits when the call is over.
          if (status === 481 || this.#callEnded) this.#giveUp('RFC 6665 4.1.2.2: the notifier no longer knows it');
        },
      });
    });
  }

  /** Prolongs the subscription, or asks for its state: RFC 6665 section 4.1.2.2. */
  #subscribe(user: { onAccepted(expires: number | undefined): void; onRefused(status: number): void }): void {
    const dialog = this.#dialog;
    if (dialog === undefined) {
      user.onRefused(481); // nobody has answered from there yet
      return;
    }
    const headers: [string, string][] = [
      ['Contact', `<${this.#services.settings.contactUri(dialog.transport)}>`],
      ['Event', this.#id === undefined ? 'refer' : `refer;id=${String(this.#id)}`],
      ['Expires', String(lifetime)],
      ['Accept', 'message/sipfrag'],
    ];
    this.#services.requests.send({ dialog, method: 'SUBSCRIBE', headers, body: undefined }, {
      onResponse: (response) => {
        if (response.status >= 300) user.onRefused(response.status);
        else if (response.status >= 200) user.onAccepted(response.expires);
      },
      onTimeout: () => {
        user.onRefused(408);
      },
      onTransportError: () => {
        user.onRefused(503);
      },
    });
  }

  #giveUp(why: string): void {
    this.#final(undefined);
    this.#end(why);
  }

  #refused(status: number, reason: string): void {
    if (!this.isLive) return;
    const isNews = !this.#told;
    this.#told = true;
    this.#end(`RFC 3515 2.4.2: refused with ${String(status)}`);
    if (isNews) this.#user.onRefused(status, reason);
  }

  #final(frag: Sipfrag | undefined): void {
    if (this.#told) return;
    this.#told = true;
    this.#timers.clear('renew');
    this.#user.onFinal(frag);
  }

  #end(why: string): void {
    if (!this.isLive) return;
    this.#timers.clearAll();
    this.#attempt.stop();
    this.#explicit?.dispose();
    this.#registration?.dispose();
    this.#move('ended', why);
    this.#onEnded();
  }

  #move(to: State, why: string): void {
    if (this.#state === to) return;
    const from = this.#state;
    this.#state = to;
    this.#services.observer.stateChanged('subscription', this.#name, from, to, why);
  }
}

/** Refer-Events-At (RFC 7614 section 4.1): one URI, in brackets; what cannot be read is as if it were missing. */
function placeOfEvents(response: SipResponse): string | undefined {
  return /^\s*<(?<uri>sips?:[^<>\s]+)>/iu.exec(response.header('Refer-Events-At') ?? '')?.groups?.['uri'];
}
