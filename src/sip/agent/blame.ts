import { describeError, type ErrorCode } from '../../core';
import { reasonPhrase, type SipMessage, type SipRequest } from '../message';
import { SdpError } from '../sdp';
import type { AgentProblem } from './services';

/** Blames one header of a message, or its start line when the header is missing. */
export function blame(code: ErrorCode, text: string, message: SipMessage, header: string): AgentProblem {
  return { code, text, message, range: message.headerRange(header) ?? message.startLineRange };
}

/** Blames the line of a session description that made `error`. */
export function blameSession(error: unknown, message: SipMessage): AgentProblem {
  const { bodyRange } = message;
  if (!(error instanceof SdpError)) return { code: 'CL2003', text: describeError(error), message, range: bodyRange };
  const range = { start: bodyRange.start + error.range.start, end: bodyRange.start + error.range.end };
  return { code: error.code, text: error.message, message, range };
}

/** Blames what a request was refused for with `status`. */
export function blameRequest(request: SipRequest, status: number): AgentProblem {
  const text = `${request.method} refused with ${String(status)} ${reasonPhrase(status)}`;
  return blame('CL2009', text, request, headerToBlame[status] ?? '');
}

/** RFC 3261 section 12.2.2 (481, 500), 8.2.3 (415) and 21.4.15 (421), RFC 4028 section 9 (422), RFC 6665 section 8.2.1 (489). */
const headerToBlame: Readonly<Record<number, string>> = {
  415: 'content-type',
  421: 'supported',
  422: 'session-expires',
  481: 'to',
  482: 'call-id',
  489: 'event',
  500: 'cseq',
};
