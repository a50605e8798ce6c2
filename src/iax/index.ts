export { defaultIaxPort, type IaxAddress } from './address';
export type { Access } from './authentication';
export {
  type CallParties,
  type CallRequest,
  type CallState,
  type HoldKind,
  type HoldReport,
  IaxCall,
  type IaxCallEvents,
  type ProgressReport,
  type VoicePacket,
} from './call';
export { type Cause, causeOf, causes } from './cause';
export * from './endpoint';
export * from './frame';
export * from './transfer';
export { formatIaxUri, type IaxUri, parseIaxUri } from './uri';
export type { IaxMachineKind, IaxObserver } from './observer';
export {
  type BindingChange,
  type IaxBinding,
  IaxRegistration,
  type IaxRegistrationEvents,
  type IaxRegistrationState,
  type RegistrarOptions,
  type RegistrationOptions,
} from './registration';
