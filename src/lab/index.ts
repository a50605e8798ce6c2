export type { CallInfo, CallState, Hearing, PhoneInfo } from './call-info';
export { Lab, type LabOptions, type Leaks, type VerbOutcome } from './lab';
export type { LabEvents, LabProblem, VerbReport } from './lab-events';
export { type Behaviour, type Credentials, defaultPhones, type PhoneOptions, type PhoneTransport, phoneTransports } from './phone-options';
export { formatVerb, parseVerb, type Verb, type VerbName, verbNames } from './verb';
export { type LinePart, WordError, Words } from './words';
