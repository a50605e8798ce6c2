import { CallLabError, describeError } from '../../core';
import { HandingOver, type IaxEndpoint, type TransferOutcome } from '../../iax';
import type { IaxPhone } from './iax-phone';
import { iaxUriOf } from './iax-directory';
import type { IaxPhoneCall } from './iax-phone-call';

/** What the transfers need of their phone and nobody else does. */
export interface IaxTransferHost {
  readonly services: ConstructorParameters<typeof HandingOver>[0];
  /** Something happened that those who wait for this phone may wait for. */
  changed(): void;
  callChanged(call: IaxPhoneCall): void;
}

/** The transfers that one IAX2 phone makes, and those that it is asked to obey. */
export class IaxTransfers {
  readonly #phone: IaxPhone;

  constructor(phone: IaxPhone) {
    this.#phone = phone;
  }

  /** Asks the other side of a call to connect whoever is behind it with a number. */
  handOver(call: IaxPhoneCall, number: string, context: string | undefined): HandingOver {
    const host = this.#phone.transferHost;
    const handing = new HandingOver(host.services, call.iax, number, context);
    handing.on('state', () => {
      host.changed();
    });
    handing.start();
    return handing;
  }

  /** Connects the other parties of two calls natively; resolves when that is decided. With media only, the calls stay here. */
  async connect(call: IaxPhoneCall, other: IaxPhoneCall): Promise<TransferOutcome> {
    const phone = this.#phone;
    const { media = false, attempts } = phone.options.transfer ?? {};
    const native = this.#begin(phone.endpoint, [call, other], { media, ...(attempts !== undefined && { attempts }) });
    // A phone that crashes hears of no outcome any more.
    await phone.until(() => native.outcome !== undefined || !phone.isWorking);
    const outcome = native.outcome ?? { is: 'uncertain', side: undefined, text: `${phone.name} does not work any more` };
    if (outcome.is === 'media') this.#leaveMedia([call, other]);
    return outcome;
  }

  /** TRANSFER: the other party wants us to go on with somebody else (IAX2 reference 6.7). */
  follow(call: IaxPhoneCall, number: string, context: string | undefined): void {
    const { name, options, guests } = this.#phone;
    const decide = (isAllowed: boolean): void => {
      if (isAllowed) this.#call(call, number);
      else call.iax.refuseTransfer();
    };
    const uri = iaxUriOf(call.iax.peer, number);
    const ask = { phone: name, by: call.peer, target: number, targetUri: context === undefined ? uri : `${uri}?${context}`, call: call.id };
    if (options.refer === 'ask') guests.ask(ask, decide);
    else decide(options.refer === undefined || options.refer === 'accept');
  }

  #begin(endpoint: IaxEndpoint, [call, other]: readonly [IaxPhoneCall, IaxPhoneCall], options: { readonly media: boolean; readonly attempts?: number }): ReturnType<IaxEndpoint['connect']> {
    const native = endpoint.connect(call.iax, other.iax, options);
    native.on('finished', () => {
      this.#phone.transferHost.changed();
    });
    return native;
  }

  /** The two parties talk to each other; their signals still pass through here, and so do the calls. */
  #leaveMedia(calls: readonly IaxPhoneCall[]): void {
    for (const call of calls) {
      call.isRelayed = true;
      call.audio?.dispose();
      call.audio = undefined;
      this.#phone.transferHost.callChanged(call);
    }
  }

  /** Calls the number, and leaves the old call when the new one is on its way; who asked cannot be told of a failure later. */
  #call(call: IaxPhoneCall, number: string): void {
    const phone = this.#phone;
    const fail = (error: unknown): void => {
      phone.reportProblem('CL3005', `${phone.name} could not follow the transfer: ${describeError(error)}`);
      if (!call.hasEnded) call.iax.sendText(`cannot call ${number}: ${describeError(error)}`);
    };
    try {
      const callee = phone.find(number);
      if (callee.phone === phone.name) throw new CallLabError('CL3003', `${phone.name} cannot call itself`);
      phone.place(callee).then((next) => {
        next.followed(call);
        phone.turnTo(next);
        call.hangUp();
      }, fail);
    } catch (error) {
      fail(error);
    }
  }
}
