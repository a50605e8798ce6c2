import { describeError } from '../../core';
import { type NameAddr, parseReplaces, type Replaces, type SipRequest, type SipUri, parseUri } from '../message';
import type { ReferRequest } from './referral';
import type { AgentSettings } from './services';
import type { Session } from './session';

type Checked =
  | { readonly request: ReferRequest; readonly refusal: undefined }
  | { readonly request: undefined; readonly refusal: { readonly status: number; readonly reason?: string; readonly text: string } };

/** Whether we do what a REFER asks, and if not, with which code: RFC 3515 section 2.4.2, reference 9 and 18. */
export function checkRefer(session: Session, refer: SipRequest, settings: AgentSettings): Checked {
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
  if (uri.scheme !== 'sip') return refuse(416, `A REFER to ${uri.scheme}: was refused`);
  const method = uri.params.get('method');
  if (method !== undefined && method.toUpperCase() !== 'INVITE') {
    return refuse(403, `A REFER that asks for ${method} was refused`);
  }
  if (isOurs(uri, settings)) return refuse(403, 'A REFER to ourselves was refused'); // field failure T13
  const refusal = settings.refusalToCall(uri);
  if (refusal !== undefined) return refuse(403, refusal);
  if (session.hasLiveReferral) return refuse(491, 'A second REFER came while the first is at work');
  return { request: { target: uri, replaces, referredBy }, refusal: undefined };
}

/** Whether a call to `uri` would come back to us, whatever its parameters say. */
function isOurs(uri: SipUri, settings: AgentSettings): boolean {
  const ours = parseUri(settings.uri);
  return uri.user === ours.user && uri.host.toLowerCase() === ours.host.toLowerCase() && uri.port === ours.port;
}

function replacesOf(uri: SipUri | undefined): Replaces | undefined {
  const value = uri?.headers.find(([name]) => name.toLowerCase() === 'replaces')?.[1];
  return value === undefined ? undefined : parseReplaces(value);
}
