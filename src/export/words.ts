import { nameIn, type Transfer, transferTitle } from '../trace';

const verdicts = { success: 'success', failed: 'failed', pending: 'under way' } as const;

/** `Blind transfer, Bob gives Alice to Charlie: success` */
export function transferHeading({ kind, transferor, transferee, target, verdict }: Transfer): string {
  return `${transferTitle(kind)}, ${nameIn(transferor)} gives ${nameIn(transferee)} to ${nameIn(target)}: ${verdicts[verdict]}`;
}

/** `1.234 s` */
export function seconds(at: number): string {
  return `${(at / 1000).toFixed(3)} s`;
}
