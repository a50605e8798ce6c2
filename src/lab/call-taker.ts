import { describeError, type Milliseconds } from '../core';
import type { MediaNegotiation } from '../sip';
import type { SipCall } from './sip-call';
import type { Directory } from './directory';
import { reactTo } from './habits';
import type { MediaPort, MediaPorts } from './media-ports';
import type { PhoneOptions } from './phone-options';

/** What taking calls needs of the phone. */
export interface CallTakerTools {
  readonly options: PhoneOptions;
  readonly directory: Directory;
  readonly ports: MediaPorts;
  negotiate(port: MediaPort): MediaNegotiation;
  after(delay: Milliseconds, then: () => void): void;
  /** The person speaks into this call from now on. */
  turnTo(call: SipCall): void;
  reportProblem(code: string, text: string): void;
}

/** The calls that come to a phone, until they are answered: its habits, early media, and the media port of the answer. */
export class CallTaker {
  readonly #tools: CallTakerTools;
  /** Calls whose early media is being prepared. */
  readonly #early = new WeakMap<SipCall, Promise<void>>();

  constructor(tools: CallTakerTools) {
    this.#tools = tools;
  }

  /** A call came in: does what the phone does when nobody touches it. */
  take(call: SipCall): void {
    const { options, directory } = this.#tools;
    const { session } = call;
    // RFC 3891 3: the person is in the replaced call already, so nothing rings.
    if (session.replaces !== undefined) {
      this.#acceptLater(call);
      return;
    }
    reactTo(session, options, {
      directory,
      ring: () => {
        if (options.earlyMedia === true) this.#early.set(call, this.#playEarly(call));
        else session.ring();
      },
      after: (delay, then) => {
        this.#tools.after(delay, then);
      },
      accept: () => {
        this.#acceptLater(call);
      },
      reportProblem: (code, text) => {
        this.#tools.reportProblem(code, text);
      },
    });
  }

  /** Answers; the call is up when the ACK comes. Throws what the network or the session description gives as a reason. */
  async accept(call: SipCall): Promise<void> {
    await this.#early.get(call);
    const early = call.session.negotiation;
    if (call.state === 'incoming' && call.port !== undefined && early !== undefined) {
      this.#tools.turnTo(call);
      call.session.accept(early);
      return;
    }
    const port = await this.#tools.ports.take();
    if (call.state !== 'incoming' || call.port !== undefined) {
      this.#tools.ports.giveBack(port); // the caller gave up meanwhile, or somebody else answered
      return;
    }
    call.port = port;
    this.#tools.turnTo(call);
    call.session.accept(this.#tools.negotiate(port));
  }

  /** 183 with a session description: the caller hears the phone while it rings. */
  async #playEarly(call: SipCall): Promise<void> {
    const { ports, options } = this.#tools;
    try {
      const port = await ports.take();
      call.port = port;
      if (call.state === 'incoming') call.session.progress(this.#tools.negotiate(port));
      // The caller gave up, or its INVITE lets nothing be described before the answer.
      if (call.port === port && (call.hasEnded || call.session.negotiation === undefined)) {
        call.port = undefined;
        ports.giveBack(port);
      }
    } catch (error) {
      this.#tools.reportProblem('CL3004', `${options.name} could not be heard while it rings: ${describeError(error)}`);
      call.session.ring();
    }
  }

  /** Answers by itself; a reason against it refuses the call. */
  #acceptLater(call: SipCall): void {
    this.accept(call).catch((error: unknown) => {
      this.#tools.reportProblem('CL3004', `${this.#tools.options.name} could not answer: ${describeError(error)}`);
      if (call.state === 'incoming') call.session.reject(500);
    });
  }
}
