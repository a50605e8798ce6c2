export type { MediaStream, Spell, StreamRole } from './stream';
export { TraceMedia } from './trace-media';
