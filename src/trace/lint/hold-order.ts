import type { PlacedMessage } from '../correlator';
import type { DialogRecord } from '../call';
import type { TransactionRecord } from '../transaction';
import { nameIn } from '../words';
import type { Lint, LintContext } from './lint';
import { headerPlace } from './places';

/**
 * T1 and T18, a REFER at the wrong time: before the hold was answered, before the call was answered, or without any call.
 */
export class HoldOrderLint implements Lint {
  readonly methods = ['INVITE', 'REFER'];
  readonly #context: LintContext;
  /** The newest re-INVITE of each dialog. */
  readonly #offered = new WeakMap<DialogRecord, TransactionRecord>();

  constructor(context: LintContext) {
    this.#context = context;
  }

  onMessage({ record, sip, facts, transaction }: PlacedMessage): void {
    if (sip.kind === 'response') {
      if (facts.method === 'REFER') this.#onRefused(transaction, sip.status);
      return;
    }
    const { dialog } = record;
    if (facts.method === 'INVITE') {
      if (dialog !== undefined && facts.toTag !== '') this.#offered.set(dialog, transaction);
      return;
    }
    if (dialog?.call === undefined || facts.toTag === '') return;
    const { call } = dialog;
    const [sender, other] = [call[dialog.sideOf(facts.fromTag)], call[dialog.sideOf(facts.toTag)]];
    const open = this.#offered.get(dialog);
    if (open !== undefined && open.final === undefined && open.request?.facts?.fromTag === facts.fromTag) {
      this.#context.report({
        id: 'T1',
        clause: `${nameIn(sender)} transfers ${nameIn(other)} before the hold was answered`,
        message: record,
        range: sip.startLineRange,
        related: [open.request],
      });
    }
    if (call.isOpen) {
      this.#context.report({
        id: 'T18',
        clause: `${nameIn(sender)} transfers ${nameIn(other)} while their call is still ringing`,
        message: record,
        range: sip.startLineRange,
        related: [call.invite],
      });
    }
  }

  /** A REFER outside of any call was refused, as it should be. */
  #onRefused({ request, final }: TransactionRecord, status: number): void {
    const sip = request?.sip;
    if (request === undefined || sip === undefined || request.facts?.toTag !== '') return;
    if (status !== 403 && status !== 481 && status !== 603) return;
    if (sip.header('Target-Dialog') !== undefined) return;
    this.#context.report({
      id: 'T18',
      clause: 'the REFER is outside of any call, so that there is nobody to transfer',
      message: request,
      range: headerPlace(sip, 'To'),
      related: [final],
    });
  }
}
