import { type CallInfo, type Hearing, type Lab, type PhoneInfo, statesOf, type WatchInfo } from '../lab';
import type { Transfer } from '../trace';
import { callMatches, type Condition } from './condition';

/** Whether the condition holds now; `never` when it cannot come true any more. */
export function judgeCondition(condition: Condition, lab: Lab): 'yes' | 'no' | 'never' {
  switch (condition.kind) {
    case 'call':
      return yes(lab.phone(condition.phone).calls.some((call) => callMatches(condition, call)));
    case 'idle':
      return yes(liveCalls(lab, condition.phone).length === 0);
    case 'registration': {
      const state = lab.phone(condition.phone).registration?.state ?? 'unregistered';
      const isRegistered = state === 'registered' || state === 'refreshing';
      return yes(condition.is === 'registered' ? isRegistered : state === 'unregistered' || state === 'failed');
    }
    case 'hears':
      return yes(hearsExactly(lab.phone(condition.phone).hears, condition));
    case 'digits':
      return yes(lab.phone(condition.phone).digits.includes(condition.digits));
    case 'sees': {
      const info = watchOf(lab, condition.phone, condition.target);
      return yes(info !== undefined && statesOf(info).includes(condition.state));
    }
    case 'asked':
      return yes(lab.phone(condition.phone).asks.some(({ by }) => (condition.by ?? by) === by));
    case 'transfer': {
      const verdict = newestTransfer(lab)?.verdict;
      // A verdict once reached does not change; but where frames were lost a native transfer may be tried again.
      const isFinal = verdict === 'success' || (verdict === 'failed' && !isNative(newestTransfer(lab)));
      if (verdict !== condition.verdict && isFinal) return 'never';
      return yes(verdict === condition.verdict);
    }
  }
}

/** How things stand with what the condition is about, as a clause. */
export function describeFact(condition: Condition, lab: Lab): string {
  switch (condition.kind) {
    case 'call':
    case 'idle':
      return describeCalls(condition.phone, lab.phone(condition.phone).calls);
    case 'registration':
      return describeRegistration(lab.phone(condition.phone));
    case 'hears':
      return describeHearing(condition.phone, lab.phone(condition.phone).hears);
    case 'digits':
      return `${condition.phone} got "${lab.phone(condition.phone).digits}"`;
    case 'sees':
      return describeWatch(condition.phone, condition.target, watchOf(lab, condition.phone, condition.target));
    case 'asked': {
      const who = lab.phone(condition.phone).asks.map(({ by }) => by);
      return `${who.length === 0 ? 'nobody asks' : `${who.join(', ')} asks`} to transfer ${condition.phone}`;
    }
    case 'transfer': {
      const transfer = newestTransfer(lab);
      return transfer === undefined ? 'nothing was transferred' : `its verdict is ${transfer.verdict}: ${transfer.reason.replace(/\.$/u, '')}`;
    }
  }
}

export function liveCalls(lab: Lab, phone: string): readonly CallInfo[] {
  return lab.phone(phone).calls.filter((call) => call.state !== 'ended');
}

export function hearsExactly(hears: Hearing, { phones, hold }: Pick<Hearing, 'phones' | 'hold'>): boolean {
  return hears.hold === hold && hears.phones.length === phones.length && hears.phones.every((phone, index) => phone === phones[index]);
}

/** `alice hears bob and a hold tone`. */
export function describeHearing(phone: string, { phones, hold }: Hearing): string {
  const heard = [...phones, ...(hold ? ['a hold tone'] : [])];
  return `${phone} hears ${heard.length === 0 ? 'nobody' : heard.join(' and ')}`;
}

/** `alice has no call`, `alice has the calls: connected to bob, held`. */
export function describeCalls(phone: string, calls: readonly CallInfo[]): string {
  return calls.length === 0 ? `${phone} has no call` : `${phone} has: ${calls.map(describeCall).join('; ')}`;
}

function describeRegistration({ name, registration }: PhoneInfo): string {
  if (registration === undefined) return `${name} has no registrar`;
  const { state, registrar, problem } = registration;
  return `${name} is ${state} at ${registrar}${problem === undefined ? '' : ` (${problem})`}`;
}

function describeCall({ state, peer, holding, held, end }: CallInfo): string {
  const status = end === undefined ? '' : ` ${end.status} (${end.text})`;
  return `${state} with ${peer}${status}${holding ? ', holding' : ''}${held ? ', held' : ''}`;
}

function watchOf(lab: Lab, phone: string, target: string): WatchInfo | undefined {
  return lab.phone(phone).watches.find((watch) => watch.target === target);
}

/** `charlie sees bob ringing`, `charlie does not see bob (waiting: 503 ...)`. */
function describeWatch(phone: string, target: string, info: WatchInfo | undefined): string {
  if (info === undefined) return `${phone} does not watch ${target}`;
  const states = statesOf(info);
  return states.length === 0 ? `${phone} does not see ${target} (${info.phase}: ${info.why})` : `${phone} sees ${target} ${states.join(' and ')}`;
}

/** The transfers, with those of which a failed attempt was followed by another one counted once: by the last attempt. */
export function distinctTransfers(lab: Lab): readonly Transfer[] {
  const all = lab.trace.transfers;
  return all.filter((transfer, index) => !(isNative(transfer) && transfer.verdict === 'failed' && all.slice(index + 1).some((later) => isSameNative(transfer, later))));
}

function isNative(transfer: Transfer | undefined): boolean {
  return transfer?.kind === 'native' || transfer?.kind === 'native-media';
}

function isSameNative(a: Transfer, b: Transfer): boolean {
  return isNative(b) && a.transferor.name === b.transferor.name && a.transferee.name === b.transferee.name && a.target.name === b.target.name;
}

function newestTransfer(lab: Lab): Transfer | undefined {
  return lab.trace.transfers.at(-1);
}

function yes(holds: boolean): 'yes' | 'no' {
  return holds ? 'yes' : 'no';
}
