import type { SipRequest } from '../message';
import type { ServerTransaction } from '../transaction';
import { blame } from './blame';
import { checkRefer } from './refer-policy';
import { refuse } from './refuse';
import type { AgentServices } from './services';
import type { Session } from './session';

/** A REFER inside the dialog of a call: obeyed or refused by policy. RFC 3515 section 2.4.2. */
export function receiveRefer(services: AgentServices, session: Session, request: SipRequest, transaction: ServerTransaction): void {
  const checked = checkRefer(session, request, services.settings);
  if (checked.refusal === undefined) {
    session.acceptRefer(transaction, checked.request);
    return;
  }
  const { status, reason, text } = checked.refusal;
  services.reportProblem(blame('CL2007', text, request, 'refer-to'));
  refuse(services, transaction, status, { reason });
}
