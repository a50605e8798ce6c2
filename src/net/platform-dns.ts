import { Resolver } from 'node:dns/promises';
import type { DnsQueries } from './sip-locator';

/** The answers of DNS that say no more than that there is nothing. */
const nothing: ReadonlySet<string> = new Set(['ENOTFOUND', 'ENODATA']);

/** Asks the name servers of the platform. A question waits `timeout` milliseconds for its answer, and is asked twice. */
export function platformDns(timeout = 2_000): DnsQueries {
  const resolver = new Resolver({ timeout, tries: 2 });
  return {
    naptr: (name) => orNothing(resolver.resolveNaptr(name)),
    srv: (name) => orNothing(resolver.resolveSrv(name)),
    addresses: async (name) => {
      const [four, six] = await Promise.all([orNothing(resolver.resolve4(name)), orNothing(resolver.resolve6(name))]);
      return [...four, ...six];
    },
  };
}

async function orNothing<Found>(answer: Promise<Found[]>): Promise<Found[]> {
  try {
    return await answer;
  } catch (error) {
    if (nothing.has((error as NodeJS.ErrnoException).code ?? '')) return [];
    throw error;
  }
}
