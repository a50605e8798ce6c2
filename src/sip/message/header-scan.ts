import { TOKEN } from './fields';
import { headerName, names, usualHeaderName } from './header-name';
import type { MessageNote, NoteCode } from './note';
import { RawHeader } from './raw-header';
import { isLws, skipLws, trimLwsEnd } from './text';

const noNotes: MessageNote[] = [];

/** One pass over the header part of a message: finds where every header lies and decodes none. */
export class HeaderScan {
  readonly headers: RawHeader[] = [];
  /** The Content-Length fields among them. */
  readonly contentLengths: RawHeader[] = [];
  notes: MessageNote[] = noNotes;
  readonly #text: string;
  readonly #ascii: boolean;
  #at: number;

  /** `text` is latin1, and `ascii` when that is known; `from` is where the first header line begins. */
  constructor(text: string, from: number, ascii: boolean) {
    this.#text = text;
    this.#ascii = ascii;
    this.#at = from;
  }

  note(code: NoteCode, start: number, end: number, text: string): void {
    if (this.notes === noNotes) this.notes = [];
    this.notes.push({ code, range: { start, end }, text });
  }

  /** Reads up to the blank line and returns the position behind it, or the end of the text when there is none. */
  run(): number {
    const text = this.#text;
    let bareLineFeed = this.notes.some((note) => note.code === 'bare-line-feed');
    let colon = -1;
    while (this.#at < text.length) {
      const start = this.#at;
      let lineFeed = text.indexOf('\n', start);
      if (lineFeed === start || (lineFeed === start + 1 && text.charCodeAt(start) === 0x0d)) return lineFeed + 1;
      let next = lineFeed + 1;
      let code = text.charCodeAt(next);
      const folded = lineFeed >= 0 && (code === 0x20 || code === 0x09);
      while (lineFeed >= 0 && (code === 0x20 || code === 0x09)) {
        lineFeed = text.indexOf('\n', next);
        next = lineFeed + 1;
        code = text.charCodeAt(next);
      }
      if (lineFeed < 0) {
        lineFeed = next = text.length;
      } else if (!bareLineFeed && text.charCodeAt(lineFeed - 1) !== 0x0d) {
        bareLineFeed = true;
        this.note('bare-line-feed', lineFeed, next, 'a line ends in LF without CR');
      }
      // Looked for once and kept, so that many lines without a colon do not cost a search to the end each.
      if (colon < start) colon = text.indexOf(':', start);
      if (colon < 0) colon = text.length;
      this.#add(start, Math.min(colon, lineFeed), lineFeed, folded);
      this.#at = next;
    }
    this.note('no-blank-line', text.length, text.length, 'the blank line behind the headers is missing');
    return text.length;
  }

  /** Adds the header whose line is [start, end) with its colon at `colon`, or with none when that is the end. */
  #add(start: number, colon: number, end: number, folded: boolean): void {
    const text = this.#text;
    const nameEnd = isLws(text.charCodeAt(colon - 1)) ? trimLwsEnd(text, start, colon) : colon;
    const afterColon = colon < end ? colon + 1 : nameEnd;
    const valueEnd = trimLwsEnd(text, afterColon, end);
    const valueStart = skipLws(text, afterColon, valueEnd);
    const spelling = text.slice(start, nameEnd);
    let name = usualHeaderName(spelling);
    if (name === undefined) {
      name = headerName(spelling);
      if (colon === end) this.note('no-colon', start, nameEnd, 'a header line without a colon');
      else if (!TOKEN.test(spelling)) this.note('header-name', start, colon, 'the name of this header is no token');
    }
    if (folded) this.note('folded-header', start, valueEnd, 'a header continued on the next line');
    const header = new RawHeader(name, text, { start, nameEnd, valueStart, valueEnd, plain: this.#ascii && !folded });
    this.headers.push(header);
    if (name === names.contentLength) this.contentLengths.push(header);
  }
}
