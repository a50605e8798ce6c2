import type { VerbEntry } from './journal';
import type { TransferKind } from './transfer';

const kinds: Readonly<Record<string, TransferKind>> = {
  transfer: 'blind',
  'attended-transfer': 'attended',
  'blonde-transfer': 'blonde',
};

/** What kind of transfer the persons at the phones of the lab have asked for, as long as it is under way. */
export class Wishes {
  readonly #byPhone = new Map<string, TransferKind>();

  learn({ owner, text, outcome }: VerbEntry): void {
    const verb = /^\S+ (?<verb>\S*transfer) /u.exec(text)?.groups?.['verb'];
    const kind = verb === undefined ? undefined : kinds[verb];
    if (kind === undefined) return;
    if (outcome === 'started') this.#byPhone.set(owner, kind);
    else this.#byPhone.delete(owner);
  }

  under(phone: string): TransferKind | undefined {
    return this.#byPhone.get(phone);
  }
}
