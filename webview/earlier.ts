import { element, icon } from './element';
import type { PanelEarlier } from './protocol';
import { say } from './texts';

/** Says over the ladder what the trace has let go of, and opens the files that it is in. */
export class EarlierBanner {
  readonly element = element('div', 'earlier');
  readonly #words = element('span', 'words');
  readonly #open = element('button', 'open', say('Open'));
  #shown = '';

  constructor(onOpen: () => void) {
    this.element.setAttribute('role', 'status');
    this.element.hidden = true;
    this.#open.type = 'button';
    this.#open.title = say('Opens the file with the messages before these, or lets you choose one');
    this.#open.addEventListener('click', onOpen);
    this.element.append(icon('history'), this.#words, this.#open);
  }

  /** `isReading`: the reader was reading what has left just now. */
  show(earlier: PanelEarlier, isReading: boolean): void {
    const { messages, files } = earlier;
    const words = [describe(earlier), isReading ? say('What you were reading is among them.') : ''].join(' ').trim();
    if (words === this.#shown) return;
    this.#shown = words;
    this.element.hidden = messages === 0;
    this.#words.textContent = words;
    this.#open.hidden = files === 0;
  }
}

function describe({ messages, inFiles, files }: PanelEarlier): string {
  const count = messages.toLocaleString();
  if (files === 0) return say('{0} earlier messages are kept no longer.', count);
  if (inFiles < messages) return say('{0} earlier messages; {1} of them are in files.', count, inFiles.toLocaleString());
  return files === 1 ? say('{0} earlier messages are in a file.', count) : say('{0} earlier messages are in {1} files.', count, files);
}
