import { type Milliseconds, NamedTimers } from '../../core';
import { type Access, authMethodMd5, freshChallenge, provesSecret } from '../authentication';
import { type Cause, causeElements, causes } from '../cause';
import type { ElementValues, FullFrame } from '../frame';
import { commandOctet, deservesUnsupport, type Leg, type LegUser } from '../leg';
import type { IaxServices } from '../services';
import { cutText, longestElement } from '../text';
import type { IaxBindings } from './bindings';

/** What a registrar allows. */
export interface RegistrarOptions {
  /** Who may register; everybody, under any name, unless given. */
  readonly access?: Access | undefined;
  /** Seconds; who asks for less gets this (IAX2 reference 5.4). 10 unless given. */
  readonly minRefresh?: number;
  /** Seconds; who asks for more gets this. 3600 unless given. */
  readonly maxRefresh?: number;
}

/** Seconds, for who asks for nothing. */
const defaultRefresh = 60;

/** Who is challenged has so long to answer. */
const patience: Milliseconds = 35_000;

/** The longest name that is kept, in UTF-16 units: no more than 240 octets. */
const longestName = 80;

/** One REGREQ or REGREL at the registrar's side, on a leg of its own (IAX2 reference 5.4). */
export class RegistrarExchange implements LegUser {
  readonly #services: IaxServices;
  readonly #options: RegistrarOptions;
  readonly #bindings: IaxBindings;
  readonly #timers: NamedTimers<'patience'>;
  #leg: Leg | undefined;
  #challenge: string | undefined;
  #username = '';

  constructor(services: IaxServices, options: RegistrarOptions, bindings: IaxBindings) {
    this.#services = services;
    this.#options = options;
    this.#bindings = bindings;
    this.#timers = new NamedTimers(services.clock, services.observer, 'registrar');
  }

  begin(leg: Leg): void {
    this.#leg = leg;
  }

  onFrame(frame: FullFrame): void {
    switch (frame.command) {
      case 'REGREQ':
      case 'REGREL':
        this.#onRequest(frame);
        break;
      case 'REGREJ':
      case 'REJECT':
      case 'HANGUP':
        this.#stop();
        this.#leg?.end();
        break;
      default:
        if (deservesUnsupport(frame)) this.#leg?.command('UNSUPPORT', { iaxUnknown: commandOctet(frame) });
    }
  }

  /** Who was challenged and never answered is not waited for any more. */
  onForgotten(): void {
    this.#stop();
  }

  onDead(): void {
    this.#stop();
  }

  #stop(): void {
    this.#timers.clearAll();
  }

  #onRequest(frame: FullFrame): void {
    const challenge = this.#challenge;
    const { access } = this.#options;
    if (challenge !== undefined) {
      this.#challenge = undefined;
      // The name is that of the first request: a digest proves nothing about another one.
      if (provesSecret(challenge, access?.secretOf(this.#username), frame.element('md5Result'))) this.#grant(frame);
      else this.#refuse(causes.facilityRejected);
      return;
    }
    this.#username = frame.element('username') ?? '';
    const isOpen = access === undefined || access.secretOf(this.#username) === '';
    if (isOpen) this.#grant(frame);
    else this.#demand();
  }

  /** IAX2 reference 4.4: a user who is not known is challenged like any other. */
  #demand(): void {
    const challenge = freshChallenge(this.#services.random);
    this.#challenge = challenge;
    this.#leg?.command('REGAUTH', { authMethods: authMethodMd5, challenge, username: cutText(this.#username, longestElement) });
    this.#timers.set('patience', patience, () => {
      this.#leg?.abandon();
    });
  }

  #grant(frame: FullFrame): void {
    const username = this.#username;
    if (username === '' || username.length > longestName) {
      this.#refuse({ code: causes.facilityRejected.code, text: 'No name, or too long a one' });
      return;
    }
    if (frame.command === 'REGREL') {
      this.#bindings.remove(username);
      // 5.4: without REFRESH and APPARENT ADDR.
      this.#answer({ username });
      return;
    }
    const { minRefresh = 10, maxRefresh = 3_600 } = this.#options;
    const refresh = Math.min(maxRefresh, Math.max(minRefresh, frame.element('refresh') ?? defaultRefresh));
    const address = this.#leg?.path.address;
    if (address === undefined || !this.#bindings.set(username, address, refresh * 1_000)) {
      this.#refuse({ code: causes.congestion.code, text: 'The registrar is full' });
      return;
    }
    // 2.5: APPARENT ADDR is an IPv4 address or nothing.
    const isIpv4 = !address.host.includes(':');
    this.#answer({ username, refresh, ...(isIpv4 ? { apparentAddress: address } : {}) });
  }

  #answer(elements: ElementValues): void {
    this.#stop();
    this.#leg?.command('REGACK', elements, { isFinal: true });
  }

  #refuse(cause: Cause): void {
    this.#stop();
    this.#leg?.command('REGREJ', causeElements(cause), { isFinal: true });
  }
}
