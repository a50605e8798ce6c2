import { element, icon } from './element';
import type { PanelTransfer, PanelView } from './protocol';
import { say } from './texts';
import { showVerdict } from './verdict-banner';

/** Over the ladder: the verdict of each transfer, who hears whom, and what was amiss in a file. */
export class Summary {
  readonly element = element('section', 'summary');
  readonly #onOpen: (id: string, focus: boolean) => void;
  readonly #transfers = element('ul', 'transfers');
  readonly #hearing = element('p', 'hearing');
  readonly #remark = element('p', 'remark');
  #shown = '';

  constructor(onOpen: (id: string, focus: boolean) => void) {
    this.#onOpen = onOpen;
    this.element.setAttribute('aria-label', say('Verdicts'));
    this.element.setAttribute('aria-live', 'polite');
    this.element.append(this.#remark, this.#transfers, this.#hearing);
  }

  show({ transfers, olderTransfers, hearing, file }: Pick<PanelView, 'transfers' | 'olderTransfers' | 'hearing' | 'file'>): void {
    // Said again, a live region would be read out again.
    const next = JSON.stringify([transfers, olderTransfers, hearing, file?.remark]);
    if (next === this.#shown) return;
    this.#shown = next;
    const items = transfers.map((transfer) => this.#banner(transfer));
    if (olderTransfers > 0) {
      const words =
        olderTransfers === 1 ? say('and one earlier transfer, in the view of transfers') : say('and {0} earlier transfers, in the view of transfers', olderTransfers);
      items.push(element('li', 'more', words));
    }
    this.#transfers.replaceChildren(...items);
    this.#remark.replaceChildren();
    if (file !== undefined && file.remark !== '') this.#remark.append(icon('warning'), ` ${file.remark}`);
    this.#hearing.replaceChildren();
    if (hearing.length > 0) this.#hearing.append(icon('unmute'), ` ${hearing.join(' ')}`);
  }

  #banner(transfer: PanelTransfer): HTMLLIElement {
    const banner = element('li', '');
    showVerdict(banner, transfer);
    const { message } = transfer;
    if (message !== undefined) {
      const open = element('button', 'open', say('Show message'));
      open.type = 'button';
      open.title =
        transfer.verdict === 'pending'
          ? say('Opens the first message of this transfer in the trace')
          : say('Opens the message that decided it in the trace');
      open.addEventListener('click', () => this.#onOpen(message, true));
      banner.append(open);
    }
    return banner;
  }
}
