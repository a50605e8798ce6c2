import { type SipResponse, type SipUri, uriEquals } from '../message';

/** What a registrar says of the addresses we asked it to keep. */
export interface Granted {
  /** Seconds until the first of our bindings ends; undefined when the registrar says nothing of it. */
  readonly expires: number | undefined;
  /** Bindings of this address of record in all, those of other devices included. */
  readonly bindings: number;
}

/**
 * Reads a 2xx to REGISTER: each Contact is a binding with its own `expires`, the Expires header is for those without (RFC
 * 3261 section 10.2.4). A registrar may have put an address of its own in the place of ours: then its shortest time counts.
 */
export function readGranted(response: SipResponse, contacts: readonly SipUri[]): Granted {
  const listed = response.contacts.filter((contact) => contact !== '*');
  const times = (ours: boolean): number[] =>
    listed
      .filter((contact) => !ours || contacts.some((uri) => uriEquals(uri, contact.uri)))
      .map((contact) => seconds(contact.params.get('expires')) ?? response.expires)
      .filter((time) => time !== undefined);
  const own = times(true);
  const all = own.length > 0 ? own : times(false);
  return { expires: all.length > 0 ? Math.min(...all) : response.expires, bindings: listed.length };
}

/** RFC 3261 section 20.10: a Contact's expires that is no number below 2^32 counts as if it were not there. */
export function seconds(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,10}$/u.test(text)) return undefined;
  const value = Number(text);
  return value <= 0xffff_ffff ? value : undefined;
}
