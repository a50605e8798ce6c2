import { errorCatalogue } from '../core';
import { type CallInfo, type Hearing, type Lab, type LabProblem, type PhoneInfo, statesOf, type WatchedState, type WatchInfo } from '../lab';
import type { Transfer } from '../trace';

/**
 * What `call-lab serve --json` prints, one object a line. `ready` is the first; the others follow as things happen. An
 * event that would say the same as the one before it about the same thing is not printed.
 */
export type ServeEvent =
  | { readonly event: 'ready'; readonly phones: readonly { readonly name: string; readonly uri: string; readonly transports: readonly string[] }[] }
  /** A phone's view of a call: new, or with a new state. `end` is null as long as it has not ended. */
  | {
      readonly event: 'call';
      /** `alice/1` is the first call of alice. */
      readonly id: string;
      readonly phone: string;
      readonly peer: string;
      readonly peerUri: string;
      readonly callId: string;
      readonly direction: 'incoming' | 'outgoing';
      readonly state: CallInfo['state'];
      /** This phone holds the peer; the peer holds this phone. */
      readonly holding: boolean;
      readonly held: boolean;
      readonly transferredBy: string | null;
      readonly end: { readonly by: 'us' | 'peer' | 'network'; readonly status: number; readonly text: string } | null;
    }
  | {
      readonly event: 'transfer';
      readonly id: string;
      readonly kind: Transfer['kind'];
      readonly transferor: string;
      readonly transferee: string;
      readonly target: string;
      readonly verdict: Transfer['verdict'];
      readonly reason: string;
      readonly progress: readonly { readonly status: number; readonly reason: string }[];
    }
  /** Whom a phone hears now, by name; `hold`: it hears a hold tone. */
  | { readonly event: 'hears'; readonly phone: string; readonly hears: readonly string[]; readonly hold: boolean }
  /** What a phone sees of somebody whom it watches; `sees` is empty while nothing is known. */
  | {
      readonly event: 'watch';
      readonly phone: string;
      readonly target: string;
      readonly state: WatchInfo['phase'];
      readonly sees: readonly WatchedState[];
      readonly calls: readonly { readonly peer: string; readonly phase: string; readonly canPickUp: boolean }[];
    }
  /** A key pressed at the other end has arrived. */
  | { readonly event: 'digit'; readonly phone: string; readonly digit: string }
  /** `phone`: where it happened; `line`: the line of input that is no verb. */
  | { readonly event: 'error'; readonly code: string; readonly text: string; readonly remedy: string; readonly phone?: string; readonly line?: string }
  /** The answer to a line of input: `verb` is the line as it was read. */
  | { readonly event: 'outcome'; readonly verb: string; readonly ok: boolean; readonly text: string; readonly code?: string };

/** Passes on what happens in the lab, until the lab is gone. */
export function watchLab(lab: Lab, print: (event: ServeEvent) => void): void {
  const said = new Map<string, string>();
  const printNews = (key: string, event: ServeEvent): void => {
    const text = JSON.stringify(event);
    if (said.get(key) === text) return;
    said.set(key, text);
    print(event);
  };
  lab.on('call', (call) => {
    printNews(`call ${call.id}`, callEvent(call));
    if (call.end !== undefined) said.delete(`call ${call.id}`);
  });
  lab.on('hears', (phone, hearing) => {
    printNews(`hears ${phone}`, hearsEvent(phone, hearing));
  });
  // Asking for the trace makes the lab watch for transfers.
  lab.trace.on('transfer', (transfer) => {
    printNews(`transfer ${transfer.id}`, transferEvent(transfer));
  });
  lab.trace.on('forgotten', () => {
    for (const key of said.keys()) {
      const id = /^transfer (?<id>x\d+)$/u.exec(key)?.groups?.['id'];
      if (id !== undefined && lab.trace.transfer(id) === undefined) said.delete(key);
    }
  });
  lab.on('watch', (phone, info) => {
    printNews(`watch ${phone} ${info.target}`, watchEvent(phone, info));
  });
  lab.on('digit', (phone, digit) => {
    print({ event: 'digit', phone, digit });
  });
  lab.on('problem', (problem) => {
    print(problemEvent(problem));
  });
}

export function readyEvent(phones: readonly PhoneInfo[]): ServeEvent {
  return { event: 'ready', phones: phones.map(({ name, uri, transports }) => ({ name, uri, transports })) };
}

function problemEvent({ phone, code, text }: Pick<LabProblem, 'phone' | 'code' | 'text'>): ServeEvent {
  return { event: 'error', code, text: text.replace(`${code}: `, ''), remedy: remedyOf(code), ...(phone === '' ? {} : { phone }) };
}

export function remedyOf(code: string): string {
  return code in errorCatalogue ? errorCatalogue[code as keyof typeof errorCatalogue].remedy : '';
}

function callEvent({ id, phone, peer, peerUri, callId, direction, state, holding, held, transferredBy, end }: CallInfo): ServeEvent {
  const how = { id, phone, peer, peerUri, callId, direction, state, holding, held };
  return { event: 'call', ...how, transferredBy: transferredBy ?? null, end: end ?? null };
}

function hearsEvent(phone: string, { phones, hold }: Hearing): ServeEvent {
  return { event: 'hears', phone, hears: phones, hold };
}

function watchEvent(phone: string, info: WatchInfo): ServeEvent {
  const calls = info.calls.map(({ peer, phase, canPickUp }) => ({ peer, phase, canPickUp }));
  return { event: 'watch', phone, target: info.target, state: info.phase, sees: statesOf(info), calls };
}

function transferEvent({ id, kind, transferor, transferee, target, verdict, reason, progress }: Transfer): ServeEvent {
  return {
    event: 'transfer',
    id,
    kind,
    transferor: transferor.name,
    transferee: transferee.name,
    target: target.name,
    verdict,
    reason,
    progress: progress.map((news) => ({ status: news.status, reason: news.reason })),
  };
}
