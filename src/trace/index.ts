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
