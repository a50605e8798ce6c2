import type { Clock } from '../../core';
import type { DigestServer } from '../auth';
import { asRoutes } from '../dialog';
import { type NameAddr, SipHeaderError, type SipRequest, type SipUri } from '../message';
import { seconds } from '../registration';
import type { Hop } from '../transaction';
import { type Binding, type LocationService, recordKey, sameBinding } from './location';

export interface RegistrarOptions {
  /** The domain of its addresses of record; see {@link RegistrarOptions.isOurs} for its other names. */
  readonly domain: string;
  /** Whether a URI's host and port name this registrar. */
  readonly isOurs: (uri: SipUri) => boolean;
  readonly clock: Clock;
  readonly location: LocationService;
  /** Everybody may register any name in the domain when there is none. */
  readonly digest?: DigestServer | undefined;
  /** Seconds; a shorter wish gets 423 (RFC 3261 section 10.2.8). */
  readonly minExpires: number;
  /** Seconds; a longer wish is cut. */
  readonly maxExpires: number;
  /** Seconds, for who wishes nothing. */
  readonly defaultExpires: number;
  /** Values of Service-Route for who registers from there (RFC 3608); none when left out. */
  readonly serviceRoutes?: (source: Hop) => readonly string[];
}

/** What a REGISTER is answered. */
export interface RegistrarAnswer {
  readonly status: number;
  readonly reason?: string | undefined;
  readonly headers: readonly (readonly [string, string])[];
  /** For the person who looks on: why it was refused. */
  readonly rule: string;
}

/** Contacts longer than this are kept by nobody: the memory of the registrar is bounded by it. */
const longestContact = 1_024;

/** RFC 3327 section 5.3: what we can do that a REGISTER may require. */
const extensions: ReadonlySet<string> = new Set(['path']);

/** What one Contact of a REGISTER wants. */
interface Wish {
  readonly binding: Binding;
  /** Seconds. */
  readonly expires: number;
}

/**
 * The registrar of one domain, without I/O: a REGISTER goes in, an answer comes out, and the location service is changed by
 * all of it or not at all. RFC 3261 section 10.3, RFC 3327 section 5.3, RFC 3608 section 6.
 */
export class Registrar {
  readonly #options: RegistrarOptions;

  constructor(options: RegistrarOptions) {
    this.#options = options;
  }

  answer(request: SipRequest, source: Hop): RegistrarAnswer {
    try {
      return this.#answer(request, source);
    } catch (error) {
      if (!(error instanceof SipHeaderError)) throw error;
      return refuse(400, `${error.header} cannot be read: ${error.message}`);
    }
  }

