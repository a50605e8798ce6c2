import { mapToMermaid, toMermaidFile, transferToMermaid, visible } from '../ladder';
import { maskSecrets } from './mask-secrets';
import { exportedLadder, exportedLints, exportedState, exportedTransfers, type ExportSource, missingPart } from './source';
import { exportedMap } from './to-mmd';
import { transferHeading } from './words';

/** Makes any text safe in Markdown, in one line: the only way for a stranger's text outside of a code block. */
export function escapeMarkdown(text: string): string {
  return visible(text).replace(/[!-/:-@[-`{-~]/g, (character) => `\\${character}`);
}

/**
 * Markdown to paste into an issue or a mail: what was found, then the pictures, in blocks that GitHub, GitLab and others draw
 * by themselves.
 */
export function toMarkdown(source: ExportSource): string {
  const { model, title, scope } = source;
  const said = (text: string): string => escapeMarkdown(maskSecrets(text));
  const transfers = exportedTransfers(source);
  const lints = exportedLints(source);
  const missing = missingPart(source);
  return `${[
    `## ${said(title)}`,
    '',
    ...(missing === '' ? [] : [missing, '']),
    ...transfers.map((transfer) => `- **${said(transferHeading(transfer))}**: ${said(transfer.reason)}`),
    ...lints.map(({ id, text, message }) => `- ${id} in ${message.id}: ${said(text)}`),
    '',
    block(toMermaidFile(exportedLadder(source))),
    ...transfers.flatMap((transfer) => {
      const state = exportedState(model, transfer);
      return ['', `### ${said(state.title)}`, '', block(transferToMermaid(state))];
    }),
    ...(scope.kind === 'all' && model.calls.length > 0 ? ['', '### Who is connected at the end', '', block(mapToMermaid(exportedMap(source)))] : []),
  ].join('\n')}\n`;
}

/** No backtick is left in a diagram: the escapes see to it, so nothing ends the block before its end. */
function block(diagram: string): string {
  return `\`\`\`mermaid\n${diagram}\`\`\``;
}
