import { type Milliseconds, NamedTimers } from '../../core';
import type { IaxAddress } from '../address';
import { authMethodMd5, md5Result } from '../authentication';
import { type Cause, causes, readCause } from '../cause';
import type { ElementValues, FullFrame } from '../frame';
import { commandOctet, deservesUnsupport, type Leg, type LegUser, Opening } from '../leg';
import type { IaxServices } from '../services';

/** Who registers. */
export interface Registrant {
  readonly username: string;
  readonly secret?: string | undefined;
}

/** What came of one request. */
export type RegistrationOutcome =
  | { readonly is: 'granted'; readonly refresh: number | undefined; readonly apparentAddress: IaxAddress | undefined }
  | { readonly is: 'refused'; readonly cause: Cause }
  | { readonly is: 'unanswered'; readonly cause: Cause };

/** A registrar that acknowledges and then says nothing is given up after this. */
const patience: Milliseconds = 35_000;

/** Challenges answered in one exchange. */
const mostChallenges = 3;

/** One REGREQ or REGREL with its token, its challenge and its answer, on a leg of its own (IAX2 reference 5.4). */
export class RegistrationRequest implements LegUser {
  readonly #registrant: Registrant;
  readonly #command: 'REGREQ' | 'REGREL';
  readonly #refresh: number;
  readonly #onOutcome: (outcome: RegistrationOutcome) => void;
  readonly #timers: NamedTimers<'patience'>;
  #leg: Leg | undefined;
  #opening: Opening | undefined;
  #challenges = 0;
  #isDone = false;

  /** `refresh` in seconds. */
  constructor(
    services: IaxServices,
    registrant: Registrant,
    command: 'REGREQ' | 'REGREL',
    refresh: number,
    onOutcome: (outcome: RegistrationOutcome) => void,
  ) {
    this.#registrant = registrant;
    this.#command = command;
    this.#refresh = refresh;
    this.#onOutcome = onOutcome;
    this.#timers = new NamedTimers(services.clock, services.observer, `${command} of ${registrant.username}`);
  }

  begin(leg: Leg): void {
    this.#leg = leg;
    this.#opening = new Opening(leg, this.#command, this.#elements);
    this.#timers.set('patience', patience, () => {
      leg.abandon();
      this.#done({ is: 'unanswered', cause: causes.outOfOrder });
    });
    this.#opening.begin();
  }

  /** It cannot be sent. Its owner hears of that later, as of every outcome. */
  fail(cause: Cause): void {
    this.#timers.set('patience', 0, () => {
      this.#done({ is: 'unanswered', cause });
    });
  }

  /** Forgets it: nobody hears of its outcome. */
  abandon(): void {
    this.#isDone = true;
    this.#timers.clearAll();
    this.#leg?.abandon();
  }

  onReply(frame: FullFrame): void {
    if (this.#opening?.onReply(frame) === true || frame.command !== 'REGREJ') return;
    this.#leg?.abandon();
    // IAX2 reference 4.3: a bare REGREJ is what a missing, wrong or old token gets.
    const fallback = { code: causes.facilityRejected.code, text: 'The registrar refused without giving a reason' };
    this.#done({ is: 'refused', cause: readCause(frame, fallback) });
  }

  onFrame(frame: FullFrame): void {
    switch (frame.command) {
      case 'REGAUTH':
        this.#onChallenge(frame);
        break;
      case 'REGACK':
        this.#leg?.end();
        this.#done({ is: 'granted', refresh: frame.element('refresh'), apparentAddress: frame.element('apparentAddress') });
        break;
      case 'REGREJ':
      case 'REJECT':
      case 'HANGUP':
        this.#leg?.end();
        this.#done({ is: 'refused', cause: readCause(frame, causes.facilityRejected) });
        break;
      default:
        if (deservesUnsupport(frame)) this.#leg?.command('UNSUPPORT', { iaxUnknown: commandOctet(frame) });
    }
  }

  onDead(cause: Cause): void {
    this.#done({ is: 'unanswered', cause });
  }

  /** IAX2 reference 4.4: the same request again, with the MD5 result. A plain password is never sent. */
  #onChallenge(frame: FullFrame): void {
    const { secret } = this.#registrant;
    const challenge = frame.element('challenge');
    const isMd5Offered = ((frame.element('authMethods') ?? 0) & authMethodMd5) !== 0;
    this.#challenges += 1;
    if (secret === undefined || challenge === undefined || !isMd5Offered || this.#challenges > mostChallenges) {
      this.#leg?.end();
      const text = secret === undefined ? 'The registrar asks for a secret, and there is none' : 'The registrar asks for a proof that we cannot give';
      this.#done({ is: 'refused', cause: { code: causes.facilityRejected.code, text } });
      return;
    }
    const { refresh, ...who } = this.#elements;
    this.#leg?.command(this.#command, { ...who, md5Result: md5Result(challenge, secret), ...(refresh === undefined ? {} : { refresh }) });
  }

  get #elements(): ElementValues {
    const { username } = this.#registrant;
    // 5.4 allows a cause in REGREL; it also makes room for a token, which is never longer than what asks for it.
    return this.#command === 'REGREQ' ? { username, refresh: this.#refresh } : { username, cause: 'Unregistered' };
  }

  #done(outcome: RegistrationOutcome): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#timers.clearAll();
    this.#onOutcome(outcome);
  }
}
