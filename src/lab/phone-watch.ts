import { CallLabError, describeError } from '../core';
import type { Session } from '../sip';
import { type TakeableCall, takeableCall } from './early-call';
import type { SipPhone } from './sip-phone';
import type { PhoneSurroundings } from './surroundings';
import { Watchers } from './watchers';
import { Watching } from './watching';

/** What a phone knows of the calls of others, and what it tells others of its own. */
export class PhoneWatch {
  /** Whom it watches. */
  readonly watching: Watching;
  readonly #phone: SipPhone;
  readonly #around: PhoneSurroundings;
  readonly #watchers: Watchers;
  readonly #ringing = new WeakSet<Session>();

  /** `onChange` is called when the phone got to know something. */
  constructor(phone: SipPhone, around: PhoneSurroundings, onChange: () => void) {
    this.#phone = phone;
    this.#around = around;
    const { agent, options } = phone;
    this.#watchers = new Watchers(agent.settings, options.watchers ?? 'lab', around.directory);
    agent.subscriptions.offer(this.#watchers.package);
    this.watching = new Watching({
      subscriptions: agent.subscriptions,
      directory: phone.directory,
      onChange: (info) => {
        around.events.emit('watch', phone.name, info);
        onChange();
      },
    });
  }

  /** Begins to watch those whom the phone watches from the start; the phones of the lab have all started. */
  begin(): void {
    const { name, options } = this.#phone;
    for (const target of options.watches ?? []) {
      try {
        this.watching.watch(target, this.#phone.directory.resolve(target, options.transport ?? 'udp'), false);
      } catch (error) {
        const code = error instanceof CallLabError ? error.code : 'CL2002';
        this.#phone.reportProblem(code, `${name} cannot watch ${target}: ${describeError(error)}`);
      }
    }
  }

  /** A call of the phone began, changed, or ended. */
  observe(session: Session): void {
    const { agent } = this.#phone;
    const wasReplaced = agent.sessions.some(({ replaces, state }) => replaces === session && (state === 'answering' || state === 'connected'));
    if (this.#watchers.update(session, { hasRung: this.#ringing.has(session), wasReplaced })) agent.subscriptions.changed('dialog');
  }

  /** A call that came in rings now, and its caller knows. */
  observeRinging(session: Session): void {
    this.#ringing.add(session);
    this.observe(session);
  }

  /** The other phones of the lab. */
  get neighbours(): readonly string[] {
    return this.#around.directory.names.filter((name) => name !== this.#phone.name);
  }

  /** The calls of another phone of the lab that this one might take. */
  neighboursCalls(name: string): readonly TakeableCall[] {
    return this.neighbours.includes(name) ? this.#around.takeableAt(name) : [];
  }

  /** The calls of this phone that another one might take. */
  get takeable(): readonly TakeableCall[] {
    return this.#phone.calls.flatMap((call) => takeableCall(this.#phone.name, call.peer, call.session, this.#ringing.has(call.session)) ?? []);
  }
}
