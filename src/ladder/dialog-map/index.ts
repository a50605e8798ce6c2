export { buildDialogMap, type DialogMapOptions, type MapPhone } from './build';
export type { DialogMap, LinkState, MapActivity, MapLink, MapNode } from './map';
export { mapToMermaid } from './mermaid';
