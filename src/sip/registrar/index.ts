export {
  type Binding,
  defaultLocationLimits,
  type LocationLimits,
  LocationService,
  recordKey,
  sameBinding,
} from './location';
export { Registrar, type RegistrarAnswer, type RegistrarOptions } from './registrar';
