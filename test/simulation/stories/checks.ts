import type { CallInfo, Lab, PhoneOptions, Verb, VerbOutcome } from '../../../src/lab';
import { type DefectId, parseMessage } from '../../../src/sip';
import type { JournalEntry, Transfer } from '../../../src/trace';

/*
 * The invariants of a story. Each failure is a sentence whose part before the first colon names the invariant.
 */

/** Whether no call is on its way: each is up for its phone, or over. */
export function isSettled(lab: Lab): boolean {
  return lab.calls.every(({ state }) => state === 'connected' || state === 'ended');
}

/**
 * A call that is up here must be up there. Without session timers (RFC 4028) one side cannot know what became of the
 * other when nothing of it arrives: a phone that crashed says no goodbye, and a BYE of which every copy was lost was
 * never said; over TCP the connection may break before it takes any octet of it. Those are excused, and nothing else:
 * who received the BYE, or was owed one, has no excuse.
 */
export function checkCalls(lab: Lab, { lostCalls, brokenStreams, hiding, inheriting }: Suspicions): readonly string[] {
  const failures: string[] = [];
  const live = lab.calls.filter(({ state }) => state === 'connected');
  for (const call of live) {
    if (lostCalls.has(call.callId) || hiding.has(call.phone) || hiding.has(call.peer)) continue;
    const others = lab.calls.filter(({ id, phone, callId }) => (id !== call.id || phone !== call.phone) && callId === call.callId);
    const peer = others.find(({ state }) => state === 'connected');
    if (peer === undefined) {
      const why = others.map(({ id, state, end }) => `${id} is ${state}${end === undefined ? '' : ` (by ${end.by}, ${String(end.status)} ${end.text})`}`);
      if (wasByeLost(lab.journal.entries, call, others, brokenStreams)) continue;
      failures.push(`one-sided call: ${call.id} with ${call.peer} is connected, but ${why.join(', ') || 'nobody has the other end'}`);
    } else if (call.holding !== peer.held && !inheriting.has(call.phone) && !inheriting.has(peer.phone)) {
      failures.push(`hold: ${call.id} ${call.holding ? 'holds' : 'does not hold'} ${peer.id}, which is ${peer.held ? '' : 'not '}held`);
    }
  }
  return failures;
}

/** Whether the other end said goodbye, and no copy of it arrived within the life of the BYE. */
function wasByeLost(entries: readonly JournalEntry[], call: CallInfo, others: readonly CallInfo[], brokenStreams: boolean): boolean {
  const owners = new Set(others.map(({ phone }) => phone));
  let wasSent = brokenStreams;
  for (const entry of entries) {
    if (entry.kind !== 'packet' || entry.protocol !== 'sip') continue;
    if (!startsWithBye(entry.bytes)) continue;
    if (parseMessage(entry.bytes).callId !== call.callId) continue;
    if (entry.direction === 'received' && entry.owner === call.phone) return false;
    if (entry.direction === 'sent' && owners.has(entry.owner)) wasSent = true;
  }
  return wasSent;
}

function startsWithBye(bytes: Uint8Array): boolean {
  return bytes[0] === 0x42 && bytes[1] === 0x59 && bytes[2] === 0x45 && bytes[3] === 0x20;
}

/** Two phones that have one call only, with each other, nobody on hold, hear each other and nobody else. */
export function checkHearing(lab: Lab, { lostCalls }: Suspicions): readonly string[] {
  const failures: string[] = [];
  const only = new Map<string, CallInfo>();
  for (const { name, calls } of lab.phones) {
    const [call, second] = calls.filter(({ state }) => state !== 'ended');
    if (call?.state === 'connected' && second === undefined && !lostCalls.has(call.callId)) only.set(name, call);
  }
  for (const [name, call] of only) {
    const peer = [...only.values()].find(({ phone, callId }) => phone !== name && callId === call.callId);
    if (peer === undefined || call.holding || call.held || peer.holding || peer.held) continue;
    const { phones, hold } = lab.phone(name).hears;
    if (phones.join() !== peer.phone || hold) {
      failures.push(`hearing: ${name} talks to ${peer.phone} but hears ${phones.join(' and ') || 'nobody'}${hold ? ' and a hold tone' : ''}`);
    }
  }
  return failures;
}

/** The subscriptions that the journal has seen begin and not end, one sentence each. */
export function checkSubscriptions(entries: readonly JournalEntry[]): readonly string[] {
  const open = new Map<string, string>();
  for (const entry of entries) {
    if (entry.kind !== 'state' || entry.machine !== 'subscription') continue;
    const key = `${entry.owner}: ${entry.id}`;
    if (entry.to === 'ended' || entry.to === 'terminated') open.delete(key);
    else open.set(key, `${key} is ${entry.to}`);
  }
  return [...open.values()];
}

/** Problems that phones of one make, which speak the same protocol, cannot have with each other. */
export class Suspicions {
  readonly failures: string[] = [];
  /** The Call-IDs that phones had when they crashed: nobody was told of their end. */
  readonly lostCalls = new Set<string>();
  hadCrash = false;
  /** A phone that is switched off may refuse what it otherwise would not. */
  isStopping = false;
  /** Whether a TCP connection may have broken. */
  brokenStreams = false;

