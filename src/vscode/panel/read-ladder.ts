import type { LadderOptions } from '../../../webview/protocol';

const groupings = ['none', 'transfer', 'call'] as const satisfies readonly LadderOptions['grouping'][];

/** Longer texts and lists are no wish of a person's. */
const longestText = 1_000;
const longestList = 10_000;

/** The wishes of the page as far as they are any: whatever else it may send is left out. */
export function readLadderOptions(options: unknown): Partial<LadderOptions> {
  if (typeof options !== 'object' || options === null) return {};
  const { method, query, grouping, byHost, details, hidden, order, unfolded, paused } = options as Readonly<Record<string, unknown>>;
  const known = groupings.find((one) => one === grouping);
  return {
    ...(typeof method === 'string' && { method: method.slice(0, longestText) }),
    ...(typeof query === 'string' && { query: query.slice(0, longestText) }),
    ...(known !== undefined && { grouping: known }),
    ...(typeof byHost === 'boolean' && { byHost }),
    ...(typeof details === 'boolean' && { details }),
    ...(isWords(hidden) && { hidden }),
    ...(isWords(order) && { order }),
    ...(isWords(unfolded) && { unfolded }),
    ...(typeof paused === 'boolean' && { paused }),
  };
}

function isWords(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length <= longestList && value.every((one) => typeof one === 'string');
}
