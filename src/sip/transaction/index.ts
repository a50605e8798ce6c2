export { ClientTransaction, type ClientTransactionUser } from './client-transaction';
export { formatHop, type Hop, type HopTransport, sameHop } from './hop';
export { type RequestDraft, type StatelessAnswer, TransactionLayer, type TransactionLayerHost } from './layer';
export type { MachineKind, ProtocolObserver } from './observer';
export { ProtocolTimers } from './protocol-timers';
export { ServerTransaction, type ServerTransactionUser } from './server-transaction';
export { backOff, defaultTimers, giveUpAfter, type TimerValues } from './timers';