  /** Phones with the defect T15, behind which a call has another Call-ID: its two ends cannot be told to be one call. */
  readonly hiding: ReadonlySet<string>;
  /** Phones with the defect T16, which offer a call that they take for an open one as if it were held: the peer obeys. */
  readonly inheriting: ReadonlySet<string>;
  /** With a phone that has a defect among them, faults in what is said are to be expected. */
  readonly #hasDefects: boolean;
  /** A phone that requires 100rel cannot call one that does not know it: 420 is right then (RFC 3262 section 3). */
  readonly #mayRefuseExtension: boolean;

  constructor(lab: Lab, phones: readonly PhoneOptions[]) {
    const namesWith = (defect: DefectId): ReadonlySet<string> => new Set(phones.filter(({ defects }) => defects?.includes(defect)).map(({ name }) => name));
    this.hiding = namesWith('T15');
    this.inheriting = namesWith('T16');
    this.#mayRefuseExtension = ['off', 'required'].every((word) => phones.some(({ reliable }) => reliable === word));
    this.#hasDefects = phones.some(({ defects }) => defects !== undefined);
    lab.on('problem', ({ phone, code, text }) => {
      if (isInternal(text)) {this.failures.push(`problem: ${phone} reports ${code}: ${text}`);}
      else if (this.#hasDefects || (this.#mayRefuseExtension && /\b420\b/u.test(text))) {return;}
      else if (code === 'CL2001' || code === 'CL2003' || code === 'CL2004' || /^[a-z]/u.test(code)) {
        this.failures.push(`problem: ${phone} reports ${code}: ${text}`);
      }
    });
  }

  /** A phone is about to crash. */
  crash(lab: Lab, phone: string): void {
    this.hadCrash = true;
    for (const { callId } of lab.phone(phone).calls) this.lostCalls.add(callId);
  }

  verbDone(verb: Verb, outcome: VerbOutcome): void {
    if (outcome.ok) return;
    if (isInternal(outcome.text) || outcome.code === undefined) {
      this.failures.push(`internal error: ${verb.phone} ${verb.verb}: ${outcome.text}`);
    }
    if (this.#mayRefuseExtension && /\b420 /u.test(outcome.text)) return;
    if (!this.#hasDefects && !this.isStopping && /\b(?:400|405|415|420|488|489|501) /u.test(outcome.text)) {
      this.failures.push(`refusal: ${verb.phone} ${verb.verb}: ${outcome.text}`);
    }
  }
}

function isInternal(text: string): boolean {
  return /TypeError|RangeError|ReferenceError|Cannot read|is not a function|is not iterable|has not started|not open/u.test(text);
}

/** Watches verdicts: who says that a transfer worked must be right at that moment. */
export class SuccessWitness {
  readonly failures: string[] = [];
  readonly #lab: Lab;
  readonly #pending = new Set<string>();
  readonly #judged = new Set<string>();
  readonly #hiding: ReadonlySet<string>;

  constructor(lab: Lab, { hiding }: Suspicions) {
    this.#lab = lab;
    this.#hiding = hiding;
    // The trace is read from the beginning on: a verdict is reached when it can be, and not when somebody looks.
    lab.trace.on('transfer', (transfer) => {
      this.#onTransfer(transfer);
    });
  }

  get hasPending(): boolean {
    return this.#pending.size > 0;
  }

  #onTransfer(transfer: Transfer): void {
    if (transfer.verdict === 'pending') {
      this.#pending.add(transfer.id);
      return;
    }
    this.#pending.delete(transfer.id);
    if (this.#judged.has(transfer.id)) return;
    this.#judged.add(transfer.id);
    if (transfer.verdict !== 'success') return;
    if (this.#faults(transfer).length === 0) return;
    // The phone has yet to act on the packet that decided it, which it does before any time passes.
    queueMicrotask(() => {
      for (const fault of this.#faults(transfer)) {
        this.failures.push(`untrue success: ${transfer.id} (${transfer.kind}, "${transfer.reason}"), but ${fault}`);
      }
    });
  }

  #faults({ transferee, target, survivingCall }: Transfer): readonly string[] {
    const faults: string[] = [];
    const callId = survivingCall?.dialog?.callId;
    if (callId === undefined) return ['no call survived'];
    for (const [listener, speaker] of [[transferee, target], [target, transferee]] as const) {
      if (listener.phone === '' || speaker.phone === '') return ['a party is no phone of the lab'];
      const { hears, calls } = this.#lab.phone(listener.phone);
      if (!hears.phones.includes(speaker.phone)) faults.push(`${listener.phone} does not hear ${speaker.phone}`);
      // Behind T15 the phone knows the call by another Call-ID than the trace: some call of it must be up all the same.
      const states = calls.filter((call) => call.callId === callId || this.#hiding.has(listener.phone)).map(({ state }) => state);
      if (!states.some((state) => state === 'connected' || state === 'answering')) {
        faults.push(`the call of ${listener.phone} is ${states.join() || 'not there'}`);
      }
    }
    return faults;
  }
}
