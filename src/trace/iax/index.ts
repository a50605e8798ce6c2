export { IaxTrace } from './iax-trace';
export type { LegEnd, LegEndRecord, LegPurpose, LegRecord, TraceLeg } from './leg';
export type { LegTable, PlacedFrame, Voice } from './leg-table';
export { IaxSockets, tryDecode } from './sockets';
export { causeInBrackets, causeName, describeCause } from './words';
