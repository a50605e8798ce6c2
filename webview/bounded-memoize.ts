import { memoize } from 'es-toolkit/compat';

/** Some fifty diagrams of a ladder; what is asked for again is asked for soon. */
const mostRemembered = 10_000;

/** Begins anew when it is full. */
class BoundedMap extends Map<unknown, unknown> {
  override set(key: unknown, value: unknown): this {
    if (this.size >= mostRemembered) this.clear();
    return super.set(key, value);
  }
}

/**
 * To be called before Mermaid is loaded: it remembers the size of every text that it has measured, for ever, and the words of a
 * live ladder are all different.
 */
export function boundMermaidsMemory(): void {
  memoize.Cache = BoundedMap;
}
