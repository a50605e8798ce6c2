import { type MessageRow, mapToMermaid, type NoteRow, toMermaidFile, visible } from '../ladder';
import { frameLines, writeOctets } from '../capture';
import type { TraceMessage, TraceModel, Transfer } from '../trace';
import { escapeHtml } from './escape-html';
import { htmlStyle } from './html-style';
import { maskOctets, maskSecrets } from './mask-secrets';
import { exportedLadder, exportedLints, exportedState, exportedTransfers, type ExportSource, missingPart } from './source';
import { exportedMap } from './to-mmd';
import { seconds, transferHeading } from './words';

/** From so many rows on, a browser lays out only those that it shows. */
const longLadder = 400;

/**
 * A page that tells the whole story by itself: it fetches nothing and runs nothing, opens from a mail, prints, and can be
 * read by a screen reader. Every message is in it, octet for octet but for its secrets; what cannot be seen is escaped as in
 * a trace.
 */
export function toHtml(source: ExportSource): string {
  const { model, title } = source;
  const ladder = exportedLadder(source);
  const lints = new Map<string, string[]>();
  for (const { id, text, message } of exportedLints(source)) lints.set(message.id, [...(lints.get(message.id) ?? []), `${id}: ${maskSecrets(text)}`]);
  const transfers = exportedTransfers(source);
  const missing = missingPart(source);
  const order = new Map(ladder.lanes.map(({ id }, index) => [id, index]));
  const names = new Map(ladder.lanes.map(({ id, name }) => [id, name]));
  const rows = ladder.rows.map((row) => (row.kind === 'message' ? messageRow(row, { model, order, names, lints: lints.get(row.messageId) ?? [] }) : noteRow(row, order)));
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${said(title)}</title>
<style>${htmlStyle}</style>
</head>
<body>
<h1>${said(title)}</h1>
${missing === '' ? '' : `<p>${missing}</p>\n`}${transfers.length === 0 ? '' : `<section aria-label="Transfers">\n${transfers.map((transfer) => transferPart(model, transfer)).join('\n')}\n</section>`}
<main class="ladder${rows.length > longLadder ? ' long' : ''}" style="--lanes: ${Math.max(1, ladder.lanes.length)}" aria-label="Ladder">
<div class="lanes" aria-hidden="true">${ladder.lanes.map(({ name, addresses }) => `<span title="${said(addresses.join(', '))}">${said(name)}</span>`).join('')}</div>
<ol>
${rows.join('\n')}
</ol>
</main>
${mapPart(source)}<details class="source"><summary>The ladder as Mermaid</summary><pre>${escapeHtml(toMermaidFile(ladder))}</pre></details>
</body>
</html>
`;
}

/** Any text in one line, with no secret and nothing invisible in it. */
function said(text: string): string {
  return escapeHtml(visible(maskSecrets(text)));
}

interface RowContext {
  readonly model: TraceModel;
  /** Of the lanes, left to right. */
  readonly order: ReadonlyMap<string, number>;
  readonly names: ReadonlyMap<string, string>;
  readonly lints: readonly string[];
}

function messageRow(row: MessageRow, { model, order, names, lints }: RowContext): string {
  const message = model.message(row.messageId);
  const [from, to] = [order.get(row.from) ?? 0, order.get(row.to) ?? 0];
  const again = row.folded > 0 ? ` (sent ${row.folded + 1} times)` : row.retransmissionOf === undefined ? '' : ' (again)';
  const lost = row.arrow === 'lost' ? ' (lost)' : '';
  const direction = to === from ? 'self' : to > from ? 'right' : 'left';
  const place = `--from: ${Math.min(from, to)}; --span: ${Math.abs(to - from)}`;
  const octets = message === undefined ? '' : escapeHtml(textOf(message));
  const found = lints.map((text) => `<p class="lint">${said(text)}</p>`).join('');
  return (
    `<li class="message ${row.arrow}${row.isError ? ' error' : ''}${lints.length > 0 ? ' linted' : ''}" id="${escapeHtml(row.messageId)}"><details><summary>` +
    `<span class="number">${row.number}.</span><span class="time">${seconds(row.at)}</span>` +
    `<span class="track"><span class="arrow ${direction}" style="${place}"><span class="label">${said(`${row.label}${again}${lost}`)}</span></span></span>` +
    `<span class="spoken">, ${said(names.get(row.from) ?? '')} to ${said(names.get(row.to) ?? '')}</span>` +
    `</summary>${found}<pre>${octets}</pre></details></li>`
  );
}

/** A message in the form that a trace has it in, without its secrets. */
function textOf(message: TraceMessage): string {
  const bytes = maskOctets(message);
  if (message.transport !== 'iax2') return writeOctets(bytes);
  return frameLines(bytes)
    .map(({ text }) => `${text}\n`)
    .join('');
}

function noteRow(row: NoteRow, order: ReadonlyMap<string, number>): string {
  const lanes = row.over.map((lane) => order.get(lane) ?? 0);
  const first = Math.min(...lanes);
  return `<li class="note ${row.tone}"><span class="track"><span class="words" style="--from: ${first}; --span: ${Math.max(...lanes) - first}">${said(row.text)}</span></span></li>`;
}

function transferPart(model: TraceModel, transfer: Transfer): string {
  const { steps, states } = exportedState(model, transfer);
  const names = new Map(states.map((state) => [state.id, state.title]));
  const items = steps.map(({ to, label, message, at }) => {
    const words = `${said(label)} <span class="time">${seconds(at)}</span>`;
    return `<li>${message === undefined ? words : `<a href="#${escapeHtml(message)}">${words}</a>`}: ${said(names.get(to) ?? to)}</li>`;
  });
  return `<article class="transfer ${transfer.verdict}"><h2>${said(transferHeading(transfer))}</h2>\n<p>${said(transfer.reason)}</p>\n<details><summary>${steps.length === 1 ? 'One step' : `${steps.length} steps`}</summary><ol>${items.join('\n')}</ol></details></article>`;
}

function mapPart(source: ExportSource): string {
  const { nodes, links } = exportedMap(source);
  const names = new Map(nodes.map(({ id, name }) => [id, name]));
  const live = links.filter(({ state }) => state !== 'past');
  if (source.scope.kind !== 'all' || live.length === 0) return '';
  const items = live.map(({ from, to, label }) => `<li>${said(names.get(from) ?? '')} and ${said(names.get(to) ?? '')}: ${said(label)}</li>`);
  return `<section class="map"><h2>Who is connected at the end</h2><ul>${items.join('')}</ul>\n<details><summary>The map as Mermaid</summary><pre>${escapeHtml(mapToMermaid({ nodes, links, hidden: 0 }))}</pre></details></section>\n`;
}

