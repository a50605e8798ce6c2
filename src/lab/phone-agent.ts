import type { Clock, Milliseconds, RandomSource } from '../core';
import {
  type AgentEvents,
  DefectiveUserAgent,
  DigestServer,
  type ProtocolObserver,
  type TimerValues,
  UserAgent,
  type UserAgentOptions,
} from '../sip';
import { callSettings } from './call-options';
import { Contacts } from './contacts';
import type { Directory } from './directory';
import type { PhoneOptions } from './phone-options';
import type { PhoneRegistration } from './phone-registration';
import type { SipTransport } from './sip-transport';

/** How long an unanswered call may ring (reference: our choice), in milliseconds. */
const defaultRingLimit = 180_000;

/** Who the phone is on the network. */
export interface PhoneIdentity {
  readonly uri: string;
  /** host:port */
  readonly authority: string;
  readonly displayName: string;
}

export interface AgentSurroundings {
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly timers: TimerValues;
  readonly directory: Directory;
  readonly observer: ProtocolObserver;
  readonly transport: SipTransport;
  readonly registration: PhoneRegistration;
  readonly events: AgentEvents;
  /** Does something later; the phone's end undoes it. */
  later(delay: Milliseconds, act: () => void): void;
}

/** The SIP user agent inside a phone. */
export function createAgent(options: PhoneOptions, identity: PhoneIdentity, around: AgentSurroundings): UserAgent {
  const { clock, random, timers, directory, observer, transport, registration, events } = around;
  const { lag = 0 } = options;
  const contacts = new Contacts(options.name, transport.addresses, random);
  const agentOptions: UserAgentOptions = {
    settings: {
      displayName: identity.displayName,
      uri: identity.uri,
      contactUri: (over) => contacts.contactUri(over),
      ringLimit: options.ringLimit ?? defaultRingLimit,
      credentialsFor: (realm) => registration.credentialsFor(realm),
      referPolicy: options.refer,
      referStatus: options.referStatus,
      replacesRefusal: options.refusesReplaces,
      refusalToCall: (uri) => directory.refusalToCall(uri),
      ...callSettings(options),
      routes: () => registration.routes,
    },
    clock,
    random,
    timers,
    observer,
    digest: digestServer(options, clock, random),
    events,
    sentBy: (over) => contacts.sentBy(over),
    transmit: (bytes, hop, onFailure) => {
      if (lag === 0) transport.send(bytes, hop, onFailure);
      else around.later(lag, () => transport.send(bytes, hop, onFailure));
    },
  };
  const { defects = [] } = options;
  return defects.length === 0 ? new UserAgent(agentOptions) : new DefectiveUserAgent(agentOptions, defects);
}

function digestServer({ requires }: PhoneOptions, clock: Clock, random: RandomSource): DigestServer | undefined {
  if (requires === undefined) return undefined;
  return new DigestServer({
    realm: requires.realm,
    users: new Map(requires.users.map((user) => [user.username, user.password])),
    algorithms: [requires.algorithm ?? 'MD5'],
    random,
    clock,
  });
}
