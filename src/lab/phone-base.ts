import type { ByteRange, Milliseconds } from '../core';
import type { SocketAddress } from '../net';
import type { Call } from './call';
import type { CallInfo, Hearing } from './call-info';
import { PhoneCalls } from './phone-calls';
import type { PhoneOptions } from './phone-options';
import type { PhoneSurroundings } from './surroundings';
import { PhoneTimers } from './phone-timers';
import { ProblemDesk } from './problem-desk';
import { Waiters } from './waiters';

const mostDigits = 64;

/**
 * What every phone has, whatever its protocol: calls that share one person's attention, keys received, and those who wait
 * for something to change. `Key` is the protocol's own object behind a call.
 */
export abstract class PhoneBase<Key extends object, OwnCall extends Call> {
  readonly options: PhoneOptions;
  protected readonly around: PhoneSurroundings;
  protected readonly book: PhoneCalls<Key, OwnCall>;
  protected readonly timers: PhoneTimers;
  protected readonly problems: ProblemDesk;
  protected digits = '';
  readonly #waiters = new Waiters();

  protected constructor(options: PhoneOptions, around: PhoneSurroundings) {
    this.options = options;
    this.around = around;
    this.timers = new PhoneTimers(around.clock);
    this.problems = new ProblemDesk(options.name, around);
    this.book = new PhoneCalls(options.holdTone ?? true);
  }

  get name(): string {
    return this.options.name;
  }

  get host(): string {
    return this.options.host ?? '127.0.0.1';
  }

  get displayName(): string {
    return this.options.displayName ?? this.name.charAt(0).toUpperCase() + this.name.slice(1);
  }

  get calls(): readonly OwnCall[] {
    return this.book.live;
  }

  get callInfos(): readonly CallInfo[] {
    return this.book.infos;
  }

  get hears(): Hearing {
    return this.book.hears;
  }

  get callsLeft(): number {
    return this.calls.length;
  }

  until(isMet: () => boolean): Promise<void> {
    return this.#waiters.until(isMet);
  }

  within(work: Promise<void>, limit: Milliseconds): Promise<void> {
    return this.timers.within(work, limit);
  }

  turnTo(call: OwnCall): void {
    this.book.turnTo(call);
  }

  reportProblem(code: string, text: string, more: { readonly packet?: number; readonly range?: ByteRange } = {}): void {
    this.problems.report({ code, text, ...more });
  }

  protected onHears(hearing: Hearing, address: SocketAddress): void {
    const { journal, events } = this.around;
    journal.append({ kind: 'hears', owner: this.name, ...hearing, address });
    if (events.listenerCount('hears') > 0) events.emit('hears', this.name, this.hears);
    this.changed();
  }

  protected onDigit(digit: string): void {
    this.digits = (this.digits + digit).slice(-mostDigits);
    this.around.events.emit('digit', this.name, digit);
    this.changed();
  }

  protected notice(text: string): void {
    this.around.events.emit('notice', this.name, text);
    this.changed();
  }

  protected callChanged(call: OwnCall): void {
    const { events } = this.around;
    // Most snapshots would be made for nobody.
    if (events.listenerCount('call') > 0) events.emit('call', call.info());
    this.changed();
  }

  protected changed(): void {
    this.checkWaiters();
    this.around.events.emit('changed');
  }

  protected checkWaiters(): void {
    this.#waiters.check();
  }
}
