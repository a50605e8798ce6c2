export { type CallOrigin, type CallOwner, IaxCall } from './call';
export type { HoldKind, HoldReport, IaxCallEvents } from './call-events';
export type { CallState, ProgressReport } from './call-machine';
export type { CallParties, CallRequest } from './new-request';
export { protocolVersion } from './new-request';
export type { VoicePacket } from './voice';
