import type { Clock } from '../../core';
import type { Replaces } from '../message';
import type { TableEntry } from './dialog-table';
import type { Session } from './session';

/** How long an ended dialog is remembered, in milliseconds, so that its replacement can be told 603 and not 481. */
const rememberFor = 32_000;

/** More ended dialogs than this are not remembered: their replacements get 481. */
const mostRemembered = 1_000;

/** Dialogs that ended a short while ago (RFC 3891 section 3: 603 rather than 481). */
export class Tombstones {
  readonly #clock: Clock;
  /** In the order of their end. */
  readonly #endedAt = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(key: string): void {
    this.#endedAt.delete(key);
    this.#endedAt.set(key, this.#clock.now());
    const oldest = this.#endedAt.keys().next();
    if (this.#endedAt.size > mostRemembered && oldest.done === false) this.#endedAt.delete(oldest.value);
  }

  has(key: string): boolean {
    const endedAt = this.#endedAt.get(key);
    return endedAt !== undefined && this.#clock.now() - endedAt < rememberFor;
  }
}

type Found =
  | { readonly session: Session; readonly refusal: undefined }
  | { readonly session: undefined; readonly refusal: { readonly status: number; readonly text: string } };

/**
 * What an INVITE with Replaces may replace here: the table of RFC 3891 section 3, in its order. `policy` is the status with
 * which what could be replaced is refused all the same: the new call is one that a UAS may refuse like any other.
 */
export function judgeReplaces(replaces: Replaces, found: TableEntry | 'over' | undefined, policy?: number): Found {
  const refuse = (status: number, text: string): Found => ({ session: undefined, refusal: { status, text } });
  const over = 'The call to be replaced was already over';
  const unwanted = policy === undefined ? undefined : refuse(policy, 'A call that was to replace one of ours was refused, as this phone is set');
  if (found === undefined) return refuse(481, 'No call here has the Call-ID and tags of Replaces');
  if (found === 'over') return refuse(603, over);
  const { dialog, session } = found;
  switch (session.state) {
    case 'ended':
      return refuse(603, over);
    case 'answering':
    case 'connected':
      // Another branch of a fork rang until this one answered.
      if (dialog !== session.dialog) return refuse(603, over);
      if (unwanted !== undefined) return unwanted;
      if (replaces.earlyOnly) return refuse(486, 'The call to be picked up was answered already (early-only)');
      return { session, refusal: undefined };
    case 'incoming':
      return refuse(481, 'A call that still rings here cannot be replaced: only its caller could let that happen');
    case 'calling':
    case 'ringing':
      if (dialog.state === 'terminated' || session.isGivenUp) return refuse(603, over);
      if (unwanted !== undefined) return unwanted;
      return { session, refusal: undefined };
  }
}
