export { registrationBackOff } from './back-off';
export { type Granted, readGranted, seconds } from './bindings';
export {
  Registration,
  type RegistrationContact,
  type RegistrationOptions,
  type RegistrationServices,
  type RegistrationState,
} from './registration';
