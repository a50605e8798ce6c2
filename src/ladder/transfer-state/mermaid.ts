import { escapeLabel } from '../escape-label';
import type { StateOfTransfer, TransferState, TransitionOfTransfer } from './follow';

/**
 * The state machine as a Mermaid state diagram: the path taken is drawn thick, the present state thickest, what was not
 * reached with a broken line. The colours are the viewer's. Its lines stand in the order of `transitions`, behind the one
 * from the start.
 */
export function transferToMermaid({ states, transitions }: TransferState): string {
  const [start] = states;
  const ends = states.filter(({ id }) => id === 'success' || id === 'failed');
  return `${[
    'stateDiagram-v2',
    '  direction TB',
    ...states.map(stateLine),
    ...(start === undefined ? [] : [`  [*] --> ${start.id}`]),
    ...transitions.map(transitionLine),
    ...ends.filter(({ reached }) => reached !== 'ahead').map(({ id }) => `  ${id} --> [*]`),
    ...classes(states),
  ].join('\n')}\n`;
}

function stateLine({ id, title }: StateOfTransfer): string {
  return `  state "${escapeLabel(title) || id}" as ${id}`;
}

function transitionLine({ from, to, label }: TransitionOfTransfer): string {
  const escaped = escapeLabel(label);
  return `  ${from} --> ${to}${escaped === '' ? '' : ` : ${escaped}`}`;
}

const styles = { taken: 'stroke-width:2.5px', now: 'stroke-width:4px', ahead: 'stroke-dasharray:4 3' } as const;

function classes(states: readonly StateOfTransfer[]): readonly string[] {
  return (['taken', 'now', 'ahead'] as const).flatMap((name) => {
    const ids = states.filter(({ reached }) => reached === name).map(({ id }) => id);
    return ids.length === 0 ? [] : [`  classDef ${name} ${styles[name]}`, `  class ${ids.join(',')} ${name}`];
  });
}
