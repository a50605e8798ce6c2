import type { DialogInfo, ObservedDialog } from './document';

/** What a document did to the table. */
export type Applied =
  | 'applied'
  /** Older than what is known, or the same again: RFC 4235 section 4.3 says to discard it. */
  | 'ignored'
  /** Documents between it and the last one are missing: the full state must be asked for. */
  | 'gap';

/** More dialogs of one user agent are not kept. */
const mostDialogs = 500;

/**
 * The dialogs of somebody who is watched, kept up to date from the documents of one subscription: RFC 4235 section 4.3.
 * Dialogs that ended are let go.
 */
export class WatchedDialogs {
  readonly #dialogs = new Map<string, ObservedDialog>();
  #version: number | undefined;
  #entity = '';

  /** The number of the last document that counted; undefined before the first. */
  get version(): number | undefined {
    return this.#version;
  }

  get entity(): string {
    return this.#entity;
  }

  /** Those that have not ended, in the order in which they were told of first. */
  get dialogs(): readonly ObservedDialog[] {
    return [...this.#dialogs.values()];
  }

  apply(info: DialogInfo): Applied {
    const known = this.#version;
    if (known !== undefined && info.version <= known) return 'ignored';
    // RFC 4235 4.3: the full state is whole whatever was missed.
    if (info.state === 'full') {
      this.#dialogs.clear();
    } else if (known === undefined || info.version > known + 1) {
      // What this document tells is true, but what the missing ones told is not known; it is all told again.
      this.#merge(info);
      return 'gap';
    }
    this.#version = info.version;
    this.#merge(info);
    return 'applied';
  }

  #merge(info: DialogInfo): void {
    this.#entity = info.entity;
    for (const dialog of info.dialogs) {
      if (dialog.phase === 'terminated') this.#dialogs.delete(dialog.id);
      else if (this.#dialogs.has(dialog.id) || this.#dialogs.size < mostDialogs) this.#dialogs.set(dialog.id, dialog);
    }
  }
}
