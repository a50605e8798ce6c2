import type { MessageRecord } from '../message';
import type { LintId } from './rules';

/** Why a transfer failed, as far as a lint knows. */
export interface Explanation {
  readonly id: LintId;
  /** A clause without its full stop. */
  readonly clause: string;
  /** The first message in which it shows. */
  readonly message: MessageRecord;
  /**
   * Whether the clause says all there is to say, says it better than the outcome does, adds to that, or says what is said
   * already.
   */
  readonly says: 'all' | 'better' | 'more' | 'the same';
}

const says: Partial<Record<LintId, Explanation['says']>> = {
  T1: 'more',
  T2: 'more',
  T3: 'the same',
  T4: 'the same',
  T5: 'all',
  T6: 'all',
  T9: 'the same',
  T10: 'better',
  T11: 'the same',
  T13: 'more',
  T14: 'more',
  T15: 'better',
  T16: 'more',
  T18: 'more',
  'iax-no-unquelch': 'the same',
  'iax-txrel-out-of-state': 'more',
  'iax-apparent-address': 'more',
  'iax-transfer-unknown-number': 'the same',
};

/** What a finding means for the transfers of its message, should they fail; undefined when it does not make them fail. */
export function explanationOf(id: LintId, clause: string, message: MessageRecord): Explanation | undefined {
  const how = says[id];
  return how === undefined ? undefined : { id, clause, message, says: how };
}
