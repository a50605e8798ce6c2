import type { DigestServer } from '../auth';
import type { SipRequest } from '../message';
import type { ServerTransaction } from '../transaction';
import { refuse } from './refuse';
import type { AgentServices } from './services';

/**
 * Whether a request comes from somebody whom the server knows; without a server, from anybody. When it does not, the
 * challenge is sent. RFC 3261 section 22.2.
 */
export function isAuthentic(
  digest: DigestServer | undefined,
  services: AgentServices,
  request: SipRequest,
  transaction: ServerTransaction,
): boolean {
  if (digest === undefined) return true;
  const result = digest.verify(request, 'Authorization');
  if (result.ok) return true;
  const challenges = digest.challenge(result.stale);
  refuse(services, transaction, 401, { headers: challenges.map((value) => ['WWW-Authenticate', value] as const) });
  return false;
}
