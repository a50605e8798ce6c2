import { randomToken } from '../../core';
import { respond } from '../message';
import type { ServerTransaction } from '../transaction';
import { blameRequest } from './blame';
import type { AgentServices } from './services';

type Headers = readonly (readonly [string, string])[];

/** What a refusal says besides its status. */
export interface RefusalWords {
  /** The reason phrase, where the usual one would say too little. */
  readonly reason?: string | undefined;
  readonly headers?: Headers;
}

/** Answers a request that starts or finds no dialog here: with a To tag of its own (RFC 3261 section 8.2.6.2). */
export function refuse(services: AgentServices, transaction: ServerTransaction, status: number, words: RefusalWords = {}): void {
  const { request, source } = transaction;
  const { reason, headers = [] } = words;
  transaction.respond(respond(request, status, { source, toTag: newTag(services), headers, reason }));
}

/** Refuses a request that breaks a rule, and tells so. */
export function turnDown(services: AgentServices, transaction: ServerTransaction, status: number, words: RefusalWords = {}): void {
  services.reportProblem(blameRequest(transaction.request, status));
  refuse(services, transaction, status, words);
}

/** A tag for one end of a dialog: 64 bits of chance (RFC 3261 section 19.3 wants 32 at least). */
export function newTag({ random }: Pick<AgentServices, 'random'>): string {
  return randomToken(random, 64);
}
