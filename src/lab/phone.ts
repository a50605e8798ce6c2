import type { Milliseconds } from '../core';
import type { Call } from './call';
import type { CallInfo, Hearing, PhoneInfo } from './call-info';
import type { TakeableCall } from './early-call';
import type { PhoneOptions } from './phone-options';
import type { RegistrationInfo } from './phone-registration';
import type { TransferAsk } from './phone-transfers';
import type { Verb, VerbName } from './verb';

/** Verbs that each protocol does in a way of its own, if at all. */
export type ProtocolVerb = Extract<
  Verb,
  {
    readonly verb:
      | 'redirect'
      | 'pick-up'
      | 'watch'
      | 'unwatch'
      | 'transfer'
      | 'attended-transfer'
      | 'blonde-transfer'
      | 'allow-transfer'
      | 'refuse-transfer';
  }
>;

/** Whom a phone can call: what a person typed, looked up. */
export interface Callee {
  /** As a URI of the phone's protocol. */
  readonly uri: string;
  /** The phone of the lab it leads to, if it is one. */
  readonly phone: string | undefined;
}

/** Its calls, and those who ask to transfer it: what a verb's call is chosen from. */
export interface CallHolder<OwnCall extends Call = Call> {
  readonly name: string;
  /** Calls that have not ended, the oldest first. */
  readonly calls: readonly OwnCall[];
  /** Transfers that wait for the person's consent. */
  readonly asks: readonly TransferAsk[];
}

/**
 * An endpoint that a person operates, whatever protocol it speaks. All that the lab, the verbs, scenarios and trees know
 * of a phone is here; what a protocol has of its own is behind {@link perform}.
 */
export interface Phone extends CallHolder {
  readonly options: PhoneOptions;
  /** Why the phone does not work, or undefined. */
  readonly problem: string | undefined;
  readonly isWorking: boolean;
  /** Snapshots of all calls, the ended ones first. */
  readonly callInfos: readonly CallInfo[];
  readonly hears: Hearing;
  /** Where it stands with its registrar; undefined for a phone that registers nowhere. */
  readonly registration: RegistrationInfo | undefined;
  /** Its calls that another phone might take. */
  readonly takeable: readonly TakeableCall[];
  /** Calls of others that it might take, those that ring first. */
  readonly pickable: readonly TakeableCall[];
  /** No call is up or on its way, and every goodbye was answered. */
  readonly isQuiet: boolean;
  /** Calls that were not ended properly. */
  readonly callsLeft: number;

  /** Opens the ports. A port that cannot be had makes a phone with a `problem`; nothing is thrown. */
  start(): Promise<void>;
  /** All phones of the lab have started. */
  begin(): void;
  info(): PhoneInfo;
  /** Whether a verb that is about no call of its own makes sense now; undefined for one that is. */
  can(verb: VerbName): boolean | undefined;
  /** Carries out a verb in the protocol's own way. Throws a CallLabError that says why it could not be done. */
  perform(verb: ProtocolVerb): Promise<string>;
  /** Registers if the phone is one that does, or refreshes; ask {@link registration} what became of it. */
  register(): void;
  unregister(): void;

  /** Looks up what a person typed. Throws CL2002 or CL1002. */
  find(target: string): Callee;
  /** Calls somebody. Throws CL3007 when the lab is being stopped. */
  place(callee: Callee): Promise<Call>;
  /** Where a call to `callee` goes first, when nobody on this machine listens there; else undefined. */
  missingAt(callee: Callee): Promise<string | undefined>;
  /** Answers. Throws what the network or the codecs give as a reason. */
  accept(call: Call): Promise<void>;
  /** The person speaks into this call from now on. */
  turnTo(call: Call): void;
  /** Resolves when `isMet` holds; looked at again whenever a call of this phone changes. */
  until(isMet: () => boolean): Promise<void>;
  /** Waits for `work`, but for no longer than `limit`. */
  within(work: Promise<void>, limit: Milliseconds): Promise<void>;
  reportProblem(code: string, text: string): void;

  /** Says goodbye in every call. Wait for {@link isQuiet}, then {@link close}. */
  hangUpAll(): void;
  /** Dies as its program would: nobody is told of the end of its calls, and its ports are free. */
  crash(): Promise<void>;
  /** The same phone, not started: at the same port, with nothing remembered. */
  successor(): Phone;
  close(): Promise<void>;
}
