import type { PanelEarlier } from '../../../webview/protocol';
import { type TraceSegment, traceSegments } from '../../capture';
import type { Milliseconds } from '../../core';
import type { Journal, TraceModel } from '../../trace';

/** A folder of files, by name. */
export interface SegmentFolder {
  write(name: string, text: string): Promise<void>;
  list(): Promise<readonly { readonly name: string; readonly octets: number }[]>;
  remove(name: string): Promise<void>;
}

/** What the folder may hold, of this session and those before it; the oldest files go first. */
export interface ArchiveLimits {
  readonly files: number;
  readonly octets: number;
}

export const defaultLimits: ArchiveLimits = { files: 200, octets: 0x2000_0000 };

/** Messages that a file holds: from the index `first` up to, but not with, `end`. */
export interface ArchivedPart {
  readonly name: string;
  readonly first: number;
  readonly end: number;
}

/** `2026-11-26T12-00-00-000Z-3f9a.m00000001-m00005000.siptrace`: in the order of their names they are in the order of time. */
const namePattern = /^\d{4}-\d\d-\d\dT[\d-]+Z-[\da-f]+\.m(?<first>\d+)-m(?<last>\d+)\.siptrace$/u;

/** The earlier part of one lab's trace, in files that the trace editor opens. */
export class Archive {
  readonly #folder: SegmentFolder;
  readonly #session: string;
  readonly #rest: () => Promise<void>;
  readonly #limits: ArchiveLimits;
  #parts: readonly ArchivedPart[] = [];
  /** What is no message was written up to here. */
  #until: Milliseconds = 0;

  /** `session` is what no other lab has: see {@link sessionName}. `rest` gives others a turn. */
  constructor(folder: SegmentFolder, session: string, rest: () => Promise<void>, limits = defaultLimits) {
    this.#folder = folder;
    this.#session = session;
    this.#rest = rest;
    this.#limits = limits;
  }

  /** Oldest first. */
  get parts(): readonly ArchivedPart[] {
    return this.#parts;
  }

  /** What there is of the messages that a trace has forgotten. */
  earlier({ firstIndex }: Pick<TraceModel, 'firstIndex'>): PanelEarlier {
    const inFiles = this.#parts.reduce((sum, { first, end }) => sum + Math.max(0, Math.min(end, firstIndex) - first), 0);
    return { messages: firstIndex, inFiles, files: this.#parts.length };
  }

  /** Writes what a trace is about to forget: the messages before an index. Rejects when that fails. */
  async save(model: TraceModel, journal: Journal, before: number): Promise<void> {
    const until = model.messageAt(before)?.at ?? model.now;
    const options = { startedAt: journal.startedAt, entries: journal.entries, before, since: this.#until };
    for (const segment of traceSegments(model, options)) {
      if (segment === undefined) await this.#rest();
      else await this.#write(segment);
    }
    this.#until = until;
  }

  /** Removes the oldest files of a folder that holds too many, or too much. */
  async clean(): Promise<void> {
    const files = (await this.#folder.list()).filter(({ name }) => namePattern.test(name)).sort((a, b) => (a.name < b.name ? -1 : 1));
    let octets = files.reduce((sum, file) => sum + file.octets, 0);
    let count = files.length;
    for (const file of files) {
      if (count <= this.#limits.files && octets <= this.#limits.octets) return;
      await this.#folder.remove(file.name);
      this.#parts = this.#parts.filter(({ name }) => name !== file.name);
      octets -= file.octets;
      count -= 1;
    }
  }

  async #write({ first, end, text }: TraceSegment): Promise<void> {
    const number = (index: number): string => `m${String(index).padStart(8, '0')}`;
    const name = `${this.#session}.${number(first + 1)}-${number(end)}.siptrace`;
    await this.#folder.write(name, text);
    this.#parts = [...this.#parts, { name, first, end }];
  }
}

/** How the files of a lab begin; `salt` tells two labs apart that began at the same moment. */
export function sessionName(startedAt: Date, salt: string): string {
  return `${startedAt.toISOString().replace(/[:.]/gu, '-')}-${salt}`;
}

/** What the first line of a trace says that has lost its beginning. */
export function noticeOf({ messages, inFiles, files }: PanelEarlier): string {
  const where = files === 0 ? 'kept no longer' : `in ${files === 1 ? 'a file' : `${files} files`}: run the command "Call Lab: Open Earlier Part of Trace"`;
  const which = inFiles === messages || files === 0 ? `the ${messages} messages before these are` : `of the ${messages} messages before these, ${inFiles} are`;
  return `${which} ${where}`;
}
