export { buildLadder, type LadderOptions } from './build';
export * from './dialog-map';
export { escapeMermaid, visible } from './escape';
export { escapeLabel } from './escape-label';
export { isAnswer, isFailure, labelOf, methodOf } from './label';
export { chunkRows, type MermaidOptions, toMermaid, toMermaidFile } from './mermaid';
export type { Ladder, LadderLane, LadderRow, MessageRow, NoteRow, NoteTone, RowRange } from './row';
export * from './transfer-state';
