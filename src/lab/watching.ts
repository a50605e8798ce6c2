import { CallLabError, describeError } from '../core';
import {
  DialogInfoError,
  dialogInfoType,
  type NotifyFault,
  type ObservedDialog,
  parseDialogInfo,
  type SipRequest,
  type SipUri,
  type Subscriber,
  type SubscriberPhase,
  type Subscription,
  type SubscriptionHub,
  WatchedDialogs,
} from '../sip';
import type { Directory } from './directory';
import type { TakeableCall } from './early-call';
import type { WatchedCall, WatchInfo } from './watch-info';

/** More are not watched by one phone. */
const mostWatched = 100;

/** Seconds asked for (RFC 4235 section 3.4). */
const lifetime = 3_600;

export interface WatchingTools {
  readonly subscriptions: SubscriptionHub;
  readonly directory: Directory;
  /** What is known of somebody changed. */
  onChange(info: WatchInfo): void;
}

/** Whom one phone watches, and what it knows of their calls: the watcher of RFC 4235. */
export class Watching {
  readonly #tools: WatchingTools;
  /** By what the person calls them. */
  readonly #watches = new Map<string, Watch>();

  constructor(tools: WatchingTools) {
    this.#tools = tools;
  }

  get infos(): readonly WatchInfo[] {
    return [...this.#watches.values()].map((watch) => watch.info());
  }

  /** Those that are told of at the moment. */
  get targets(): readonly string[] {
    return [...this.#watches.keys()];
  }

  find(target: string): WatchInfo | undefined {
    return this.#watches.get(target)?.info();
  }

  /** What dialog-info told of the calls of `target`, as far as it lets them be taken; undefined when it is not watched. */
  takeable(target: string): readonly TakeableCall[] | undefined {
    return this.#watches.get(target)?.takeable();
  }

  /** Watches somebody, or asks `once` how things stand. Throws CL3003 when that is done already, or too many are. */
  watch(target: string, uri: SipUri, once: boolean): void {
    const known = this.#watches.get(target);
    if (known?.isRunning === true && !once) throw new CallLabError('CL3003', `${target} is being watched already`);
    if (known === undefined && this.#watches.size >= mostWatched) {
      throw new CallLabError('CL3003', `${String(mostWatched)} are being watched already`);
    }
    known?.leave();
    const watch = new Watch(target, uri, once, this.#tools);
    this.#watches.set(target, watch);
    watch.start();
  }

  /** Watches somebody no longer. Throws CL3003 when nobody does. */
  unwatch(target: string): void {
    const watch = this.#watches.get(target);
    if (watch === undefined) throw new CallLabError('CL3003', `${target} is not being watched`);
    this.#watches.delete(target);
    watch.leave();
    // Whoever waits for the first news, or shows what was known, must not go on doing so.
    this.#tools.onChange({ ...watch.info(), phase: 'ended', why: 'it is watched no longer' });
  }
}

/** One that is watched; a SUBSCRIBE that forked has several notifiers, and all their calls count (RFC 4235 section 3.9). */
class Watch {
  readonly #target: string;
  readonly #uri: SipUri;
  readonly #once: boolean;
  readonly #tools: WatchingTools;
  readonly #tables = new Map<Subscription, WatchedDialogs>();
  /** What was known when the one look was over. */
  #last: readonly ObservedDialog[] = [];
  #hasLooked = false;
  #subscriber: Subscriber | undefined;
  #phase: SubscriberPhase = 'asking';
  #why = '';
  #isLeft = false;

  constructor(target: string, uri: SipUri, once: boolean, tools: WatchingTools) {
    this.#target = target;
    this.#uri = uri;
    this.#once = once;
    this.#tools = tools;
  }

  get isRunning(): boolean {
    return this.#phase !== 'ended';
  }

  start(): void {
    const subject = { package: 'dialog', accept: dialogInfoType, expires: this.#once ? 0 : lifetime };
    this.#subscriber = this.#tools.subscriptions.subscribe({ target: this.#uri, subject }, {
      onNotify: (notify, subscription) => this.#onNotify(notify, subscription),
      onGone: (subscription) => {
        this.#onGone(subscription);
      },
      onPhase: (phase, why) => {
        this.#phase = phase;
        this.#why = why;
        this.#changed();
      },
    });
  }

  leave(): void {
    this.#isLeft = true;
    this.#subscriber?.leave();
  }

  info(): WatchInfo {
    return {
      target: this.#target,
      uri: this.#uri.toString(),
      phase: this.#hasLooked && this.#phase === 'ended' ? 'snapshot' : this.#phase,
      why: this.#why,
      calls: this.#dialogs.map((dialog) => this.#watchedCall(dialog)),
    };
  }

  takeable(): readonly TakeableCall[] {
    return this.#dialogs.flatMap((dialog) => this.#takeable(dialog) ?? []);
  }

  /** Undefined where the document does not tell all that Replaces needs, as with most PBXs. */
  #takeable(dialog: ObservedDialog): TakeableCall | undefined {
    const { callId, localTag, remoteTag, phase, direction } = dialog;
    const target = targetOf(dialog);
    const isTold = callId !== undefined && localTag !== undefined && remoteTag !== undefined && target !== undefined;
    if (!isTold || (phase !== 'early' && phase !== 'confirmed')) return undefined;
    const isCallee = direction === undefined ? undefined : direction === 'recipient';
    const [at, peer, isAnswered] = [this.#target, this.#peerOf(dialog), phase === 'confirmed'];
    return { at, peer, target, callId, localTag, remoteTag, isAnswered, isCallee, source: 'watched' };
  }

  get #dialogs(): readonly ObservedDialog[] {
    return this.#tables.size === 0 ? this.#last : [...this.#tables.values()].flatMap(({ dialogs }) => dialogs);
  }

  #onNotify(notify: SipRequest, subscription: Subscription): NotifyFault | undefined {
    if (notify.body.length === 0) return undefined; // RFC 6665 4.2.1.3: a pending subscription tells nothing
    const type = notify.contentType;
    if (type !== dialogInfoType) return { status: 415, text: `${this.#target} told its state as ${type ?? 'nothing known'}, not as ${dialogInfoType}` };
    const table = this.#tables.get(subscription) ?? new WatchedDialogs();
    this.#tables.set(subscription, table);
    try {
      const applied = table.apply(parseDialogInfo(notify.body));
      // RFC 4235 4.3: what was missed is asked for; a SUBSCRIBE gets the full state.
      if (applied === 'gap') subscription.askForState();
      if (applied !== 'ignored') this.#changed();
      return undefined;
    } catch (error) {
      if (!(error instanceof DialogInfoError)) throw error;
      return { status: 400, text: `The dialog-info of ${this.#target} cannot be read: ${describeError(error)}` };
    }
  }

