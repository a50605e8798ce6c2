export { escapeHtml } from './escape-html';
export { maskOctets, maskSecrets } from './mask-secrets';
export { type ExportScope, NoSuchPart, scopeFilter } from './scope';
export type { ExportSource } from './source';
export { toHtml } from './to-html';
export { escapeMarkdown, toMarkdown } from './to-markdown';
export { type DiagramKind, toMmd } from './to-mmd';
