import type { StateFeed } from '../subscription';
import type { ObservedDialog } from './document';
import { formatDialogInfo } from './write';

interface Published {
  readonly dialog: ObservedDialog;
  /** The change it came with. */
  readonly revision: number;
}

/** Ended dialogs that are remembered until every watcher has heard of their end. */
const mostEnded = 50;

/** The dialogs of one user agent as it tells them to its watchers, and which of them each watcher knows already. */
export class PublishedDialogs {
  readonly #entity: string;
  readonly #dialogs = new Map<string, Published>();
  #revision = 0;
  /** Ended dialogs up to this change are forgotten: who has not heard of them needs the full state. */
  #forgottenUpTo = 0;

  /** `entity` is the URI whose dialogs they are. */
  constructor(entity: string) {
    this.#entity = entity;
  }

  /** Those that have not ended. */
  get live(): readonly ObservedDialog[] {
    return [...this.#dialogs.values()].map(({ dialog }) => dialog).filter(({ phase }) => phase !== 'terminated');
  }

  /** A dialog began, changed, or ended. Returns false when that is no news. */
  update(dialog: ObservedDialog): boolean {
    const known = this.#dialogs.get(dialog.id);
    if (known === undefined && dialog.phase === 'terminated') return false; // nobody ever heard of it
    if (known !== undefined && JSON.stringify(known.dialog) === JSON.stringify(dialog)) return false;
    this.#revision += 1;
    this.#dialogs.delete(dialog.id);
    this.#dialogs.set(dialog.id, { dialog, revision: this.#revision });
    if (dialog.phase === 'terminated') this.#forgetOldest();
    return true;
  }

  openFeed(): StateFeed {
    const [entity, dialogs] = [this.#entity, this.#dialogs];
    const newest = (): number => this.#revision;
    const forgottenUpTo = (): number => this.#forgottenUpTo;
    let version = -1;
    let told = -1;
    return {
      get isUpToDate() {
        return told === newest();
      },
      next: (wantsAll) => {
        const isFull = wantsAll || told < forgottenUpTo();
        version += 1;
        const news = [...dialogs.values()].filter(({ dialog, revision }) => revision > told || (isFull && dialog.phase !== 'terminated'));
        // A new watcher need not hear of what ended before it came.
        const isFirst = told === -1;
        const shown = isFirst ? news.filter(({ dialog }) => dialog.phase !== 'terminated') : news;
        told = newest();
        return formatDialogInfo({ version, state: isFull ? 'full' : 'partial', entity, dialogs: shown.map(({ dialog }) => dialog) });
      },
    };
  }

  #forgetOldest(): void {
    const ended = [...this.#dialogs.values()].filter(({ dialog }) => dialog.phase === 'terminated');
    const [oldest] = ended;
    if (oldest === undefined || ended.length <= mostEnded) return;
    this.#dialogs.delete(oldest.dialog.id);
    this.#forgottenUpTo = oldest.revision;
  }
}
