import { buildDialogMap, type DialogMap, mapToMermaid, toMermaidFile, transferToMermaid } from '../ladder';
import { maskSecrets } from './mask-secrets';
import { NoSuchPart } from './scope';
import { exportedLadder, exportedState, exportedTransfers, type ExportSource, missingPart } from './source';

/** Which picture of a trace. */
export type DiagramKind = 'ladder' | 'map' | 'transfer';

/**
 * A picture as a Mermaid file: one whole diagram, whatever it shows. Throws a {@link NoSuchPart} when there is no transfer
 * to show; of several it is the newest.
 */
export function toMmd(source: ExportSource, kind: DiagramKind): string {
  const missing = missingPart(source);
  switch (kind) {
    case 'ladder':
      return `${missing === '' ? '' : `%% ${missing}\n`}${toMermaidFile(exportedLadder(source))}`;
    case 'map':
      return mapToMermaid(exportedMap(source));
    case 'transfer': {
      const transfer = exportedTransfers(source).at(-1);
      if (transfer === undefined) throw new NoSuchPart('There is no transfer in it.');
      return transferToMermaid(exportedState(source.model, transfer));
    }
  }
}

/** Who is connected to whom at the end, with no secret in the names. */
export function exportedMap({ model }: Pick<ExportSource, 'model'>): DialogMap {
  const map = buildDialogMap(model);
  return {
    ...map,
    nodes: map.nodes.map((node) => ({ ...node, name: maskSecrets(node.name) })),
    links: map.links.map((link) => ({ ...link, label: maskSecrets(link.label) })),
  };
}
