import type { ByteRange, Emitter } from '../core';
import type { AgentProblem } from '../sip';
import type { Journal } from '../trace';
import type { LabEvents } from './lab-events';
import type { PhoneSurroundings } from './surroundings';
import { ProblemLimiter } from './problem-limiter';

interface Problem {
  readonly code: string;
  readonly text: string;
  readonly packet?: number;
  readonly range?: ByteRange;
}

/** Where the problems of one phone are told: to the journal, and to whoever listens to the lab. */
export class ProblemDesk {
  readonly #phone: string;
  readonly #journal: Journal;
  readonly #events: Emitter<LabEvents>;
  readonly #limiter: ProblemLimiter;

  constructor(phone: string, around: Pick<PhoneSurroundings, 'clock' | 'journal' | 'events'> & Partial<Pick<PhoneSurroundings, 'floodLimits'>>) {
    this.#phone = phone;
    this.#journal = around.journal;
    this.#events = around.events;
    this.#limiter = new ProblemLimiter(around.clock, around.floodLimits?.problemsOfAKind);
  }

  report(problem: Problem): void {
    const { code } = problem;
    const { isAdmitted, notice } = this.#limiter.admit(code);
    if (notice !== undefined) this.#tell({ code, text: notice });
    if (isAdmitted) this.#tell(problem);
  }

  /** A problem of the user agent's; without a message it is about the packet received last. */
  reportOfAgent({ code, text, message, range }: AgentProblem, received: number): void {
    const packet = message === undefined ? received : this.#packetOf(message.bytes);
    this.report(packet === undefined ? { code, text } : { code, text, packet, range });
  }

  /** Tells how many were not reported one by one. */
  close(): void {
    for (const [code, text] of this.#limiter.drain()) this.#tell({ code, text });
  }

  /** The journal's number of the packet that brought these octets; it is one of the newest, nearly always. */
  #packetOf(bytes: Uint8Array): number | undefined {
    return this.#journal.entries.findLast((entry) => entry.kind === 'packet' && entry.bytes === bytes)?.seq;
  }

  #tell(problem: Problem): void {
    this.#journal.append({ kind: 'problem', owner: this.#phone, ...problem });
    this.#events.emit('problem', { phone: this.#phone, ...problem });
  }
}
