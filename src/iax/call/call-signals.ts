import type { Emitter } from '../../core';
import { type Cause, causes, readCause } from '../cause';
import { type CommandName, commands, controlName, type FullFrame, frameTypes } from '../frame';
import { commandOctet, deservesUnsupport, type Leg } from '../leg';
import type { IaxCallEvents } from './call-events';
import type { CallEvent, ProgressReport } from './call-machine';
import type { CallMedia } from './call-media';
import type { CallSetup } from './call-setup';

/** The call as its signals see it. */
export interface SignalUser {
  handle(event: CallEvent, cause?: Cause): void;
  onTransferCommand(frame: FullFrame): void;
  onProblem(text: string, frame: FullFrame): void;
}

/** Reads the frames of a call that came in their turn, and hands each to the part that it concerns. */
export class CallSignals {
  readonly #call: { readonly leg: Leg; readonly isAccepted: boolean };
  readonly #events: Emitter<IaxCallEvents>;
  readonly #media: CallMedia;
  readonly #setup: CallSetup;
  readonly #user: SignalUser;
  /** BUSY or CONGESTION: the cause of a HANGUP that gives none. */
  #announced: Cause = causes.normal;

  constructor(
    call: { readonly leg: Leg; readonly isAccepted: boolean },
    events: Emitter<IaxCallEvents>,
    media: CallMedia,
    setup: CallSetup,
    user: SignalUser,
  ) {
    this.#call = call;
    this.#events = events;
    this.#media = media;
    this.#setup = setup;
    this.#user = user;
  }

  onFrame(frame: FullFrame): void {
    if (frame.type === frameTypes.iax) this.#onCommand(frame);
    else if (frame.type === frameTypes.control) this.#onControl(frame);
    // IAX2 reference 7.1: an unknown type is acknowledged and nothing else; media count after ACCEPT.
    else if (this.#call.isAccepted) this.#media.onFrame(frame);
  }

  /** IAX2 reference 7.1: UNSUPPORT with the command that we do not know, or cannot follow. */
  refuse(command: CommandName | number): void {
    this.#call.leg.command('UNSUPPORT', { iaxUnknown: typeof command === 'number' ? command : commands[command] });
  }

  #onCommand(frame: FullFrame): void {
    switch (frame.command) {
      case 'NEW':
        this.#setup.onNew(frame);
        break;
      case 'AUTHREQ':
        this.#setup.onAuthReq(frame);
        break;
      case 'AUTHREP':
        this.#setup.onAuthRep(frame);
        break;
      case 'ACCEPT':
        this.#setup.onAccept(frame);
        break;
      case 'REJECT':
        this.#user.handle({ is: 'reject' }, readCause(frame, causes.rejected));
        break;
      case 'HANGUP':
        this.#user.handle({ is: 'hangup' }, readCause(frame, this.#announced));
        break;
      case 'QUELCH':
        if (this.#call.isAccepted) this.#media.onQuelch(frame);
        break;
      case 'UNQUELCH':
        if (this.#call.isAccepted) this.#media.onUnquelch();
        break;
      case 'TRANSFER':
        this.#onTransfer(frame);
        break;
      case 'UNSUPPORT':
        this.#onUnsupport(frame);
        break;
      case 'TXREQ':
      case 'TXREADY':
      case 'TXREL':
      case 'TXREJ':
      case 'TXMEDIA':
        this.#user.onTransferCommand(frame);
        break;
      default:
        if (deservesUnsupport(frame)) this.refuse(commandOctet(frame));
    }
  }

  #onControl(frame: FullFrame): void {
    const name = controlName(frame.subclass);
    switch (name) {
      case 'RINGING':
        this.#report('ringing');
        break;
      case 'PROGRESS':
      case 'PROCEEDING':
        this.#report('progress');
        break;
      case 'BUSY':
        this.#announced = causes.busy;
        this.#report('busy');
        break;
      case 'CONGESTION':
        this.#announced = causes.congestion;
        this.#report('congestion');
        break;
      case 'STOP SOUNDS':
        this.#report('stop-sounds');
        break;
      case 'ANSWER':
        this.#user.handle({ is: 'answer' });
        break;
      case 'HOLD':
        if (this.#call.isAccepted) this.#media.onHold(frame);
        break;
      case 'UNHOLD':
        if (this.#call.isAccepted) this.#media.onUnhold();
        break;
      default:
      // IAX2 reference 7.1: every other one, known or not, is acknowledged and passed over.
    }
  }

  #report(report: ProgressReport): void {
    this.#user.handle({ is: 'report', report });
  }

  /** IAX2 reference 6.7: acknowledged in any case; without a number passed over; UNSUPPORT when nobody here can do it. */
  #onTransfer(frame: FullFrame): void {
    const number = frame.element('calledNumber');
    if (number === undefined) {
      this.#user.onProblem('TRANSFER without CALLED NUMBER was passed over', frame);
      return;
    }
    if (this.#call.isAccepted && this.#events.listenerCount('transferAsked') > 0) {
      this.#events.emit('transferAsked', number, frame.element('calledContext'));
    } else {
      this.refuse('TRANSFER');
    }
  }

  #onUnsupport(frame: FullFrame): void {
    const command = frame.element('iaxUnknown');
    if (command === undefined) return;
    if (command >= commands.TXREQ && command <= commands.TXREJ) this.#user.onTransferCommand(frame);
    this.#events.emit('unsupported', command);
  }
}
