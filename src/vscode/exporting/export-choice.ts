import { type DiagramKind, type ExportScope, type ExportSource, toHtml, toMarkdown, toMmd } from '../../export';
import type { TraceModel } from '../../trace';
import { say } from '../say';
import { transferTitle } from '../trees/words';

/** What is to leave: of what part of the trace which picture. */
export interface ExportChoice {
  readonly label: string;
  readonly description: string;
  readonly scope: ExportScope;
  readonly diagram: DiagramKind;
}

export type ExportFormat = 'mmd' | 'md' | 'html' | 'svg' | 'png';

/** In which form, and whither. */
export interface FormatChoice {
  readonly label: string;
  readonly format: ExportFormat;
  readonly to: 'file' | 'clipboard';
}

/** Calls beyond these are found through a search in the ladder: a list of a thousand is no choice. */
const listedCalls = 50;

/** What there is to export; `selected` are the messages that are marked in the trace. */
export function exportChoices(model: Pick<TraceModel, 'calls' | 'transfers'>, selected: readonly string[]): readonly ExportChoice[] {
  const all = { kind: 'all' } as const;
  const transfers = [...model.transfers].reverse();
  return [
    { label: say('Whole ladder'), description: '', scope: all, diagram: 'ladder' },
    ...(selected.length === 0 ? [] : [{ label: say('Messages selected in the trace'), description: String(selected.length), scope: { kind: 'messages', ids: new Set(selected) }, diagram: 'ladder' } as const]),
    { label: say('Dialog map'), description: say('who is connected to whom now'), scope: all, diagram: 'map' },
    ...transfers.map((transfer) => ({ label: say('Ladder of transfer {0}', transfer.id), description: transferTitle(transfer), scope: { kind: 'transfer', id: transfer.id }, diagram: 'ladder' }) as const),
    ...transfers.map((transfer) => ({ label: say('State of transfer {0}', transfer.id), description: transferTitle(transfer), scope: { kind: 'transfer', id: transfer.id }, diagram: 'transfer' }) as const),
    ...[...model.calls]
      .slice(-listedCalls)
      .reverse()
      .map(({ id, caller, callee }) => ({ label: say('Ladder of call {0}', id), description: say('{0} to {1}', caller.name, callee.name), scope: { kind: 'call', id }, diagram: 'ladder' }) as const),
  ];
}

/** Markdown and pages tell of a part of the trace with all of its pictures: they are offered for ladders. */
export function formatChoices(diagram: DiagramKind): readonly FormatChoice[] {
  const tells = diagram === 'ladder';
  return [
    { label: say('Copy as Mermaid'), format: 'mmd', to: 'clipboard' },
    ...(tells ? [{ label: say('Copy as Markdown'), format: 'md', to: 'clipboard' } as const] : []),
    { label: say('Copy as SVG'), format: 'svg', to: 'clipboard' },
    { label: say('Save as Mermaid (.mmd)'), format: 'mmd', to: 'file' },
    ...(tells ? ([{ label: say('Save as Markdown (.md)'), format: 'md', to: 'file' }, { label: say('Save as Page (.html)'), format: 'html', to: 'file' }] as const) : []),
    { label: say('Save as SVG'), format: 'svg', to: 'file' },
    { label: say('Save as PNG'), format: 'png', to: 'file' },
  ];
}

/** The text of an export; of a picture, the Mermaid text that it is drawn from. */
export function exportText(source: ExportSource, diagram: DiagramKind, format: ExportFormat): string {
  if (format === 'md') return toMarkdown(source);
  return format === 'html' ? toHtml(source) : toMmd(source, diagram);
}
