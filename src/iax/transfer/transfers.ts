import { CallLabError } from '../../core';
import { addressText, type IaxAddress } from '../address';
import type { IaxCall } from '../call';
import { commands, type FullFrame } from '../frame';
import type { IaxServices } from '../services';
import { NativeTransfer, type NativeTransferOptions } from './native-transfer';
import { defaultConsent, type TransferConsent, type TransferTarget } from './policy';
import { TransferEnd } from './transfer-end';

/** What the transfers of an endpoint need of it. */
export interface TransfersHost extends IaxServices {
  readonly local: IaxAddress;
  /** Nothing may leave this machine. */
  readonly loopbackOnly: boolean;
  /** What the person wants done with a TXREQ of `peer`; undefined where nothing was said. */
  consentOf(peer: IaxAddress): TransferConsent | undefined;
  /** Whether a leg of ours talks to that address and number already. */
  isTaken(target: TransferTarget): boolean;
  /** A person is to decide on a TXREQ. */
  ask(call: IaxCall, target: TransferTarget, decide: (isAllowed: boolean) => void): void;
  onProblem(text: string, source: IaxAddress, frame?: FullFrame): void;
}

/** All native transfers of one endpoint: those that it begins, and those that are asked of it. */
export class Transfers {
  readonly #host: TransfersHost;
  readonly #ends = new Map<IaxCall, TransferEnd>();
  readonly #middles = new Map<IaxCall, NativeTransfer>();
  /** Calls whose media come straight from the other end, by its address and number. */
  readonly #straight = new Map<string, IaxCall>();

  constructor(host: TransfersHost) {
    this.#host = host;
  }

