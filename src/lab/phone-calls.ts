import type { Milliseconds } from '../core';
import type { Session } from '../sip';
import { Call } from './call';
import type { CallInfo, Hearing } from './call-info';
import type { Directory } from './directory';
import type { MediaPort } from './media-ports';

/** How many ended calls a phone remembers. */
const mostEnded = 1_000;

/** The calls of one phone, and which of them has the person's voice. */
export class PhoneCalls {
  readonly #phone: string;
  readonly #directory: Directory;
  readonly #holdTone: boolean;
  readonly #live = new Map<Session, Call>();
  #ended: CallInfo[] = [];
  #count = 0;
  #attention = 0;

  constructor(phone: string, directory: Directory, holdTone: boolean) {
    this.#phone = phone;
    this.#directory = directory;
    this.#holdTone = holdTone;
  }

  /** Calls that have not ended, the oldest first. */
  get live(): readonly Call[] {
    return [...this.#live.values()].filter((call) => !call.hasEnded);
  }

  /** Snapshots of all calls, the ended ones first. */
  get infos(): readonly CallInfo[] {
    // Not those of `live`: a call that has ended is in neither list until it is let go.
    return [...this.#ended, ...[...this.#live.values()].map((call) => call.info())];
  }

  /** What the person hears in all calls together. */
  get hears(): Hearing {
    const phones = new Set<string>();
    let hold = false;
    for (const { audio } of this.#live.values()) {
      for (const name of audio?.hears.phones ?? []) phones.add(name);
      hold ||= audio?.hears.hold ?? false;
    }
    return { phones: [...phones].sort(), hold };
  }

  find(session: Session): Call | undefined {
    return this.#live.get(session);
  }

  add(session: Session, port: MediaPort | undefined, since: Milliseconds): Call {
    this.#count += 1;
    const call = new Call({
      id: `${this.#phone}/${String(this.#count)}`,
      phone: this.#phone,
      session,
      since,
      directory: this.#directory,
      attention: this.#attention,
      port,
    });
    this.#live.set(session, call);
    return call;
  }

  /** Lets go of an ended call; its port is the caller's to give back. */
  remove(call: Call): void {
    call.audio?.dispose();
    call.audio = undefined;
    this.#live.delete(call.session);
    this.#ended.push(call.info());
    // Twice as many before the cut, so that it costs next to nothing per call.
    if (this.#ended.length > 2 * mostEnded) this.#ended = this.#ended.slice(-mostEnded);
    this.tune();
  }

  /** The person speaks into this call from now on. */
  turnTo(call: Call): void {
    this.#attention += 1;
    call.attention = this.#attention;
    this.tune();
  }

  /** Settles who gets the person's voice, who gets the hold tone, who gets nothing. */
  tune(): void {
    let talking: Call | undefined;
    for (const call of this.#live.values()) {
      if (call.audio !== undefined && !call.holding && call.attention > (talking?.attention ?? -1)) talking = call;
    }
    for (const call of this.#live.values()) {
      if (call.audio === undefined) continue;
      if (call.holding) call.audio.play(this.#holdTone ? 'hold' : 'none');
      else call.audio.play(call === talking ? 'voice' : 'none');
    }
  }

  /** Silences everything: the phone is being switched off. */
  clear(): void {
    for (const call of this.#live.values()) call.audio?.dispose();
    this.#live.clear();
  }
}
