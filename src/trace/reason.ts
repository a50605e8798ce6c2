import type { TransferRecord } from './transfer-record';
import { nameIn, sentence } from './words';

/** The one sentence about a transfer, at this moment. */
export function describeTransfer(transfer: TransferRecord): string {
  const { rule } = transfer;
  if (rule === undefined) return sentence(`${nameIn(transfer.transferor)} begins a transfer`);
  if (transfer.verdict === 'success') {
    const addition = transfer.addition === '' ? '' : `, and ${transfer.addition}`;
    const caveat = transfer.caveat === '' ? '' : ` (${transfer.caveat})`;
    return sentence(`${rule.success(transfer.replacedCalls.find((call) => !call.isOver))}${addition}${caveat}`);
  }
  if (transfer.verdict === 'failed') {
    return sentence(describeFailure(transfer, rule.recovery()));
  }
  const signalling = rule.signalling();
  if (signalling.state === 'open') return signalling.news;
  return sentence(
    `${nameIn(transfer.transferee)} and ${nameIn(transfer.target)} are connected; who hears whom is being measured`,
  );
}

/** What happened, what became of the people, and why, if a lint knows. */
function describeFailure({ cause, explanation }: TransferRecord, recovery: string): string {
  const rest = recovery === '' ? '' : `, and ${recovery}`;
  switch (explanation?.says) {
    case 'all':
      return explanation.clause;
    case 'better':
      return `${explanation.clause}${rest}`;
    case 'more':
      return `${cause}${rest}: ${explanation.clause}`;
    default:
      return `${cause}${rest}`;
  }
}
