import type { Milliseconds } from '../core';
import { canonicalHost, isLoopback } from '../net';
import type { AgentSettings } from '../sip';

/** How a phone makes and takes its calls, beyond what every phone does. */
export interface CallOptions {
  /**
   * Provisional responses that are acknowledged (RFC 3262). `off`: not offered, not understood. `supported`, unless given:
   * sent when the caller requires it, and when they carry a session description. `required`: always, or there is no call.
   */
  readonly reliable?: 'off' | 'supported' | 'required';
  /** While it rings, callers hear the phone already: 183 with a session description. Not unless given. */
  readonly earlyMedia?: boolean;
  /** How the phone keeps its calls from living on when the other side has vanished (RFC 4028). */
  readonly sessionTimer?: SessionTimerOptions;
  /** How keys travel: as RTP events (RFC 4733), unless given, or in INFO. */
  readonly dtmf?: 'rtp' | 'info';
  /** Whether a caller who reached this phone by way of another learns so (RFC 4916, RFC 3325). Not unless given. */
  readonly connectedIdentity?: boolean;
}

export interface SessionTimerOptions {
  /** What is asked for, and the most that is granted. Without it the phone only takes part when the other side asks. */
  readonly expires?: Milliseconds;
  /** The shortest that is accepted: 90 s unless given, which is also the least that the RFC allows. */
  readonly min?: Milliseconds;
  /** Who refreshes, by the roles in the INVITE; the callee's choice unless given. */
  readonly refresher?: 'uac' | 'uas';
  /** How the phone refreshes: `update`, unless given, where the other side takes it. */
  readonly method?: 'invite' | 'update';
}

/** What the options mean to the phone's user agent. */
export function callSettings(options: CallOptions): Partial<AgentSettings> {
  const { reliable, sessionTimer, connectedIdentity } = options;
  return {
    ...(reliable === undefined ? {} : { reliable }),
    ...(connectedIdentity === undefined ? {} : { connectedIdentity }),
    ...(sessionTimer === undefined ? {} : { sessionTimer: inSeconds(sessionTimer) }),
    // RFC 3325 section 5: the trust domain is this machine, where every sender is one of the person's own.
    trustsIdentity: ({ host }) => isLoopback(canonicalHost(host) ?? ''),
  };
}

function inSeconds({ expires, min, refresher, method }: SessionTimerOptions): NonNullable<AgentSettings['sessionTimer']> {
  const seconds = (time: Milliseconds | undefined): number | undefined => (time === undefined ? undefined : Math.max(1, Math.ceil(time / 1000)));
  return { expires: seconds(expires), min: seconds(min), refresher, method: method === 'invite' ? 'INVITE' : 'UPDATE' };
}
