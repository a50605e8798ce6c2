export { buildLadder, type LadderOptions } from './build';
export { compareCalls, type ComparedPair, type Comparison } from './compare';
export * from './dialog-map';
export { escapeMermaid, escapeMermaidLines, visible, visibleLabel } from './escape';
export { escapeLabel } from './escape-label';
export { type Grouping, groupTitle } from './grouping';
export { kindTitle } from './kind-title';
export { isAcknowledgement, isAnswerTitle } from './iax-label';
export { isAnswer, isFailure, labelOf, methodOf } from './label';
export { type LadderUpdate, LiveLadder, type LiveLadderOptions } from './live-ladder';
export { laneOf } from './make-rows';
export { chunkRows, type MermaidOptions, toMermaid, toMermaidFile, wordsOf } from './mermaid';
export { parseQuery, type Query } from './query';
export { type QueryProblem, type QueryProblemKind, readQuery } from './read-query';
export type {
  HeadingRow,
  Ladder,
  LadderLane,
  LadderRow,
  LiveRow,
  MessageRow,
  NoteRow,
  NoteTone,
  RowRange,
  StreamRow,
} from './row';
export * from './transfer-state';
