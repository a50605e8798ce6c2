export { parseAddress } from './address';
export type { CallCause, CallState, Side, TraceCall, TraceDialog } from './call';
export type { Series } from './chronicle';
export type { Participant } from './directory';
export type { Heard, Hearing, VoiceStream } from './hearing';
export { causeInBrackets, causeName, describeCause, type LegEnd, type LegPurpose, type TraceLeg } from './iax';
export {
  type HearsEntry,
  Journal,
  type JournalEntry,
  type JournalOptions,
  type NewJournalEntry,
  type PacketEntry,
  type ProblemEntry,
  type StateEntry,
  type TimerEntry,
  type VerbEntry,
} from './journal';
export { type LintFinding, type LintId, type LintRule, lintRules } from './lint';
export type { MediaStream, Spell, StreamRole } from './media';
export { type MediaDirection, mediaDirection, refusesToHear } from './media-direction';
export type { MessageError, TraceMessage, TracePacket } from './message';
export { TraceModel, type TraceOptions } from './model';
export { type Party, sameParty } from './party';
export type { TraceNote, TraceSeries, TraceTimeout } from './series';
export { readSipfrag, type StatusLine } from './sipfrag';
export { TraceLimit, type TraceLimitOptions } from './trace-limit';
export type { TraceSubscription } from './subscription';
export type { TraceTransaction } from './transaction';
export type { Transfer, TransferKind, TransferProgress, Verdict } from './transfer';
export { nameIn, transferTitle } from './words';
