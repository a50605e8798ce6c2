import { escapeMermaidLines } from '../src/ladder/escape';
import type { Metrics } from './layout';
import type { Theme } from './theme';

/** Measures texts as Mermaid does while it lays out: with what it puts in the place of characters that it escapes. */
export function metricsOf(theme: Theme, distance: number): Metrics {
  const context = document.createElement('canvas').getContext('2d');
  const font = `${theme.fontSize}px ${theme.fontFamily}`;
  if (context !== null) context.font = font;
  const width = (text: string): number => context?.measureText(text).width ?? text.length * theme.fontSize;
  const known = new Map<string, number>();
  return {
    distance,
    lineHeight: lineHeightOf(theme),
    widestCharacter: Math.max(width('W'), width('M'), width('@')),
    measure: (text) => {
      let found = known.get(text);
      if (found === undefined) {
        if (known.size > rememberedWidths) known.clear();
        known.set(text, (found = Math.max(width(text), width(asMermaidHasIt(text)))));
      }
      return found;
    },
  };
}

const rememberedWidths = 20_000;

function asMermaidHasIt(text: string): string {
  return escapeMermaidLines([text])
    .replace(/#(\d+);/g, 'ﬂ°°$1¶ß')
    .replace(/#(\w+);/g, 'ﬂ°$1¶ß');
}

/** Of a text in a drawing, rounded as Mermaid rounds it. */
function lineHeightOf({ fontFamily, fontSize }: Theme): number {
  const namespace = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(namespace, 'svg');
  const text = document.createElementNS(namespace, 'text');
  text.style.fontFamily = fontFamily;
  text.style.fontSize = `${fontSize}px`;
  text.textContent = 'Xg';
  svg.append(text);
  document.body.append(svg);
  const height = Math.round(text.getBBox().height);
  svg.remove();
  return height > 0 ? height : Math.round(fontSize * 1.2);
}
