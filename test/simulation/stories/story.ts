import type { PhoneOptions, ServerOptions, Verb } from '../../../src/lab';
import type { NetworkConditions } from '../../../src/net';

/** Something that happens to the lab at a virtual time, in milliseconds since its phones started. */
export type StoryEvent = { readonly at: number } & (
  | { readonly kind: 'verb'; readonly verb: Verb }
  /** The host of the phone is cut off from everybody, itself included; `heal` ends all such cuts. */
  | { readonly kind: 'cut'; readonly phone: string }
  | { readonly kind: 'heal' }
);

/**
 * What becomes of the calls when the last event is over. `settle`: the network heals, everybody waits until nothing is
 * open any more, then hangs up. `hang-up`: the network heals and everybody hangs up at once. `stop`: the lab is stopped
 * in the midst of it all.
 */
export type Ending = 'settle' | 'hang-up' | 'stop';

/** A lab story: plain data, so that it replays, goes to a worker, and can be made smaller. */
export interface Story {
  /** Of the network's and the phones' chance. */
  readonly seed: number;
  readonly phones: readonly PhoneOptions[];
  /** A proxy with a registrar, or none. */
  readonly servers: readonly ServerOptions[];
  readonly conditions: NetworkConditions;
  readonly events: readonly StoryEvent[];
  readonly ending: Ending;
  /** Whether RTP is carried all the time, and not only while a verdict may depend on it. */
  readonly fullMedia: boolean;
}

export interface StoryOptions {
  /** The chance of loss, from 0 to 1; drawn for each story, up to 0.3, unless given. */
  readonly loss?: number | undefined;
}

/** The SIP port of every phone of a story; each has a host of its own. */
export const sipPort = 5060;

export const phoneNames = ['alice', 'bob', 'charlie', 'dave', 'erin'] as const;

export const serverName = 'proxy';
export const serverHost = '127.0.0.30';

/** The host of the phone with this number. */
export function hostOf(index: number): string {
  return `127.0.0.${String(11 + index)}`;
}
