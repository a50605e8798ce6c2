import type { FromDiagram } from '../../../webview/views/protocol';
import { commandIds, specOf } from '../commands/table';

/** A message of a page with a diagram, checked: whatever else a page may post is undefined. */
export function readFromDiagram(message: unknown): FromDiagram | undefined {
  if (typeof message !== 'object' || message === null) return undefined;
  const { type, id, focus, transfer, command, phone, call, text, data } = message as Readonly<Record<string, unknown>>;
  switch (type) {
    case 'ready':
    case 'choose':
      return typeof transfer === 'string' ? { type, transfer } : undefined;
    case 'open':
      return typeof id === 'string' ? { type, id, focus: focus === true } : undefined;
    case 'run': {
      // Verbs and nothing else: a page that is not what it should be must not run any command there is.
      const known = commandIds.find((one) => one === command && specOf(one).verb !== undefined);
      if (known === undefined || typeof phone !== 'string') return undefined;
      return { type, command: known, phone, call: typeof call === 'string' ? call : undefined };
    }
    case 'picture':
      return typeof data === 'string' ? { type, data } : undefined;
    case 'trouble':
      return typeof text === 'string' ? { type, text: text.slice(0, 1000) } : undefined;
    default:
      return undefined;
  }
}
