import { type Milliseconds, NamedTimers } from '../../core';
import { type Access, authMethodMd5, freshChallenge, md5Result, provesSecret } from '../authentication';
import { type Cause, causes, readCause } from '../cause';
import type { CodecName, FullFrame } from '../frame';
import { type Leg, Opening } from '../leg';
import type { IaxServices } from '../services';
import { cutText, longestElement } from '../text';
import type { CallAction, CallConditions, CallEvent } from './call-machine';
import { acceptedCodec, acceptElements, chooseCodec, type CodecOffer, maskOf, readOffer } from './codec-choice';
import { type CallParties, type CallRequest, newElements, partiesOf, readParties, speaksOurVersion } from './new-request';
import { codecs as codecMasks } from '../frame';

/** A caller who is challenged has so long to prove who he is: as long as a frame is repeated, and a little more. */
const patience: Milliseconds = 35_000;

/** Challenges answered in one call: who asks for ever wants our digests, not our call. */
const mostChallenges = 3;

/** What a call is set up with. */
export interface SetupParts {
  /** Ours, by preference. */
  readonly codecs: readonly CodecName[];
  /** For a call that we place. */
  readonly request?: CallRequest;
  /** For one that comes in: who may; everybody unless given. */
  readonly access?: Access | undefined;
}

/** The call as its set-up sees it. */
export interface SetupUser {
  handle(event: CallEvent): void;
  /** Refused before there was a call. */
  fail(cause: Cause): void;
  /** The peer does not go on: the call is to be ended for this cause. */
  giveUp(cause: Cause): void;
}

/** Who calls whom, with which codec, and whether he may: from NEW to ACCEPT (IAX2 reference sections 4.2 to 4.5). */
export class CallSetup {
  readonly #leg: Leg;
  readonly #services: IaxServices;
  readonly #parts: SetupParts;
  readonly #user: SetupUser;
  readonly #timers: NamedTimers<'patience'>;
  readonly #opening: Opening | undefined;
  #parties: CallParties;
  #offer: CodecOffer | undefined;
  #codec: CodecName | undefined;
  /** The one that is to be answered, or that was set. */
  #challenge: string | undefined;
  #challenges = 0;
  #isMd5Offered = false;
  #isProven = false;
  #refusal: Cause = causes.rejected;

  constructor(leg: Leg, services: IaxServices, parts: SetupParts, user: SetupUser) {
    this.#leg = leg;
    this.#services = services;
    this.#parts = parts;
    this.#user = user;
    this.#timers = new NamedTimers(services.clock, services.observer, leg.id);
    const { request } = parts;
    this.#parties = request === undefined ? { calledNumber: '', calledContext: undefined, callingNumber: undefined, callingName: undefined, username: undefined, autoAnswer: false } : partiesOf(request);
    this.#opening = request === undefined ? undefined : new Opening(leg, 'NEW', newElements(request, parts.codecs));
  }

  get parties(): CallParties {
    return this.#parties;
  }

  get isAuthenticated(): boolean {
    return this.#isProven;
  }

  get codec(): CodecName | undefined {
    return this.#codec;
  }

  /** What may be sent and is understood: the callee knows what the caller can use, the caller has only offered. */
  get usable(): readonly CodecName[] {
    const { codecs } = this.#parts;
    const mask = this.#offer?.capability ?? maskOf(codecs);
    return codecs.filter((name) => (mask & BigInt(codecMasks[name])) !== 0n);
  }

  get conditions(): Pick<CallConditions, 'canAuthenticate' | 'isProven' | 'hasCodec'> {
    const secret = this.#parts.request?.secret;
    return {
      canAuthenticate: secret !== undefined && this.#isMd5Offered && this.#challenge !== undefined && this.#challenges <= mostChallenges,
      isProven: this.#isProven,
      hasCodec: this.#codec !== undefined,
    };
  }

  /** Why we refused. */
  get refusal(): Cause {
    return this.#refusal;
  }

  begin(): void {
    this.#opening?.begin();
    this.#leg.keepAlive();
  }

