import type { Disposable } from '../../../core';
import type { Dialog } from '../../dialog';
import { respond, type SipRequest } from '../../message';
import type { ServerTransaction } from '../../transaction';

/** Whoever uses a dialog that has no call: one REFER subscription and nothing else. */
export interface ReferDialogUser {
  /** Undefined as long as the peer's tag is not known: a NOTIFY may come before the 2xx (RFC 6665 section 4.4.1). */
  readonly dialog: Dialog | undefined;
  onNotify(request: SipRequest, transaction: ServerTransaction): void;
  onSubscribe(request: SipRequest, transaction: ServerTransaction): void;
}

/**
 * The dialogs that only a REFER subscription lives in: those of a REFER outside the call (RFC 4538, RFC 7647), and of
 * a SUBSCRIBE to its events (RFC 7614).
 */
export class ReferDialogs {
  readonly #users = new Map<string, ReferDialogUser>();

  /** Gives `user` the requests for this Call-ID and local tag, until the result is disposed of. */
  add(id: { readonly callId: string; readonly localTag: string }, user: ReferDialogUser): Disposable {
    const key = `${id.callId}|${id.localTag}`;
    this.#users.set(key, user);
    return { dispose: () => this.#users.delete(key) };
  }

  get size(): number {
    return this.#users.size;
  }

  /** Answers a request for one of these dialogs; false when it is for none. */
  receive(request: SipRequest, transaction: ServerTransaction): boolean {
    const user = this.#users.get(`${request.callId}|${request.toTag ?? ''}`);
    if (user === undefined) return false;
    const { dialog } = user;
    if (dialog !== undefined && dialog.remoteTag !== request.fromTag) return false; // RFC 3261 12.2.2: another dialog
    if (dialog?.acceptSequence(request.cseq.sequence) === false) {
      answer(transaction, 500, 'CSeq out of order'); // RFC 3261 12.2.2
    } else if (request.method === 'NOTIFY') {
      user.onNotify(request, transaction);
    } else if (request.method === 'SUBSCRIBE') {
      user.onSubscribe(request, transaction);
    } else {
      // RFC 5057: there is no INVITE usage, so nothing to end, change or refer.
      answer(transaction, request.method === 'OPTIONS' ? 200 : 481);
    }
    return true;
  }
}

function answer(transaction: ServerTransaction, status: number, reason?: string): void {
  transaction.respond(respond(transaction.request, status, { source: transaction.source, reason }));
}
