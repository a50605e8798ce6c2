import type { FromPanel, PanelAction } from '../../../webview/protocol';
import { readLadderOptions } from './read-ladder';

const actions = ['start', 'place-call', 'clear', 'export', 'open-trace', 'open-map', 'open-transfer', 'open-earlier'] as const satisfies readonly PanelAction[];

/** In UTF-16 units; nobody types more, and each word costs a look at every message. */
const longestSearch = 1_000;

/** A message of the panel's, checked: whatever else a page may post is undefined. */
export function readFromPanel(message: unknown): FromPanel | undefined {
  if (typeof message !== 'object' || message === null) return undefined;
  const { type, id, focus, options, left, right, action, text } = message as Readonly<Record<string, unknown>>;
  switch (type) {
    case 'ready':
    case 'arrange':
      return { type, options: readLadderOptions(options) };
    case 'open':
      return typeof id === 'string' ? { type, id, focus: focus === true } : undefined;
    case 'search':
      return typeof text === 'string' ? { type, text: text.slice(0, longestSearch) } : undefined;
    case 'trouble':
      return typeof text === 'string' ? { type, text: text.slice(0, 1000) } : undefined;
    case 'compare':
      return typeof left === 'string' && typeof right === 'string' ? { type, left, right } : undefined;
    case 'action': {
      const known = actions.find((one) => one === action);
      return known === undefined ? undefined : { type, action: known };
    }
    default:
      return undefined;
  }
}
