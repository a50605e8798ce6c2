import { describeError } from '../../../core';
import { type NameAddr, parseReplaces, type Replaces, type SipRequest, type SipUri, parseUri } from '../../message';
import { usableHeaderParts } from './header-parts';
import type { ReferRequest } from './referral';
import { echoable } from './events';
import type { AgentSettings } from '../services';
import type { Session } from '../session';

/** What becomes of REFERs: done at once, done when our person consents, never done, or answered with 405 as by who knows none. */
export type ReferPolicy = 'accept' | 'ask' | 'refuse' | 'unknown';

export interface ReferRefusal {
  readonly status: number;
  readonly reason?: string;
  /** For our person. */
  readonly text: string;
}

type Checked =
  | { readonly request: ReferRequest; readonly stripped: readonly string[]; readonly refusal: undefined }
  | { readonly request: undefined; readonly refusal: ReferRefusal };

/** What an agent knows that one call does not. */
export interface ReferCircumstances {
  /** REFERs at work in all calls together. */
  readonly atWork: number;
  /** Whether a referred call of ours took this dialog's place already. */
  wasReplaced(replaces: Replaces): boolean;
}

/** REFERs at work at the same time in one agent; a person has no use for more, an attacker has. */
export const mostAtWork = 8;

/** Whether we do what a REFER asks, and if not, with which code: RFC 3515 section 2.4.2, reference 9 and 18. */
export function checkRefer(session: Session, refer: SipRequest, settings: AgentSettings, circumstances: ReferCircumstances): Checked {
  const refuse = (status: number, text: string, reason?: string): Checked => ({
    request: undefined,
    refusal: { status, text, ...(reason === undefined ? {} : { reason }) },
  });
  if (session.state !== 'connected' && session.state !== 'answering') {
    return refuse(481, 'A REFER came for a call that is not up');
  }
  let referTo: NameAddr | undefined;
  let referredBy: NameAddr | undefined;
  let replaces: Replaces | undefined;
  try {
    referTo = refer.referTo;
    referredBy = refer.referredBy;
    replaces = replacesOf(referTo?.uri);
  } catch (error) {
    return refuse(400, describeError(error), 'Malformed Refer-To');
  }
  if (referTo === undefined) return refuse(400, 'A REFER without Refer-To', 'Refer-To is missing');
  const { uri } = referTo;
  // A telephone number above all: it may cost money (field failure T17), and nobody here could dial it.
  if (uri.scheme !== 'sip') return refuse(416, `A REFER to ${uri.scheme}: was refused`);
  const method = uri.params.get('method');
  if (method !== undefined && method.toUpperCase() !== 'INVITE') {
    return refuse(403, `A REFER that asks for ${method} was refused`);
  }
  if (isOurs(uri, settings)) return refuse(403, 'A REFER to ourselves was refused'); // field failure T13
  const refusal = settings.refusalToCall(uri);
  if (refusal !== undefined) return refuse(403, refusal);
  if (replaces !== undefined && circumstances.wasReplaced(replaces)) {
    return refuse(403, 'A REFER in a circle was refused: the call it names has been replaced already'); // T13
  }
  if (settings.referPolicy === 'refuse') return refuse(603, `${session.remoteUri} asked us to call ${uri.toString()}; this phone takes no transfers`);
  if (session.hasLiveReferral) return refuse(491, 'A second REFER came while the first is at work');
  if (circumstances.atWork >= mostAtWork) return refuse(480, 'Too many REFERs are at work', 'Too many transfers');
  const { headers, stripped } = usableHeaderParts(uri);
  const needsConsent = settings.referPolicy === 'ask';
  const request = { target: uri, replaces, referredBy, headers, events: eventsOf(refer), needsConsent };
  return { request, stripped, refusal: undefined };
}

/** RFC 7614 section 4, RFC 4488 section 4: who is told how it went. */
function eventsOf(refer: SipRequest): ReferRequest['events'] {
  if (refer.require.includes('explicitsub')) return 'explicit';
  if (refer.require.includes('nosub') || echoable(refer)) return 'none';
  return 'implicit';
}

/** Whether a call to `uri` would come back to us, whatever its parameters say. */
export function isOurs(uri: SipUri, settings: AgentSettings): boolean {
  const ours = parseUri(settings.uri);
  return uri.user === ours.user && uri.host.toLowerCase() === ours.host.toLowerCase() && uri.port === ours.port;
}

function replacesOf(uri: SipUri | undefined): Replaces | undefined {
  const value = uri?.headers.find(([name]) => name.toLowerCase() === 'replaces')?.[1];
  return value === undefined ? undefined : parseReplaces(value);
}