  #onGone(subscription: Subscription): void {
    const table = this.#tables.get(subscription);
    this.#tables.delete(subscription);
    if (!this.#once) return; // RFC 6665 4.1.3: without a subscription nothing is known
    this.#hasLooked ||= table !== undefined;
    this.#last = [...this.#last, ...(table?.dialogs ?? [])];
  }

  #changed(): void {
    if (!this.#isLeft) this.#tools.onChange(this.info());
  }

  #watchedCall(dialog: ObservedDialog): WatchedCall {
    const { id, phase, direction, event, referredBy, replaces } = dialog;
    const sender = referredBy?.identity;
    return {
      id,
      phase,
      direction,
      peer: this.#peerOf(dialog),
      peerUri: dialog.remote?.identity ?? dialog.remote?.target ?? '',
      event,
      transferredBy: sender === undefined ? undefined : this.#tools.directory.nameOf(sender),
      isReplacement: replaces !== undefined,
      canPickUp: phase === 'early' && direction !== 'initiator' && this.#takeable(dialog) !== undefined,
    };
  }

  #peerOf({ remote }: ObservedDialog): string {
    const uri = remote?.identity ?? remote?.target;
    if (uri === undefined) return remote?.displayName ?? 'somebody';
    return this.#tools.directory.nameOf(uri);
  }
}

/** Where the other party is reached: its Contact, or failing that its address. */
function targetOf({ remote }: ObservedDialog): string | undefined {
  return remote?.target ?? remote?.identity;
}
