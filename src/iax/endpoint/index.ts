export { IaxEndpoint } from './endpoint';
export { defaultLegLimits, type LegLimits } from './leg-keeper';
export type { IaxEndpointEvents, IaxEndpointOptions, IaxProblem } from './options';
