import type { Clock, Emitter, RandomSource } from '../core';
import type { Network, SipLocator } from '../net';
import type { TimerValues } from '../sip';
import type { Journal } from '../trace';
import type { ToneBook } from './call-audio';
import type { Directory } from './directory';
import type { TakeableCall } from './early-call';
import type { FloodLimits } from './flood-gate';
import type { IaxDirectory } from './iax/iax-directory';
import type { LabEvents } from './lab-events';
import type { PhoneTransport } from './phone-options';

/** What a server shares with the lab it belongs to. */
export interface ServerSurroundings {
  readonly network: Network;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly timers: TimerValues;
  readonly journal: Journal;
  readonly directory: Directory;
  /** The phones and servers that speak IAX2. */
  readonly iaxDirectory: IaxDirectory;
  readonly allowBeyondLoopback: boolean;
  readonly tones: ToneBook;
  readonly events: Emitter<LabEvents>;
  /** What the phones of the lab call with; servers listen for all of it. */
  readonly transports: ReadonlySet<PhoneTransport>;
}

/** What a phone shares with the lab it belongs to. */
export interface PhoneSurroundings extends ServerSurroundings {
  readonly floodLimits: FloodLimits | undefined;
  /** Says where hosts are that have a name; undefined on loopback, which needs none. */
  readonly locator: SipLocator | undefined;
  /** The calls of a phone of the lab that another one might take. */
  takeableAt(phone: string): readonly TakeableCall[];
}
