import { element, icon } from './element';
import { say } from './texts';

/** What a banner says of a transfer. */
export interface VerdictText {
  readonly verdict: 'pending' | 'success' | 'failed';
  readonly title: string;
  readonly reason: string;
}

const signs: Readonly<Record<VerdictText['verdict'], { readonly icon: string; readonly word: string }>> = {
  pending: { icon: 'sync', word: say('Under way') },
  success: { icon: 'pass-filled', word: say('Success') },
  failed: { icon: 'error', word: say('Failed') },
};

/** Makes `banner` show the verdict of a transfer, and nothing else. */
export function showVerdict(banner: HTMLElement, { verdict, title, reason }: VerdictText): void {
  const sign = signs[verdict];
  const words = element('div', 'words');
  words.append(element('span', 'title', title), element('span', 'reason', reason));
  banner.className = `transfer ${verdict}`;
  banner.replaceChildren(icon(sign.icon), words, element('span', 'verdict', sign.word));
}