  #answer(request: SipRequest, source: Hop): RegistrarAnswer {
    const { isOurs, digest, domain, location } = this.#options;
    // RFC 3261 10.3 step 2.
    const unknown = request.require.filter((tag) => !extensions.has(tag.toLowerCase()));
    if (unknown.length > 0) return refuse(420, 'RFC 3261 10.3 step 2: an extension that is not supported', [['Unsupported', unknown.join(', ')]]);
    // Step 3, before anything that depends on the user: who has no password learns nothing of who exists.
    let username: string | undefined;
    if (digest !== undefined) {
      const verified = digest.verify(request, 'Authorization');
      if (!verified.ok) {
        const challenges = digest.challenge(verified.stale).map((value) => ['WWW-Authenticate', value] as const);
        return refuse(401, `RFC 3261 10.3 step 3: ${verified.reason}`, challenges);
      }
      ({ username } = verified);
    }
    const { uri } = request.to;
    const { user } = uri;
    // Step 5: the address of record must be one of this domain.
    if (user === undefined || !isOurs(uri)) return refuse(404, 'RFC 3261 10.3 step 5: the address of record is not in this domain');
    // Step 4: nobody changes the bindings of another.
    if (username !== undefined && username !== user) return refuse(403, 'RFC 3261 10.3 step 4: the user may not register this address of record');
    const addressOfRecord = recordKey(user, domain);
    const now = location.find(addressOfRecord);
    if (request.contacts.length === 0) return this.#accept(now, request, source); // step 8: a query
    const refusal = this.#refusePath(request);
    if (refusal !== undefined) return refusal;
    if (request.contacts.includes('*')) return this.#removeAll(request, source, addressOfRecord, now);
    return this.#update(request, source, addressOfRecord, now);
  }

  /** RFC 3327 section 5.3: a client that knows nothing of Path could not make use of it. */
  #refusePath(request: SipRequest): RegistrarAnswer | undefined {
    if (request.paths.length === 0 || request.supported.some((tag) => tag.toLowerCase() === 'path')) return undefined;
    return refuse(421, 'RFC 3327 5.3: a proxy wants a Path, and the phone does not support it', [['Require', 'path']]);
  }

  /** RFC 3261 section 10.3 step 6: `Contact: *` stands alone and with `Expires: 0`. */
  #removeAll(request: SipRequest, source: Hop, addressOfRecord: string, now: readonly Binding[]): RegistrarAnswer {
    if (request.contacts.length !== 1 || request.expires !== 0) {
      return refuse(400, 'RFC 3261 10.3 step 6: "Contact: *" stands alone, and with "Expires: 0"');
    }
    if (now.some((binding) => isOlder(request, binding))) return outOfOrder();
    this.#options.location.replace(addressOfRecord, []);
    return this.#accept([], request, source);
  }

  /** RFC 3261 section 10.3 step 7: all of it, or nothing. */
  #update(request: SipRequest, source: Hop, addressOfRecord: string, now: readonly Binding[]): RegistrarAnswer {
    const { location, minExpires } = this.#options;
    const wishes = request.contacts.filter((contact) => contact !== '*').map((contact) => this.#wish(contact, request, source, addressOfRecord));
    let bindings = [...now];
    for (const { binding, expires } of wishes) {
      if (binding.contact.opaque !== undefined || binding.contact.toString().length > longestContact) {
        return refuse(400, 'a Contact that is no SIP URI, or is too long to keep');
      }
      // Only a wish of its own is too short; who wishes nothing gets the default.
      if (expires > 0 && expires < minExpires) {
        return refuse(423, 'RFC 3261 10.3 step 7: too short an interval', [['Min-Expires', String(minExpires)]]);
      }
      const known = bindings.find((other) => sameBinding(binding, other));
      if (known !== undefined && now.includes(known) && isOlder(request, known)) return outOfOrder();
      bindings = bindings.filter((other) => other !== known);
      if (expires > 0) bindings.push(binding);
    }
    const full = location.refuses(addressOfRecord, bindings.length);
    if (full === 'too many bindings') return refuse(403, 'too many bindings for one address of record', [], 'Too Many Bindings');
    if (full === 'full') return refuse(503, 'the location service is full', [['Retry-After', '600']]);
    location.replace(addressOfRecord, bindings);
    return this.#accept(location.find(addressOfRecord), request, source);
  }

  #wish(contact: NameAddr, request: SipRequest, source: Hop, addressOfRecord: string): Wish {
    const { clock, maxExpires, defaultExpires } = this.#options;
    const wanted = seconds(contact.params.get('expires')) ?? request.expires ?? defaultExpires;
    const expires = Math.min(wanted, maxExpires);
    const q = Number(contact.params.get('q') ?? '1');
    return {
      expires,
      binding: {
        addressOfRecord,
        contact: contact.uri,
        q: q >= 0 && q <= 1 ? q : 1,
        expiresAt: clock.now() + expires * 1_000,
        path: asRoutes(request.paths),
        instance: contact.params.get('+sip.instance'),
        regId: contact.params.get('reg-id'),
        source,
        callId: request.callId,
        sequence: request.cseq.sequence,
      },
    };
  }

  /** RFC 3261 section 10.3 step 8: all bindings there are now. */
  #accept(bindings: readonly Binding[], request: SipRequest, source: Hop): RegistrarAnswer {
    const { clock, serviceRoutes } = this.#options;
    const now = clock.now();
    return {
      status: 200,
      rule: 'RFC 3261 10.3 step 8',
      headers: [
        ...bindings.map((binding) => {
          const left = Math.max(0, Math.ceil((binding.expiresAt - now) / 1_000));
          const q = binding.q === 1 ? '' : `;q=${String(binding.q)}`;
          return ['Contact', `<${binding.contact.toString()}>${q};expires=${String(left)}`] as const;
        }),
        // RFC 3327 5.3 and RFC 3608 6: the client is shown the Path, and gets its way out.
        ...asRoutes(request.paths).map((value) => ['Path', value] as const),
        ...(bindings.length === 0 ? [] : (serviceRoutes?.(source) ?? []).map((value) => ['Service-Route', value] as const)),
      ],
    };
  }
}

/** RFC 3261 section 10.3 step 7: within one Call-ID the number must rise. */
function isOlder(request: SipRequest, binding: Binding): boolean {
  return request.callId === binding.callId && request.cseq.sequence <= binding.sequence;
}

function outOfOrder(): RegistrarAnswer {
  return refuse(500, 'RFC 3261 10.3 step 7: the CSeq is not higher than the last of this Call-ID', [], 'CSeq out of order');
}

function refuse(status: number, rule: string, headers: RegistrarAnswer['headers'] = [], reason?: string): RegistrarAnswer {
  return { status, rule, headers, reason };
}
