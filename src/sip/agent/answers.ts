import { respond, type SipRequest } from '../message';
import type { ServerTransaction } from '../transaction';
import { blameRequest } from './blame';
import { digitOf, infoTypes } from './info-digit';
import { type AgentServices, capabilityHeaders } from './services';
import type { SessionState } from './session-state';

type Headers = readonly (readonly [string, string])[];

/** Answers the INVITE that made a call: 101-199 and 300-699; the 2xx is repeated and has a class of its own. */
export function replyToInvite(
  services: AgentServices,
  transaction: ServerTransaction,
  status: number,
  words: { readonly toTag: string; readonly reason: string | undefined; readonly headers: Headers; readonly body?: string | undefined },
): void {
  const { request, source } = transaction;
  const { toTag, reason, headers, body } = words;
  const isDialogForming = status > 100 && status < 300;
  const contact = isDialogForming ? capabilityHeaders(services.settings, source.transport) : [];
  transaction.respond(respond(request, status, { toTag, source, reason, headers: [...contact, ...headers], body }));
}

/** Answers a request inside a dialog, and reports it when it broke a rule. */
export function answerInDialog(services: AgentServices, transaction: ServerTransaction, status: number, headers: Headers = []): void {
  // 488 has been reported with the line of the session description; 491, and 500 with Retry-After, are mere bad timing.
  if (status === 405 || status === 415 || status === 481) services.reportProblem(blameRequest(transaction.request, status));
  transaction.respond(respond(transaction.request, status, { source: transaction.source, headers }));
}

/** A telephone key in INFO (RFC 6086 names no package for it). */
export function answerInfo(
  services: AgentServices,
  transaction: ServerTransaction,
  state: SessionState,
  onDigit: (digit: string) => void,
): void {
  const { request } = transaction;
  if (state === 'ended') {
    answerInDialog(services, transaction, 481); // RFC 5057: INFO belongs to the INVITE usage
  } else if (infoTypes.includes(request.contentType ?? '')) {
    answerInDialog(services, transaction, 200);
    const digit = digitOf(request);
    if (digit !== undefined) onDigit(digit);
  } else {
    answerInDialog(services, transaction, 415, [['Accept', infoTypes.join(', ')]]); // RFC 3261 21.4.13
  }
}

/**
 * What a 302 says: one Contact for each target, with falling q where there are several (RFC 3261 sections 20.10 and 21.3.3);
 * that we forwarded the call, on top of whoever did before (RFC 5806 section 6); and the history it came with (RFC 7044).
 */
export function redirection(uri: string, invite: SipRequest | undefined, targets: readonly string[]): [string, string][] {
  const several = targets.length > 1;
  const contacts = targets.map((target, index): [string, string] => {
    const q = Math.max(1, 10 - index) / 10;
    return ['Contact', several ? `<${target}>;q=${q.toFixed(1)}` : `<${target}>`];
  });
  const diversions = [`<${uri}>;reason=deflection`, ...(invite?.headerValues('Diversion') ?? [])];
  return [
    ...contacts,
    ...diversions.map((value): [string, string] => ['Diversion', value]),
    ...(invite?.headerValues('History-Info') ?? []).map((value): [string, string] => ['History-Info', value]),
  ];
}
