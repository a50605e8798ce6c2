import type { Call } from './call';
import type { CallInfo, Hearing } from './call-info';

/** How many ended calls a phone remembers. */
const mostEnded = 1_000;

/** The calls of one phone, and which of them has the person's voice. `Key` is the protocol's own object behind a call. */
export class PhoneCalls<Key extends object, OwnCall extends Call> {
  readonly #holdTone: boolean;
  readonly #live = new Map<Key, OwnCall>();
  #ended: CallInfo[] = [];
  #count = 0;
  #attention = 0;

  constructor(holdTone: boolean) {
    this.#holdTone = holdTone;
  }

  /** Calls that have not ended, the oldest first. */
  get live(): readonly OwnCall[] {
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

  find(key: Key): OwnCall | undefined {
    return this.#live.get(key);
  }

  /** `create` is given the number of the call, counted from 1, and the attention it has before anybody turns to it. */
  add(key: Key, create: (number: number, attention: number) => OwnCall): OwnCall {
    this.#count += 1;
    const call = create(this.#count, this.#attention);
    this.#live.set(key, call);
    return call;
  }

  /** Lets go of an ended call, whose audio is over. */
  remove(key: Key): void {
    const call = this.#live.get(key);
    if (call === undefined) return;
    this.#live.delete(key);
    this.#ended.push(call.info());
    // Twice as many before the cut, so that it costs next to nothing per call.
    if (this.#ended.length > 2 * mostEnded) this.#ended = this.#ended.slice(-mostEnded);
    this.tune();
  }

  /** The person speaks into this call from now on. */
  turnTo(call: OwnCall): void {
    this.#attention += 1;
    call.attention = this.#attention;
    this.tune();
  }

  /** Settles who gets the person's voice, who gets the hold tone, who gets nothing. */
  tune(): void {
    let talking: OwnCall | undefined;
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
