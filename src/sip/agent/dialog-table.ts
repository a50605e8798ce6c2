import type { Clock } from '../../core';
import { type Dialog, dialogKey, dialogKeyOf } from '../dialog';
import type { Replaces, SipRequest } from '../message';
import type { ServerTransaction } from '../transaction';
import { Tombstones } from './replaced';
import type { Session } from './session';

export interface TableEntry {
  readonly dialog: Dialog;
  readonly session: Session;
}

/** A dialog that no call made, a subscription's for instance, with who takes the requests in it. */
export interface DialogUsage {
  readonly dialog: Dialog;
  /** The number of the request is in order already. */
  receive(request: SipRequest, transaction: ServerTransaction): void;
}

/**
 * The dialogs of one agent: those of its sessions, of which a forked call has several and one becomes the call's; and
 * those of other usages.
 */
export class DialogTable {
  readonly #entries = new Map<string, TableEntry>();
  readonly #keys = new Map<Session, string[]>();
  readonly #usages = new Map<string, DialogUsage>();
  readonly #tombstones: Tombstones;

  constructor(clock: Clock) {
    this.#tombstones = new Tombstones(clock);
  }

  /** How many dialogs it has, of calls and of other usages. */
  get size(): number {
    return this.#entries.size + this.#usages.size;
  }

  add(dialog: Dialog, session: Session): void {
    const isKnown = this.#entries.has(dialog.key);
    this.#entries.set(dialog.key, { dialog, session });
    if (isKnown) return;
    const keys = this.#keys.get(session);
    if (keys === undefined) this.#keys.set(session, [dialog.key]);
    else keys.push(dialog.key);
  }

  /** The dialog that a request with a To tag belongs to. */
  find(request: SipRequest): TableEntry | undefined {
    return this.#entries.get(dialogKeyOf(request));
  }

  /** A dialog without a call, and who takes the requests in it. Whoever adds it removes it. */
  addUsage(usage: DialogUsage): void {
    this.#usages.set(usage.dialog.key, usage);
  }

  removeUsage(dialog: Dialog): void {
    this.#usages.delete(dialog.key);
  }

  /** The dialog without a call that a request with a To tag belongs to. */
  findUsage(request: SipRequest): DialogUsage | undefined {
    return this.#usages.get(dialogKeyOf(request));
  }

  /** Remembers the number of a request that is refused for another reason; its dialog need not be known. */
  acceptSequence(request: SipRequest): void {
    (this.find(request) ?? this.findUsage(request))?.dialog.acceptSequence(request.cseq.sequence);
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
    for (const key of this.#keys.get(session) ?? []) {
      this.#entries.delete(key);
      this.#tombstones.add(key);
    }
    this.#keys.delete(session);
  }

  /** Whether a request is for a dialog that ended a short while ago. */
  isOver(request: SipRequest): boolean {
    return this.#tombstones.has(dialogKeyOf(request));
  }

  clear(): void {
    this.#entries.clear();
    this.#keys.clear();
    this.#usages.clear();
  }
}

/** RFC 3891 section 6.1: a tag of 0 also means a peer of RFC 2543, which has none. */
function remoteTags({ fromTag }: Replaces): readonly string[] {
  return fromTag === '0' ? ['0', ''] : [fromTag];
}
