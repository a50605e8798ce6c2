import type { JournalEntry } from '../../src/trace';
import { tellStory } from '../simulation/stories/run-story';

/** What random stories on a bad network leave in their journals, one story after the other in one trace. */
export async function longTrace(seed: number, stories: number): Promise<JournalEntry[]> {
  const entries: JournalEntry[] = [];
  for (let story = 0; story < stories; story += 1) {
    const before = entries.at(-1);
    const since = before === undefined ? 0 : before.at + 1 + ((seed * 7_919 + story * 104_729) % 100_000);
    let own: readonly JournalEntry[] = [];
    await tellStory(seed + story, {}, (lab) => {
      own = lab.journal.entries;
    });
    const first = (before?.seq ?? -1) + 1;
    for (const entry of own) {
      const moved = { ...entry, seq: first + entry.seq, at: since + entry.at };
      entries.push(moved.kind === 'problem' && moved.packet !== undefined ? { ...moved, packet: first + moved.packet } : moved);
    }
  }
  return entries;
}
