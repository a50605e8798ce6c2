import { nearest } from './nearest';
import { suggestion } from './yaml-value';

/** What is wrong with a word that should name somebody. */
export interface NameFault {
  readonly message: string;
  readonly remedy: string;
}

const isUri = (word: string): boolean => /^(?:sips?|iax2?):/iu.test(word);

/** Who may be named in a scenario: its phones, and strangers that its URIs speak of. */
export class Names {
  readonly phones: readonly string[];
  readonly #isNumber: (word: string) => boolean;

  /** `isNumber` says what can be dialled at a server although it is no phone's name. */
  constructor(phones: readonly string[], isNumber: (word: string) => boolean = () => false) {
    this.phones = phones;
    this.#isNumber = isNumber;
  }

  /** A phone of the file. */
  checkPhone(word: string): NameFault | undefined {
    if (this.phones.includes(word)) return undefined;
    return { message: `There is no phone "${word}".`, remedy: suggestion(word, this.phones) };
  }

  /** Somebody to call. */
  checkTarget(word: string): NameFault | undefined {
    if (isUri(word) || this.phones.includes(word) || this.#isNumber(word)) return undefined;
    return { message: `"${word}" is neither a phone of this file nor a URI.`, remedy: suggestion(word, this.phones) };
  }

  /** The other party of a call, or a call id: it may be a stranger, so only what looks like a misspelt phone is wrong. */
  checkParty(word: string): NameFault | undefined {
    const [phone = '', ...number] = word.split('/');
    if (number.length > 0) return this.checkPhone(phone);
    if (this.phones.includes(word) || isUri(word) || this.#isNumber(word)) return undefined;
    const near = nearest(word, this.phones);
    return near === undefined ? undefined : { message: `There is no phone "${word}".`, remedy: `Did you mean "${near}"?` };
  }
}
