export type { Invitation } from './invite-attempt';
export type { Referral, ReferRequest } from './referral';
export type { ReferUser } from './refer-subscription';
export { type AgentProblem, type AgentSettings, allowedMethods, supportedOptions } from './services';
export type { EndCause, Session, SessionState } from './session';
export type { Sipfrag } from './sipfrag';
export { Transferee } from './transferee';
export { type TransferOutcome, Transferor, type TransferorState, type TransferPlan } from './transferor';
export { type AgentEvents, UserAgent, type UserAgentOptions } from './user-agent';
