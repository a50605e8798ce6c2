import { closingQuote, skipLws, trimLwsEnd } from './text';

/**
 * The positions of the commas that separate list elements: not those in quoted strings or angle brackets
 * (RFC 3261 section 7.3.1). A string or bracket that does not end takes the rest with it.
 */
export function separatingCommas(text: string): number[] {
  const commas: number[] = [];
  let comma = text.indexOf(',');
  let quote = text.indexOf('"');
  let bracket = text.indexOf('<');
  while (comma >= 0) {
    const quoteFirst = quote >= 0 && quote < comma && (bracket < 0 || quote < bracket);
    if (!quoteFirst && (bracket < 0 || bracket > comma)) {
      commas.push(comma);
      comma = text.indexOf(',', comma + 1);
      continue;
    }
    const close = quoteFirst ? closingQuote(text, quote, text.length) : text.indexOf('>', bracket);
    if (close < 0) break;
    if (comma < close) comma = text.indexOf(',', close);
    if (quote >= 0 && quote <= close) quote = text.indexOf('"', close + 1);
    if (bracket >= 0 && bracket < close) bracket = text.indexOf('<', close);
  }
  return commas;
}

/** Calls `take` with each trimmed element of a comma list and its position in the message. */
export function eachElement(text: string, offset: number, take: (element: string, offset: number) => void): void {
  if (!text.includes(',')) {
    take(text, offset);
    return;
  }
  const commas = separatingCommas(text);
  commas.push(text.length);
  let from = 0;
  for (const comma of commas) {
    const start = skipLws(text, from, comma);
    take(text.slice(start, trimLwsEnd(text, start, comma)), offset + start);
    from = comma + 1;
  }
}
