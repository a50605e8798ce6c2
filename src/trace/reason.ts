import type { TransferRecord } from './transfer-record';
import { nameIn, sentence } from './words';

/** The one sentence about a transfer, at this moment. */
export function describeTransfer(transfer: TransferRecord): string {
  const { rule } = transfer;
  if (rule === undefined) return sentence(`${nameIn(transfer.transferor)} begins a transfer`);
  if (transfer.verdict === 'success') {
    const caveat = transfer.caveat === '' ? '' : ` (${transfer.caveat})`;
    return sentence(`${rule.success(transfer.replacedCalls.find((call) => !call.isOver))}${caveat}`);
  }
  if (transfer.verdict === 'failed') {
    const recovery = rule.recovery();
    return sentence(recovery === '' ? transfer.cause : `${transfer.cause}, and ${recovery}`);
  }
  const signalling = rule.signalling();
  if (signalling.state === 'open') return signalling.news;
  return sentence(
    `${nameIn(transfer.transferee)} and ${nameIn(transfer.target)} are connected; who hears whom is being measured`,
  );
}
