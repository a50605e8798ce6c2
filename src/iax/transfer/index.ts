export { type EndAction, type EndConditions, type EndEvent, type EndState, type EndTimer, probeGaps, questionTime, transferEnd } from './end';
export type { Transition } from './machine';
export { guardTime, type MiddleAction, type MiddleConditions, type MiddleEvent, type MiddleState, otherSide, type Side, transferMiddle } from './middle';
export {
  defaultConsent,
  isFromOtherEnd,
  judgeTransfer,
  mostProbes,
  type NewPathFrame,
  requestGap,
  sameAddress,
  sameTarget,
  type TransferCircumstances,
  type TransferConsent,
  type TransferJudgement,
  type TransferRequest,
  type TransferTarget,
} from './policy';
