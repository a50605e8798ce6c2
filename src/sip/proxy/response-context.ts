import { describeError, type Milliseconds, randomToken } from '../../core';
import { passBack, reasonPhrase, respond, type SipRequest, type SipResponse } from '../message';
import type { ServerTransaction } from '../transaction';
import { bestOutcome, gatheredChallenges, type Outcome } from './best-response';
import { Branch } from './branch';
import { forwardTo } from './forward';
import type { ProxyServices } from './services';
import type { Target } from './targets';

export interface ContextOptions {
  readonly server: ServerTransaction;
  /** Groups of targets, tried one after the other; those of one group at the same time. */
  readonly groups: readonly (readonly Target[])[];
  readonly mark: string;
  /** How many copies there may be at the same time; see RFC 5393 section 5. */
  readonly breadth: number;
  /** How long one group of several may ring before the next one's turn. */
  readonly ringLimit: Milliseconds;
  /** The last branch is over, and nothing is remembered of the request any more. */
  onOver(context: ResponseContext): void;
}

/**
 * The response context of a request that is passed on (RFC 3261 section 16): its branches, the responses they got, and
 * which of them the caller is given.
 */
export class ResponseContext {
  readonly server: ServerTransaction;
  readonly #services: ProxyServices;
  readonly #options: ContextOptions;
  readonly #request: SipRequest;
  readonly #branches: Branch[] = [];
  readonly #outcomes: Outcome[] = [];
  #groups: (readonly Target[])[];
  #isAnswered = false;
  #isFinished = false;

  constructor(services: ProxyServices, options: ContextOptions) {
    this.#services = services;
    this.#options = options;
    this.server = options.server;
    this.#request = options.server.request;
    this.#groups = options.groups.flatMap((group) => chunks(group, options.breadth));
  }

  start(): void {
    this.#next();
  }

  /** The caller gave up, or somebody answered: RFC 3261 section 16.10. */
  cancel(reason: string | undefined): void {
    this.#groups = [];
    for (const branch of [...this.#branches]) branch.cancel(reason);
  }

  abandon(): void {
    this.#isFinished = true;
    for (const branch of this.#branches) branch.abandon();
  }

  #next(): void {
    while (this.#groups.length > 0) {
      const group = this.#groups.shift() ?? [];
      const isLast = this.#groups.length === 0;
      const breadth = Math.max(1, Math.floor(this.#options.breadth / Math.max(1, group.length)));
      const isForked = this.#options.groups.flat().length > 1;
      for (const target of group) this.#passOn(target, isLast ? undefined : this.#options.ringLimit, isForked ? breadth : undefined);
      if (this.#isUnderWay) return;
    }
    this.#finish();
  }

  get #isUnderWay(): boolean {
    return this.#branches.some((branch) => !branch.isOver);
  }

  #passOn(target: Target, ringLimit: Milliseconds | undefined, forkedBreadth: number | undefined): void {
    const { transactions, refusalToSend } = this.#services;
    const { source } = this.server;
    const isSaid = this.#request.header('max-breadth') !== undefined;
    const maxBreadth = forkedBreadth ?? (isSaid ? this.#options.breadth : undefined);
    try {
      const { hop, compose } = forwardTo(this.#services, { request: this.#request, source, target, maxBreadth });
      const refusal = refusalToSend(hop);
      if (refusal !== undefined) {
        this.#report(refusal);
        this.#outcomes.push({ status: 403, response: undefined });
        return;
      }
      const branch = new Branch(this.#services, (user) => transactions.passOn(hop, this.#options.mark, compose, user), ringLimit, {
        onProvisional: (response) => {
          if (!this.#isFinished && !this.#isAnswered) this.server.respond(passBack(response));
        },
        onAccepted: (response) => {
          this.#onAccepted(response);
        },
        onRefused: (outcome) => {
          this.#onRefused(outcome);
        },
      });
      this.#branches.push(branch);
    } catch (error) {
      this.#report(describeError(error));
      this.#outcomes.push({ status: 404, response: undefined });
    }
  }

  /** RFC 3261 section 16.7 steps 5, 9 and 10: every 2xx goes back at once, and the first ends the search. */
  #onAccepted(response: SipResponse): void {
    const back = passBack(response);
    // RFC 6026 7.1: in its accepted state the server transaction lets every 2xx through.
    if (this.server.state === 'terminated') this.#services.transactions.resend(back, this.server.hop);
    else this.server.respond(back);
    if (!this.#isAnswered) {
      this.#isAnswered = true;
      this.cancel('SIP;cause=200;text="Call completed elsewhere"');
    }
    this.#endIfOver();
  }

  #onRefused(outcome: Outcome): void {
    this.#outcomes.push(outcome);
    // RFC 3261 16.7 step 5: after a 6xx nobody else is tried, and those who ring stop.
    if (outcome.status >= 600) this.cancel('SIP;cause=600;text="Busy everywhere"');
    if (this.#isAnswered || this.#isUnderWay) this.#endIfOver();
    else this.#next();
  }

  /** RFC 3261 section 16.7 steps 6 to 9. */
  #finish(): void {
    if (this.#isFinished || this.#isAnswered) return;
    this.#isFinished = true;
    const best = bestOutcome(this.#outcomes) ?? { status: 408, response: undefined };
    const isInvite = this.#request.method === 'INVITE';
    if (best.response !== undefined) this.server.respond(passBack(best.response, gatheredChallenges(best, this.#outcomes)));
    else if (best.status === 408 && !isInvite) this.server.abandon(); // RFC 4320 4.2: silence, not 408, to a non-INVITE
    else this.#respond(best.status);
    this.#options.onOver(this);
  }

  #endIfOver(): void {
    if (this.#isAnswered && !this.#isUnderWay) this.#options.onOver(this);
  }

  #respond(status: number): void {
    const toTag = randomToken(this.#services.random, 64);
    this.server.respond(respond(this.#request, status, { source: this.server.source, toTag, reason: reasonPhrase(status) }));
  }

  #report(text: string): void {
    const request = this.#request;
    this.#services.reportProblem({ code: 'CL2009', text: `${request.method} was not passed on: ${text}`, message: request, range: request.requestUriRange });
  }
}

/** A group of more targets than there may be copies is tried in several goes (RFC 5393 section 5.3.3). */
function chunks<Item>(items: readonly Item[], size: number): (readonly Item[])[] {
  const result: (readonly Item[])[] = [];
  for (let from = 0; from < items.length; from += size) result.push(items.slice(from, from + size));
  return result;
}
