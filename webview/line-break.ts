/** How wide a text is, in CSS pixels. */
export type Measure = (text: string) => number;

const separators = '@;?&=,/:%-._';

/**
 * Cuts a text into lines of at most `width`, at blanks where it has some, else behind a separator, else anywhere. Every
 * line has at least one character, so a line may be wider only when one character is.
 */
export function breakLines(text: string, width: number, measure: Measure): readonly string[] {
  if (measure(text) <= width) return [text];
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (measure(longer) <= width) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(line);
    const parts = breakWord(word, width, measure);
    lines.push(...parts.slice(0, -1));
    line = parts.at(-1) ?? '';
  }
  if (line !== '') lines.push(line);
  return lines;
}

function breakWord(word: string, width: number, measure: Measure): readonly string[] {
  const parts: string[] = [];
  let rest = Array.from(word);
  while (rest.length > 1 && measure(rest.join('')) > width) {
    const fitting = Math.max(1, longestStart(rest, width, measure));
    const separator = rest.slice(0, fitting).findLastIndex((character) => separators.includes(character));
    const length = separator >= fitting / 2 ? separator + 1 : fitting;
    parts.push(rest.slice(0, length).join(''));
    rest = rest.slice(length);
  }
  return [...parts, rest.join('')];
}

/** How many characters from the start fit, found by halving. */
function longestStart(characters: readonly string[], width: number, measure: Measure): number {
  let fits = 0;
  let tooLong = characters.length;
  while (tooLong - fits > 1) {
    const middle = (fits + tooLong) >> 1;
    if (measure(characters.slice(0, middle).join('')) <= width) fits = middle;
    else tooLong = middle;
  }
  return fits;
}
