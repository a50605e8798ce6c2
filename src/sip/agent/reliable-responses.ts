import { rackOf, respond, type SipRequest } from '../message';
import { backOff, giveUpAfter, ProtocolTimers, type ServerTransaction } from '../transaction';
import { answerInDialog } from './answers';
import type { AgentServices } from './services';

type Headers = readonly (readonly [string, string])[];

/** A provisional response to be sent. */
export interface ProvisionalResponse {
  readonly status: number;
  readonly headers: Headers;
  /** A session description, if it has one; that is the one body a response of ours has. */
  readonly body?: string | undefined;
}

/** What a PRACK that found its response is told. */
export interface PrackAnswer {
  /** Other than 200 when the PRACK brings an offer that cannot be taken now; the response counts as acknowledged even so. */
  readonly status: number;
  readonly headers: Headers;
  readonly body: string | undefined;
}

export interface ReliableResponsesUser {
  /** The PRACK to `response` came. */
  onAcknowledged(prack: SipRequest, response: ProvisionalResponse): PrackAnswer;
  /** Everything is acknowledged: a 2xx that waited for that may go. */
  onSettled(): void;
  /** No PRACK came within 64*T1. */
  onGiveUp(): void;
}

interface Unacknowledged extends ProvisionalResponse {
  readonly rseq: number;
}

/**
 * The provisional responses of a callee that the caller acknowledges by PRACK: one at a time, each repeated from T1 doubling
 * without a limit until its PRACK comes, and given up after 64*T1 (RFC 3262 section 3).
 */
export class ReliableResponses {
  readonly #services: AgentServices;
  readonly #transaction: ServerTransaction;
  readonly #toTag: string;
  readonly #user: ReliableResponsesUser;
  readonly #timers: ProtocolTimers<'reliable 1xx' | 'no PRACK'>;
  readonly #waiting: ProvisionalResponse[] = [];
  #current: Unacknowledged | undefined;
  #rseq: number;
  #isOver = false;

  constructor(services: AgentServices, transaction: ServerTransaction, toTag: string, user: ReliableResponsesUser) {
    this.#services = services;
    this.#transaction = transaction;
    this.#toTag = toTag;
    this.#user = user;
    this.#timers = new ProtocolTimers(services.clock, services.observer, `${transaction.id}|1xx`);
    // RFC 3262 3: the first number is between 1 and 2^31-1, by chance.
    this.#rseq = Math.floor(services.random.fraction() * 0x7fff_fffe);
  }

  /** RFC 3262 section 3: no 2xx while a response with a session description is not acknowledged. */
  get blocksAcceptance(): boolean {
    return [this.#current, ...this.#waiting].some((response) => response?.body !== undefined);
  }

  send(response: ProvisionalResponse): void {
    if (this.#isOver) return;
    // RFC 3262 3: no second one before the first is acknowledged, for the order would be lost.
    if (this.#current === undefined) this.#transmit(response);
    else this.#waiting.push(response);
  }

  /** A PRACK of the caller. */
  receive(prack: SipRequest, transaction: ServerTransaction): void {
    const rack = rackOf(prack);
    const current = this.#current;
    if (rack === undefined) {
      answerInDialog(this.#services, transaction, 400); // RFC 3262 7.2: no PRACK without RAck
      return;
    }
    const { sequence, method } = this.#transaction.request.cseq;
    if (rack.rseq !== current?.rseq || rack.sequence !== sequence || rack.method !== method) {
      answerInDialog(this.#services, transaction, 481); // RFC 3262 3
      return;
    }
    const { status, headers, body } = this.#user.onAcknowledged(prack, current);
    this.#current = undefined;
    this.#timers.clearAll();
    transaction.respond(respond(prack, status, { source: transaction.source, headers, ...(body === undefined ? {} : { body }) }));
    const next = this.#waiting.shift();
    if (next !== undefined && !this.#isOver) this.#transmit(next);
    else this.#user.onSettled();
  }

  /** The final response is out: nothing is repeated any more, but a PRACK on its way still finds its match (RFC 3262 3). */
  stop(): void {
    this.#isOver = true;
    this.#waiting.length = 0;
    this.#timers.clearAll();
  }

  #transmit(response: ProvisionalResponse): void {
    this.#rseq += 1;
    this.#current = { ...response, rseq: this.#rseq };
    const { status, headers, body } = response;
    const { request, source } = this.#transaction;
    const message = respond(request, status, {
      toTag: this.#toTag,
      source,
      headers: [...headers, ['Require', '100rel'], ['RSeq', String(this.#rseq)]],
      ...(body === undefined ? {} : { body }),
    });
    this.#transaction.respond(message);
    const repeat = (sent: number): void => {
      this.#timers.set('reliable 1xx', backOff(this.#services.timers, sent), () => {
        this.#transaction.respond(message);
        repeat(sent + 1);
      });
    };
    repeat(1);
    this.#timers.set('no PRACK', giveUpAfter(this.#services.timers), () => {
      this.stop();
      this.#user.onGiveUp();
    });
  }
}
