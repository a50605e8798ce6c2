import { minSeOf, type SessionExpires, sessionExpiresOf, type SipRequest, type SipResponse } from '../message';
import { ProtocolTimers } from '../transaction';
import type { AgentServices, AgentSettings } from './services';

type Headers = readonly (readonly [string, string])[];

/** How a user agent keeps its sessions alive. Times are in seconds. */
export interface SessionTimerSettings {
  /** What our INVITEs ask for, and the most that we grant; without it we only take part when the peer asks. */
  readonly expires?: number | undefined;
  /** The shortest interval that we accept; 90 unless given, which is also the least that RFC 4028 section 5 allows. */
  readonly min?: number | undefined;
  /** Who shall refresh, by the roles in the INVITE; the callee chooses unless given. */
  readonly refresher?: 'uac' | 'uas' | undefined;
  /** How we refresh: UPDATE where the peer takes it, unless given. */
  readonly method?: 'INVITE' | 'UPDATE' | undefined;
}

export interface SessionTimerUser {
  /** Half of the interval is over, and refreshing is our part: send a refresh. */
  onRefresh(): void;
  /** Nobody refreshed the session in time: it is over. */
  onExpired(): void;
}

/** RFC 4028 section 5: no Min-SE is shorter, in seconds. */
const leastInterval = 90;

/** Longer intervals than this (11 days) run no longer, in seconds: a timer of the platform could not count them. */
const longestInterval = 1_000_000;

/** A proxy after the other may ask for a longer interval; more often than this is a trap. */
const mostRaises = 4;

/**
 * The session timer of one call (RFC 4028): what is asked for and granted, who refreshes when, and when the session is given
 * up because nobody did. That is how a call ends whose other side has vanished without a BYE.
 */
export class SessionTimer {
  readonly #settings: SessionTimerSettings;
  readonly #timers: ProtocolTimers<'session refresh' | 'session expiry'>;
  readonly #user: SessionTimerUser;
  /** Seconds; grows with each 422. */
  #minimum: number;
  #raises = 0;
  #running: { readonly interval: number; readonly weRefresh: boolean } | undefined;

  constructor(services: AgentServices, name: string, user: SessionTimerUser) {
    this.#settings = services.settings.sessionTimer ?? {};
    this.#minimum = this.#settings.min ?? leastInterval;
    this.#user = user;
    this.#timers = new ProtocolTimers(services.clock, services.observer, name);
  }

  /** The interval agreed on, in seconds; undefined when the session has no timer. */
  get interval(): number | undefined {
    return this.#running?.interval;
  }

  /** Whether refreshing is our part. */
  get weRefresh(): boolean {
    return this.#running?.weRefresh === true;
  }

  get method(): 'INVITE' | 'UPDATE' {
    return this.#settings.method ?? 'UPDATE';
  }

