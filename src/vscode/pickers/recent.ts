const limit = 10;

/** The list of recent targets with `target` at its head. Phones are always offered, so they need no memory. */
export function remember(recent: readonly string[], target: string, phones: readonly string[]): readonly string[] {
  if (phones.includes(target)) return recent;
  return [target, ...recent.filter((one) => one !== target)].slice(0, limit);
}
