import { escapeLabel } from '../escape-label';
import type { DialogMap, MapLink, MapNode } from './map';

/** How a call is drawn: thick while people talk, broken while it rings or is on hold. */
const strokes = { calling: '-.-', ringing: '-.-', up: '===', held: '-.-' } as const;

/**
 * The map as a Mermaid flowchart. Two maps of one trace name their parties and calls alike and in the same order, and
 * whoever was connected once keeps an invisible link: so what is drawn moves little when calls come and go.
 */
export function mapToMermaid({ nodes, links }: DialogMap): string {
  const order = new Map(nodes.map(({ id }, index) => [id, index]));
  return `${['flowchart LR', ...nodes.map(node), ...links.map((one) => link(one, order)), ...classes(nodes)].join('\n')}\n`;
}

function node({ id, name, phone, isServer }: MapNode): string {
  const label = `"${escapeLabel(name) || id}"`;
  if (isServer) return `  ${id}{{${label}}}`;
  return phone === '' ? `  ${id}[${label}]` : `  ${id}([${label}])`;
}

/** From the party of the earlier place to that of the later one, whoever calls: a link must not turn the map around. */
function link({ id, from, to, state, holds, label }: MapLink, order: ReadonlyMap<string, number>): string {
  const [left, right] = (order.get(from) ?? 0) <= (order.get(to) ?? 0) ? [from, to] : [to, from];
  if (state === 'past') return `  ${left} ~~~ ${right}`;
  const stroke = strokes[state === 'up' && holds.length > 0 ? 'held' : state];
  return `  ${left} ${id}@${stroke}|"${escapeLabel(label)}"| ${right}`;
}

/** A width only: the colours are the viewer's. */
function classes(nodes: readonly MapNode[]): readonly string[] {
  const busy = nodes.filter(({ activity }) => activity === 'talking').map(({ id }) => id);
  return busy.length === 0 ? [] : ['  classDef talking stroke-width:3px', `  class ${busy.join(',')} talking`];
}
