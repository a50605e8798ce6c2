/** How long a part takes to its new place, in milliseconds. */
const duration = 180;

/** Where parts of a diagram stand on the screen. */
export type Places = ReadonlyMap<string, { readonly x: number; readonly y: number }>;

export function placesOf(parts: ReadonlyMap<string, Element>): Places {
  return new Map(
    [...parts].map(([id, part]) => {
      const { left, top, width, height } = part.getBoundingClientRect();
      return [id, { x: left + width / 2, y: top + height / 2 }] as const;
    }),
  );
}

/**
 * Lets the parts of a diagram that was drawn anew move to their places from where they stood, and new ones appear. Where
 * people want no motion, all stand where they are at once.
 */
export function glide(parts: ReadonlyMap<string, Element>, before: Places): void {
  if (before.size === 0 || wantsNoMotion()) return;
  for (const [id, { x, y }] of placesOf(parts)) {
    const part = parts.get(id);
    const from = before.get(id);
    if (from === undefined) {part?.animate([{ opacity: 0 }, { opacity: 1 }], { duration });}
    else if (Math.abs(from.x - x) >= 1 || Math.abs(from.y - y) >= 1) {
      part?.animate([{ translate: `${from.x - x}px ${from.y - y}px` }, { translate: '0px 0px' }], { duration, easing: 'ease-out' });
    }
  }
}

/** Said to the system, or to the editor, which puts a class on the page. */
function wantsNoMotion(): boolean {
  return document.body.classList.contains('vscode-reduce-motion') || matchMedia('(prefers-reduced-motion: reduce)').matches;
}
