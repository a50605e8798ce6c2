/** Longer labels are cut: a ladder is for seeing, the trace for reading. */
const longestLabel = 200;
/** No word may be wider than the space between two lanes, or the columns of two chunks would not line up. */
const longestWord = 26;

/** Characters of Mermaid's grammar or of its own escapes, as the entities that it decodes itself. */
const entities: Readonly<Record<string, string>> = {
  // Begins an entity, and swallows the rest of the text when it is none.
  '#': '#35;',
  // Ends a statement, even within a message text.
  ';': '#59;',
  // The text becomes HTML.
  '&': '#amp;',
  '<': '#lt;',
  '>': '#gt;',
  '"': '#quot;',
  '`': '#96;',
  // What Mermaid puts in the place of `#` and `;` while it parses: a stranger's would come out as an entity.
  ﬂ: '#64258;',
  '¶': '#182;',
};

/**
 * Makes any text safe as a message, a note or a participant's name in a Mermaid sequence diagram, in one line. The only
 * way for a stranger's text into a diagram. Control and invisible characters become visible ones.
 */
export function escapeMermaid(text: string): string {
  return escapeShown(breakWords(visibleLabel(text)).trim());
}

/**
 * The same for a text that has been made visible and cut into lines already; Mermaid breaks it there and nowhere else.
 */
export function escapeMermaidLines(lines: readonly string[]): string {
  const escaped = lines.map((line) => escapeShown(line));
  // What the whole text must not have, no line may have either; but one line's colon is dangerous to the next.
  return escaped.some(isStyling) ? escaped.map(withoutColons).join('<br/>') : escaped.join('<br/>');
}

/** A label as it is shown: control characters visible, in one line, and not too long. */
export function visibleLabel(text: string): string {
  return cut(visible(text)).trim();
}

function escapeShown(shown: string): string {
  const escaped = shown
    .replace(/[#;&<>"`ﬂ¶]/g, (character) => entities[character] ?? '')
    // `$$` begins a formula, `%%` a comment or, with a brace, a directive.
    .replace(/\$(?=\$)|(?<=\$)\$/g, '#36;')
    .replace(/%(?=%)|(?<=%)%/g, '#37;')
    // `end` closes a block; older versions take it for that even within a text.
    .replace(/\bend\b/gi, (word) => `#${word.charCodeAt(0)};${word.slice(1)}`)
    // `wrap:` and `nowrap:` in front are an option, not text.
    .replace(/^(:?\s*(?:no)?wrap)\s*:/i, '$1#58;');
  return isStyling(escaped) ? withoutColons(escaped) : escaped;
}

/** In a text with `style` or `classDef` and a colon, Mermaid drops the semicolon of the last entity. */
function isStyling(escaped: string): boolean {
  return /style|classDef/.test(escaped);
}

function withoutColons(escaped: string): string {
  return escaped.replaceAll(':', '#58;');
}

/** Control characters as their pictures, other invisible ones and lone surrogates as their code points; in one line. */
export function visible(text: string): string {
  return text
    .replace(/[\0-\x1f]/g, (character) => String.fromCharCode(0x2400 + character.charCodeAt(0)))
    .replace(/\x7f/g, '\u2421')
    .replace(/[^\P{C}]|[\u2028\u2029\u200b-\u200f]/gu, (character) => `U+${codeOf(character)}`)
    .replace(/\s+/gu, ' ');
}

function codeOf(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
}

function cut(text: string): string {
  const characters = Array.from(text);
  return characters.length <= longestLabel ? text : `${characters.slice(0, longestLabel - 1).join('')}…`;
}

/**
 * Blanks are the only places where Mermaid breaks a line, so a long word gets some, behind a separator where it has
 * one.
 */
function breakWords(text: string): string {
  return text
    .split(' ')
    .map((word) => (word.length <= longestWord ? word : breakWord(word)))
    .join(' ');
}

function breakWord(word: string): string {
  const parts: string[] = [];
  let rest = Array.from(word);
  while (rest.length > longestWord) {
    const separator = rest.slice(0, longestWord).findLastIndex((character) => '@;?&=,/:%-._'.includes(character));
    const length = separator >= longestWord / 2 ? separator + 1 : longestWord;
    parts.push(rest.slice(0, length).join(''));
    rest = rest.slice(length);
  }
  return [...parts, rest.join('')].join(' ');
}
