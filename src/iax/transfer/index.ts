export { type EndAction, type EndConditions, type EndEvent, type EndState, type EndTimer, probeGaps, questionTime, transferEnd } from './end';
export { HandingOver, handingOver, type HandingOverEvent, type HandingOverEvents, type HandingOverState } from './handing-over';
export type { Transition } from './machine';
export { guardTime, type MiddleAction, type MiddleConditions, type MiddleEvent, type MiddleState, otherSide, type Side, transferMiddle } from './middle';
export { NativeTransfer, type NativeTransferEvents, type NativeTransferOptions } from './native-transfer';
export type { TransferOutcome } from './outcome';
export {
  defaultConsent,
  isFromOtherEnd,
  judgeTransfer,
  mostProbes,
  type NewPathFrame,
  requestGap,
  type TransferCircumstances,
  type TransferConsent,
  type TransferJudgement,
  type TransferRequest,
  type TransferTarget,
} from './policy';
export { CallRelay } from './relay';
export { TakingOver, takingOver, type TakingOverEvent, type TakingOverEvents, type TakingOverParties, type TakingOverState } from './taking-over';
export { Transfers, type TransfersHost } from './transfers';
