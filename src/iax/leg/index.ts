export { commandOctet, deservesInval, deservesUnsupport, isFarewell, isNumbered, isOpening } from './frame-rules';
export { Leg, type LegHost, type LegPath, type LegState, type LegUser, type MediaCollector, type Outgoing } from './leg';
export { Opening } from './opening';
export { defaultTransmissions } from './retransmission';
export type { SendOptions } from './send-queue';