  /** What an INVITE or UPDATE of ours says (RFC 4028 sections 7.1 and 7.4). */
  requestHeaders(): Headers {
    const interval = this.#running?.interval ?? this.#settings.expires;
    if (interval === undefined) return [];
    // The roles of now stay: whoever sends the request is its uac.
    const refresher = this.#running === undefined ? this.#settings.refresher : this.weRefresh ? 'uac' : 'uas';
    const parameter = refresher === undefined ? '' : `;refresher=${refresher}`;
    return [['Session-Expires', `${String(Math.max(interval, this.#minimum))}${parameter}`], ...this.#minimumHeader()];
  }

  /** A 422 wants a longer interval: RFC 4028 section 7.3. Returns whether to try again, with new {@link requestHeaders}. */
  raise(response: SipResponse): boolean {
    const wanted = minSeOf(response);
    if (response.status !== 422 || wanted === undefined || wanted <= this.#minimum || this.#raises >= mostRaises) return false;
    this.#raises += 1;
    this.#minimum = wanted;
    return true;
  }

  /** The peer accepted an INVITE or UPDATE of ours: RFC 4028 section 7.2. Only that prolongs the session. */
  onAccepted(response: SipResponse): void {
    const granted = sessionExpiresOf(response);
    // No Session-Expires in the 2xx switches the timer off, in the middle of a call too.
    if (granted === undefined) this.stop();
    else this.#start(granted.interval, granted.refresher !== 'uas');
  }

  /** We accept an INVITE or UPDATE of the peer: starts the timer anew. What the 2xx says of it: RFC 4028 section 9. */
  accept(request: SipRequest): Headers {
    const interval = this.#grant(request, sessionExpiresOf(request));
    if (interval === undefined) {
      this.stop();
      return [];
    }
    const refresher = this.#chooseRefresher(request);
    this.#start(interval, refresher === 'uas');
    const header = ['Session-Expires', `${String(interval)};refresher=${refresher}`] as const;
    return refresher === 'uac' ? [header, ['Require', 'timer']] : [header];
  }

  /** A refresh of ours came to nothing, but the call goes on: once more, while there is time. */
  refreshLater(): void {
    if (this.#running === undefined) return;
    this.#timers.set('session refresh', (this.#running.interval * 1000) / 10, () => {
      this.#user.onRefresh();
    });
  }

  stop(): void {
    this.#running = undefined;
    this.#timers.clearAll();
  }

  get #ownMinimum(): number {
    return this.#settings.min ?? leastInterval;
  }

  #minimumHeader(): Headers {
    return this.#minimum === leastInterval ? [] : [['Min-SE', String(this.#minimum)]];
  }

  #grant(request: SipRequest, asked: SessionExpires | undefined): number | undefined {
    const ours = this.#settings.expires ?? this.#running?.interval;
    const least = Math.max(minSeOf(request) ?? 0, this.#ownMinimum);
    if (asked === undefined) return ours === undefined ? undefined : Math.max(ours, least);
    // RFC 4028 9: it may be lowered, never raised, and not below Min-SE.
    return Math.min(asked.interval, Math.max(ours ?? asked.interval, least));
  }

  #chooseRefresher(request: SipRequest): 'uac' | 'uas' {
    if (!speaksOfTimers(request)) return 'uas'; // RFC 4028 9, table 2: who knows no timers refreshes nothing
    const asked = sessionExpiresOf(request)?.refresher;
    if (asked !== undefined) return asked;
    if (this.#running !== undefined) return this.weRefresh ? 'uas' : 'uac';
    return this.#settings.refresher ?? 'uac';
  }

  #start(seconds: number, weRefresh: boolean): void {
    // An interval below what anybody may ask for would have us send one refresh upon the other.
    const interval = Math.min(Math.max(seconds, Math.min(this.#ownMinimum, leastInterval)), longestInterval);
    this.#running = { interval: seconds, weRefresh };
    this.#timers.clearAll();
    if (weRefresh) {
      this.#timers.set('session refresh', (interval * 1000) / 2, () => {
        this.#user.onRefresh();
      });
    }
    // RFC 4028 10: early enough that the BYE is there when the session expires.
    this.#timers.set('session expiry', (interval - Math.min(32, interval / 3)) * 1000, () => {
      this.stop();
      this.#user.onExpired();
    });
  }
}

/** Whether the interval that an INVITE or UPDATE of the peer asks for is too short: RFC 4028 section 9. */
export function refusalOfInterval(
  request: SipRequest,
  { sessionTimer }: Pick<AgentSettings, 'sessionTimer'>,
): { readonly status: number; readonly headers: Headers } | undefined {
  const minimum = sessionTimer?.min ?? leastInterval;
  const asked = sessionExpiresOf(request);
  // Who does not speak of timers would not understand the 422 (the interval is a proxy's then).
  if (asked === undefined || !speaksOfTimers(request) || asked.interval >= minimum) return undefined;
  return { status: 422, headers: [['Min-SE', String(minimum)]] };
}

function speaksOfTimers({ supported, require }: SipRequest): boolean {
  return [...supported, ...require].some((tag) => tag.toLowerCase() === 'timer');
}
