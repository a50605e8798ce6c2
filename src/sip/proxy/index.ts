export { bestOutcome, type Outcome } from './best-response';
export { ProxyNames } from './names';
export { Proxy, type ProxyOptions } from './proxy';
export type { ProxyProblem } from './services';
export type { Forking } from './targets';