  stop(): void {
    this.#timers.clearAll();
  }

  /** CALLTOKEN, or a refusal, without a call at the other side. */
  onReply(frame: FullFrame): void {
    if (this.#opening?.onReply(frame) === true) return;
    if (frame.command === 'REJECT' || frame.command === 'HANGUP') {
      this.#leg.abandon();
      // IAX2 reference 4.3: a bare REJECT is what a missing, wrong or old token gets.
      this.#user.fail(readCause(frame, { code: causes.rejected.code, text: 'The other side refused the call without giving a reason' }));
    }
  }

  onNew(frame: FullFrame): void {
    // A second NEW in a running leg is acknowledged and passed over (IAX2 reference 7.1).
    if (this.#offer !== undefined || this.#isCaller) return;
    this.#parties = readParties(frame);
    this.#offer = readOffer(frame);
    this.#codec = chooseCodec(this.#parts.codecs, this.#offer);
    this.#leg.keepAlive();
    const secret = this.#parts.access?.secretOf(this.#parties.username ?? '');
    // IAX2 reference 7.1: another version is refused like an unknown user.
    if (!speaksOurVersion(frame)) this.#user.handle({ is: 'authrep' });
    else if (this.#parts.access === undefined || secret === '') this.#prove();
    else this.#demand();
  }

  /** AUTHREP: the answer to our challenge. A user who is not known has proved nothing, whatever he says. */
  onAuthRep(frame: FullFrame): void {
    const challenge = this.#challenge;
    if (this.#isCaller || challenge === undefined) return;
    this.#challenge = undefined;
    const secret = this.#parts.access?.secretOf(this.#parties.username ?? '');
    if (provesSecret(challenge, secret, frame.element('md5Result'))) this.#prove();
    else this.#user.handle({ is: 'authrep' });
  }

  /** Of the callee alone: a caller who could set our challenge would choose one whose answer he has overheard. */
  onAuthReq(frame: FullFrame): void {
    if (!this.#isCaller) return;
    this.#challenges += 1;
    this.#challenge = frame.element('challenge');
    this.#isMd5Offered = ((frame.element('authMethods') ?? 0) & authMethodMd5) !== 0;
    this.#user.handle({ is: 'authreq' });
  }

  onAccept(frame: FullFrame): void {
    if (!this.#isCaller) return;
    const name = acceptedCodec(frame);
    if (this.#codec === undefined && name !== undefined && this.#parts.codecs.includes(name)) this.#codec = name;
    this.#user.handle({ is: 'accept' });
  }

  /** AUTHREP with the MD5 result; a plain password is never sent (IAX2 reference 4.4). */
  authenticate(): void {
    this.#isProven = true;
    this.#leg.command('AUTHREP', { md5Result: md5Result(this.#challenge ?? '', this.#parts.request?.secret ?? '') });
  }

  /** ACCEPT with the codec chosen. */
  accept(): void {
    if (this.#codec !== undefined) this.#leg.command('ACCEPT', acceptElements(this.#codec));
  }

  /** The cause that belongs to a refusal of ours. */
  refuse(action: Extract<CallAction, `refuse-${string}`>): Cause {
    if (action === 'refuse-codec') this.#refusal = causes.incompatible;
    else if (action === 'refuse-user') this.#refusal = causes.notSubscribed;
    else this.#refusal = { code: causes.notSubscribed.code, text: 'The other side asks for a proof that we do not have' };
    return this.#refusal;
  }

  get #isCaller(): boolean {
    return this.#parts.request !== undefined;
  }

  #prove(): void {
    this.#timers.clearAll();
    this.#isProven = true;
    this.#user.handle({ is: 'authrep' });
  }

  #demand(): void {
    const challenge = freshChallenge(this.#services.random);
    this.#challenge = challenge;
    this.#leg.command('AUTHREQ', { authMethods: authMethodMd5, challenge, username: cutText(this.#parties.username ?? '', longestElement) });
    this.#timers.set('patience', patience, () => {
      this.#user.giveUp(causes.notSubscribed);
    });
  }
}
