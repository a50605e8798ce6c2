import { visible } from './escape';

/** Longer labels are cut: a box that fills the screen says nothing. */
const longestLabel = 120;

/** What is more than itself in Mermaid's grammar, its own escapes, its Markdown, its icons (`fa:`) or in HTML. */
const special = /[#;:&<>"'`*_~\\|[\]{}()$%@^=ﬂ¶]/g;

/**
 * Makes any text safe as a label of a flowchart or a state diagram, in one line: the only way for a stranger's text into
 * one. Control and invisible characters become visible ones. Put it between quotes where the grammar has them.
 */
export function escapeLabel(text: string): string {
  // Mermaid's placeholders for `&#` and `;`: in a text they would come out as those, whatever is written for them.
  const shownPlainly = visible(text).replace(/ﬂ(?=°)/g, 'U+FB02').replace(/¶(?=ß)/g, 'U+00B6');
  const characters = Array.from(shownPlainly.trim());
  const shown = characters.length <= longestLabel ? characters.join('') : `${characters.slice(0, longestLabel - 1).join('')}…`;
  return (
    shown
      .replace(special, (character) => `#${character.charCodeAt(0)};`)
      // Markdown would make a list, a heading or a rule of these.
      .replace(/^[-+.]/, (character) => `#${character.charCodeAt(0)};`)
      .replace(/^(\d+)\./, '$1#46;')
      .replace(/-(?=-)|(?<=-)-/g, '#45;')
      // `end` closes a block, `www.` becomes a link.
      .replace(/\bend\b/gi, (word) => `#${word.charCodeAt(0)};${word.slice(1)}`)
      .replace(/\bwww\./gi, (word) => `${word.slice(0, 3)}#46;`)
  );
}
