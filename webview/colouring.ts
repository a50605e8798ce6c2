import type { LadderLook, PanelRow } from './protocol';

/** How many colours a dialog or a transfer may have; the style sheet has as many. */
export const hues = 8;

/** What gives a row its colour: the id of its dialog or its transfer. */
export function colourKey(row: PanelRow, colour: LadderLook['colour']): string | undefined {
  if (row.kind !== 'message' || colour === 'kind') return undefined;
  return colour === 'dialog' ? row.dialog : row.transfer;
}

/** The colour of a dialog or a transfer: ids are numbered, so neighbours differ, and the same id is always the same. */
export function hueOf(id: string): number {
  const number = /\d+$/.exec(id)?.[0];
  return number === undefined ? 0 : Number(number) % hues;
}

/** Gives the group of a row its colour, or takes it away. */
export function colourGroup(group: Element, row: PanelRow, colour: LadderLook['colour']): void {
  const key = colourKey(row, colour);
  const hue = key === undefined ? '' : `hue-${hueOf(key)}`;
  for (const name of [...group.classList]) if (name.startsWith('hue-') && name !== hue) group.classList.remove(name);
  if (hue !== '') group.classList.add(hue);
}
