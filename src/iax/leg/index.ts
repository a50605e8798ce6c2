export { commandOctet, deservesInval, deservesUnsupport, isFarewell, isNumbered, isOpening } from './frame-rules';
export { Leg } from './leg';
export type { LegHost, LegPath, LegState, LegUser, MediaCollector, Outgoing } from './leg-parts';
export { Opening } from './opening';
export { defaultTransmissions } from './retransmission';
export type { SendOptions } from './send-queue';
