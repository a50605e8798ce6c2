import { type Clock, type Disposable, type Milliseconds } from '../../core';
import { type IaxAddress, sameAddress } from '../address';

/** Where one user can be called, as long as it lives. */
export interface IaxBinding {
  readonly username: string;
  readonly address: IaxAddress;
  /** Clock time. */
  readonly expiresAt: Milliseconds;
}

export type BindingChange = 'added' | 'refreshed' | 'moved' | 'removed' | 'expired';

/** Users registered at a time. */
const mostBindings = 10_000;

/** Who has registered, and where he is: one address a user, the last one. Forgets what has expired by itself. */
export class IaxBindings {
  readonly #clock: Clock;
  readonly #onChange: (binding: IaxBinding, change: BindingChange) => void;
  readonly #bindings = new Map<string, { readonly binding: IaxBinding; readonly timer: Disposable }>();

  constructor(clock: Clock, onChange: (binding: IaxBinding, change: BindingChange) => void) {
    this.#clock = clock;
    this.#onChange = onChange;
  }

  get all(): readonly IaxBinding[] {
    return [...this.#bindings.values()].map(({ binding }) => binding);
  }

  find(username: string): IaxBinding | undefined {
    return this.#bindings.get(username)?.binding;
  }

  /** False when there is no room for another user. */
  set(username: string, address: IaxAddress, lifetime: Milliseconds): boolean {
    const known = this.#bindings.get(username);
    if (known === undefined && this.#bindings.size >= mostBindings) return false;
    known?.timer.dispose();
    const binding = { username, address, expiresAt: this.#clock.now() + lifetime };
    const timer = this.#clock.setTimer(lifetime, () => this.#remove(username, 'expired'));
    this.#bindings.set(username, { binding, timer });
    if (known === undefined) this.#onChange(binding, 'added');
    else this.#onChange(binding, sameAddress(known.binding.address, address) ? 'refreshed' : 'moved');
    return true;
  }

  remove(username: string): void {
    this.#remove(username, 'removed');
  }

  /** Forgets all, and says nothing. */
  clear(): void {
    for (const { timer } of this.#bindings.values()) timer.dispose();
    this.#bindings.clear();
  }

  #remove(username: string, change: BindingChange): void {
    const known = this.#bindings.get(username);
    if (known === undefined) return;
    known.timer.dispose();
    this.#bindings.delete(username);
    this.#onChange(known.binding, change);
  }
}
