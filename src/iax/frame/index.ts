export { buildCommand, buildFullFrame, buildMini, buildTrunk, type FullHeader, retransmit } from './build';
export { decodeFrame, type IaxFrame } from './decode';
export { codecsOf, describeData, describeElement } from './describe';
export { type InformationElement, rewriteElement, writeElement, writeElements } from './element';
export { type ElementKind, type ElementName, elementNameOf, elementTable, type ElementValue, type ElementValues } from './element-table';
export { type IaxFault, IaxFrameError } from './fault';
export { FullFrame, type FullFrameField } from './full-frame';
export { MiniFrame, MiniVideoFrame, type TrunkEntry, TrunkFrame } from './media-frames';
export {
  codecName,
  type CodecName,
  codecs,
  commandName,
  type CommandName,
  commands,
  controlName,
  type ControlName,
  controls,
  frameTypes,
  frameTypeTitle,
} from './names';
export type { ApparentAddress, IaxDateTime, LossReport, WideMask } from './values';