  /** Native transfers that we began, and that are not over. */
  get running(): readonly NativeTransfer[] {
    return [...new Set(this.#middles.values())];
  }

  /** Connects our two calls with each other and leaves. Throws a CallLabError where that cannot even be tried. */
  connect(a: IaxCall, b: IaxCall, options: NativeTransferOptions = {}): NativeTransfer {
    const obstacle = a === b ? 'A call cannot be connected with itself.' : (this.#obstacle(a) ?? this.#obstacle(b) ?? obstacleBetween(a, b));
    if (obstacle !== undefined) throw new CallLabError('CL3003', obstacle);
    const { clock, random, observer } = this.#host;
    const transfer = new NativeTransfer(
      {
        clock,
        random,
        observer,
        transmit: (destination, bytes) => {
          this.#host.transmit(destination, bytes);
        },
        onOver: (over) => {
          for (const call of [over.calls.a, over.calls.b]) if (this.#middles.get(call) === over) this.#middles.delete(call);
        },
      },
      a,
      b,
      options,
    );
    this.#middles.set(a, transfer).set(b, transfer);
    transfer.start();
    return transfer;
  }

  /** A frame of transfer that came in its turn: TXREQ, TXREADY, TXREL, TXREJ, TXMEDIA, or UNSUPPORT. */
  onCommand(call: IaxCall, frame: FullFrame): void {
    const middle = this.#middles.get(call);
    switch (frame.command) {
      case 'TXREADY':
      case 'UNSUPPORT':
        middle?.receive(sideOf(middle, call), frame);
        return;
      case 'TXREJ':
        middle?.receive(sideOf(middle, call), frame);
        this.#ends.get(call)?.receive(frame);
        return;
      case 'TXREQ':
        // IAX2 reference 6.1: as Yate, which knows no transfers; the call goes on.
        if (this.#host.consentOf(call.leg.path.address) === 'unknown') call.leg.command('UNSUPPORT', { iaxUnknown: commands.TXREQ });
        else if (middle === undefined) this.#endOf(call).receive(frame);
        else this.#refuse(call, frame);
        return;
      default:
        // IAX2 reference 7.1: TXREL and TXMEDIA out of state are acknowledged and passed over.
        this.#ends.get(call)?.receive(frame);
    }
  }

  /** A full frame for the number of `call` that is not from its peer. Returns whether it is of a transfer. */
  onOutsideFrame(call: IaxCall, source: IaxAddress, frame: FullFrame): boolean {
    if (!this.#ends.has(call) && !(frame.command === 'TXCNT' && call.isAccepted)) return false;
    return this.#endOf(call).receiveOutside(source, frame);
  }

  /** The call whose media come straight from there after a media-only transfer. */
  callOfMedia(source: IaxAddress, number: number): IaxCall | undefined {
    return this.#straight.get(keyOf(source, number));
  }

  onAllAcknowledged(call: IaxCall): void {
    this.#middles.get(call)?.onAllAcknowledged();
  }

  /** The call is over, whoever ended it. */
  onEnded(call: IaxCall): void {
    this.#ends.get(call)?.end();
    this.#ends.delete(call);
    const middle = this.#middles.get(call);
    middle?.onEnded(sideOf(middle, call));
  }

  /** Drops everything at once: nothing is sent, no timer stays. */
  dispose(): void {
    for (const transfer of this.running) transfer.abandon();
    for (const end of this.#ends.values()) end.end();
    this.#middles.clear();
    this.#ends.clear();
  }

  #endOf(call: IaxCall): TransferEnd {
    let end = this.#ends.get(call);
    if (end === undefined) this.#ends.set(call, (end = this.#createEnd(call)));
    return end;
  }

  #createEnd(call: IaxCall): TransferEnd {
    const host = this.#host;
    return new TransferEnd(
      {
        clock: host.clock,
        random: host.random,
        observer: host.observer,
        transmit: (destination, bytes) => {
          host.transmit(destination, bytes);
        },
        local: host.local,
        loopbackOnly: host.loopbackOnly,
        consentOf: (peer) => host.consentOf(peer) ?? defaultConsent(peer),
        isTaken: (target) => host.isTaken(target),
        ask: (target, decide) => {
          host.ask(call, target, decide);
        },
        onRefused: (rule, frame) => {
          host.onProblem(`TXREQ was refused: ${rule}`, call.leg.path.address, frame);
        },
        onMediaPath: ({ address, callNumber }, isStraight) => {
          if (isStraight) this.#straight.set(keyOf(address, callNumber), call);
          else this.#straight.delete(keyOf(address, callNumber));
        },
      },
      call,
    );
  }

  /** IAX2 reference 7.3: one attempt per leg; this one we began ourselves. */
  #refuse(call: IaxCall, frame: FullFrame): void {
    const transferId = frame.element('transferId');
    call.leg.command('TXREJ', transferId === undefined ? {} : { transferId });
    this.#host.onProblem('TXREQ was refused: IAX2 reference 7.3: we are about to transfer this call ourselves', call.leg.path.address, frame);
  }

  #obstacle(call: IaxCall): string | undefined {
    if (call.state === 'ended') return `${call.id} is over.`;
    // IAX2 reference 6.4: both legs up.
    if (!call.isAccepted) return `${call.id} is not up yet.`;
    const { address } = call.leg.path;
    // IAX2 reference 2.5: APPARENT ADDR has room for IPv4 only.
    if (address.host.includes(':')) return `${call.id} is with ${addressText(address)}: IAX2 cannot name that to the other end.`;
    if (this.#middles.has(call)) return `${call.id} is being transferred already.`;
    const state = this.#ends.get(call)?.state ?? 'none';
    return state === 'none' ? undefined : `${call.id} is being transferred by the other side.`;
  }
}

/** IAX2 reference 6.4: same codec on both. */
function obstacleBetween(a: IaxCall, b: IaxCall): string | undefined {
  if (a.codec === b.codec) return undefined;
  return `${a.id} uses ${a.codec ?? 'no codec'} and ${b.id} ${b.codec ?? 'no codec'}: the two ends would not understand each other.`;
}

function sideOf(transfer: NativeTransfer, call: IaxCall): 'a' | 'b' {
  return transfer.calls.a === call ? 'a' : 'b';
}

function keyOf(address: IaxAddress, number: number): string {
  return `${addressText(address)} ${String(number)}`;
}
