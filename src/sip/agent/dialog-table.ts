import type { Clock } from '../../core';
import { type Dialog, dialogKey, dialogKeyOf } from '../dialog';
import type { Replaces, SipRequest } from '../message';
import { Tombstones } from './replaced';
import type { Session } from './session';

export interface TableEntry {
  readonly dialog: Dialog;
  readonly session: Session;
}

/** The dialogs of all sessions of one agent; a forked call has several, of which one becomes the call's. */
export class DialogTable {
  readonly #entries = new Map<string, TableEntry>();
  readonly #tombstones: Tombstones;

  constructor(clock: Clock) {
    this.#tombstones = new Tombstones(clock);
  }

  get size(): number {
    return this.#entries.size;
  }

  add(dialog: Dialog, session: Session): void {
    this.#entries.set(dialog.key, { dialog, session });
  }

  /** The dialog that a request with a To tag belongs to. */
  find(request: SipRequest): TableEntry | undefined {
    return this.#entries.get(dialogKeyOf(request));
  }

  /** The dialog that Replaces means, as we hold it: its to-tag is ours (RFC 3891 section 3). */
  findReplaced(replaces: Replaces): TableEntry | 'over' | undefined {
    for (const remoteTag of remoteTags(replaces)) {
      const key = dialogKey({ callId: replaces.callId, localTag: replaces.toTag, remoteTag });
      const entry = this.#entries.get(key);
      if (entry !== undefined) return entry;
      if (this.#tombstones.has(key)) return 'over';
    }
    return undefined;
  }

  /** Forgets the dialogs of `session`, but for the fact that they were. */
  remove(session: Session): void {
    for (const [key, entry] of this.#entries) {
      if (entry.session !== session) continue;
      this.#entries.delete(key);
      this.#tombstones.add(key);
    }
  }

  clear(): void {
    this.#entries.clear();
  }
}

/** RFC 3891 section 6.1: a tag of 0 also means a peer of RFC 2543, which has none. */
function remoteTags({ fromTag }: Replaces): readonly string[] {
  return fromTag === '0' ? ['0', ''] : [fromTag];
}
