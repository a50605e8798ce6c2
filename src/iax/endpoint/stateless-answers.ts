import type { IaxAddress } from '../address';
import { type Cause, causeElements } from '../cause';
import { buildCommand, type CommandName, type ElementValues, type FullFrame } from '../frame';
import { deservesInval } from '../leg';
import type { IaxServices } from '../services';
import type { CallTokens } from './call-token';
import { SourceLimiter } from './source-limiter';

/** The number of replies that are sent without a call (IAX2 reference 4.1). */
const withoutCall = 1;

/** INVALs a second and source (IAX2 reference 7.1). */
const invals = 10;

/** Octets of a CALLTOKEN without its token. */
const tokenHeader = 14;

/**
 * Answers to whom nothing is known of, and for whom nothing is kept: CALLTOKEN, PONG, REJECT, INVAL. None is longer than what
 * provoked it, as long as its source may be forged (IAX2 reference 7.2).
 */
export class StatelessAnswers {
  readonly #services: IaxServices;
  readonly #invals: SourceLimiter;
  readonly #replies: SourceLimiter;

  /** `replies`: of all but INVAL so many a second and host. */
  constructor(services: IaxServices, replies: number) {
    this.#services = services;
    this.#invals = new SourceLimiter(services.clock, invals);
    this.#replies = new SourceLimiter(services.clock, replies);
  }

  /** IAX2 reference 7.1: INVAL for a frame of a call that we do not know. */
  invalidate(source: IaxAddress, frame: FullFrame): void {
    if (!deservesInval(frame) || !this.#invals.take(source.host)) return;
    const numbers = { timestamp: 0, outgoingSequence: 0, incomingSequence: 0 };
    const header = { sourceCall: frame.destinationCall, destinationCall: frame.sourceCall, ...numbers };
    this.#services.transmit(source, buildCommand(header, 'INVAL').bytes);
  }

  /** IAX2 reference 4.2: POKE is answered with PONG at once. */
  pong(source: IaxAddress, frame: FullFrame): void {
    this.#reply(source, frame, 'PONG');
  }

  /** IAX2 reference 4.3 step 2. */
  giveToken(source: IaxAddress, frame: FullFrame, tokens: CallTokens): void {
    const callToken = tokens.issue(source, frame.bytes.length - tokenHeader);
    if (callToken !== undefined) this.#reply(source, frame, 'CALLTOKEN', { callToken });
  }

  /** IAX2 reference 4.3: a bare REJECT or REGREJ without a call. */
  refuse(source: IaxAddress, frame: FullFrame): void {
    this.#reply(source, frame, refusalOf(frame));
  }

  /** The same with its cause, for a source that has proved its address, or is trusted without: its words may be long. */
  explain(source: IaxAddress, frame: FullFrame, cause: Cause): void {
    this.#reply(source, frame, refusalOf(frame), causeElements(cause));
  }

  /** IAX2 reference 4.3: source call 1, the time of the request, its number confirmed. */
  #reply(source: IaxAddress, frame: FullFrame, command: CommandName, elements: ElementValues = {}): void {
    if (!this.#replies.take(source.host)) return;
    const header = {
      sourceCall: withoutCall,
      destinationCall: frame.sourceCall,
      timestamp: frame.timestamp,
      outgoingSequence: 0,
      incomingSequence: (frame.incomingSequence + 1) % 0x100,
    };
    this.#services.transmit(source, buildCommand(header, command, elements).bytes);
  }
}

function refusalOf(frame: FullFrame): CommandName {
  return frame.command === 'NEW' ? 'REJECT' : 'REGREJ';
}
