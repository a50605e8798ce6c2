export { concerns as concernsTransfer } from './event';
export { followTransfer, type StateOfTransfer, type TransferState, type TransferStep, type TransitionOfTransfer } from './follow';
export { transferToMermaid } from './mermaid';
