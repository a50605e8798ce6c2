export { type BindingChange, type IaxBinding, IaxBindings } from './bindings';
export { RegistrarExchange, type RegistrarOptions } from './registrar';
export { IaxRegistration, type IaxRegistrationEvents, type RegistrationOptions, type RegistrationOwner } from './registration';
export type { IaxRegistrationState } from './registration-machine';
export type { RegistrationRequest } from './registration-request';
