import type { CommandName } from '../../../iax';
import { otherSide } from '../../call';
import type { LegTable, PlacedFrame } from '../../iax';
import type { LintContext } from '../lint';
import { elementPlace, type IaxLint, kindPlace, personAt } from './lint';

const keepsAlive: ReadonlySet<CommandName | undefined> = new Set<CommandName>(['PING', 'LAGRQ']);

/** What the one in the middle of a native transfer does too early, too late, twice or not at all. */
export class TransferOrderLint implements IaxLint {
  readonly #context: LintContext;
  readonly #legs: LegTable;

  constructor(context: LintContext, legs: LegTable) {
    this.#context = context;
    this.#legs = legs;
  }

  onFrame(placed: PlacedFrame): void {
    const { frame } = placed;
    if (frame.command === 'TXREQ') this.#onRequest(placed);
    else if (frame.command === 'TXREL' || frame.command === 'TXMEDIA') this.#onRelease(placed);
    else if (frame.command === 'HANGUP' || keepsAlive.has(frame.command)) this.#afterRelease(placed);
  }

  #onRequest(placed: PlacedFrame): void {
    const { record, frame, leg, side } = placed;
    const end = personAt(leg, otherSide(side));
    const address = frame.element('apparentAddress');
    const number = frame.element('callNumber');
    if (address === undefined || number === undefined) {
      const lacking = address === undefined ? 'the address' : 'the call number';
      this.#context.report({ id: 'iax-txreq-incomplete', clause: `${end} is asked to connect to somebody and not told ${lacking}`, message: record, range: kindPlace });
      return;
    }
    if (leg.call !== undefined && leg.accepted === undefined) {
      this.#context.report({ id: 'iax-txreq-too-early', clause: `${end} is asked to connect to somebody else before the call is accepted`, message: record, range: kindPlace, related: [leg.call.invite] });
    }
    const before = leg[side].before.get('TXREQ');
    const refusal = newer(leg[side].newest.get('TXREJ'), leg[otherSide(side)].newest.get('TXREJ'));
    if (before !== undefined && before.index > (refusal?.index ?? -1) && before.iax?.element('callNumber') === number) {
      this.#context.report({
        id: 'iax-txreq-repeated',
        clause: `${personAt(leg, side)} asks ${end} once more to connect to the same one while that is being done`,
        message: record,
        range: elementPlace(record, 'transferId'),
        related: [before],
      });
    }
    this.#checkAddress(placed, number);
  }

  /** The number belongs to a leg of the one in the middle whose other end is somewhere else. */
  #checkAddress({ record, frame, leg, side }: PlacedFrame, number: number): void {
    const address = frame.element('apparentAddress');
    if (address === undefined || this.#legs.find(address, number, record.source) !== undefined) return;
    const meant = this.#legs.withFarNumber(record.source, number);
    const far = meant === undefined ? undefined : meant[meant.farFrom(record.source)].address;
    if (meant === undefined || far === undefined) return;
    this.#context.report({
      id: 'iax-apparent-address',
      clause: `${personAt(leg, otherSide(side))} is sent to ${address.host}:${address.port}, but ${personAt(meant, meant.farFrom(record.source))} speaks from ${far.host}:${far.port}`,
      message: record,
      range: elementPlace(record, 'apparentAddress'),
    });
  }

  #onRelease({ record, frame, leg, side }: PlacedFrame): void {
    const own = leg[side];
    const end = leg[otherSide(side)];
    const request = own.newest.get('TXREQ');
    const ready = end.newest.get('TXREADY');
    const refusal = newer(own.newest.get('TXREJ'), end.newest.get('TXREJ'));
    const title = frame.command ?? '';
    const name = personAt(leg, otherSide(side));
    const lacking =
      request === undefined
        ? 'was never asked to connect to anybody'
        : ready === undefined
          ? 'has not said that it is ready'
          : refusal !== undefined && refusal.index > ready.index
            ? 'is told so after the transfer was given up'
            : undefined;
    if (lacking !== undefined) {
      this.#context.report({ id: 'iax-txrel-out-of-state', clause: `${name} is let go (${title}) and ${lacking}`, message: record, range: kindPlace, related: [request, refusal] });
    } else if (request?.iax?.element('callNumber') !== frame.element('callNumber')) {
      this.#context.report({
        id: 'iax-txrel-out-of-state',
        clause: `${name} is let go (${title}) to another call number than it was asked to connect to`,
        message: record,
        range: elementPlace(record, 'callNumber'),
        related: [request],
      });
    }
    if (title === 'TXREL' && own.asksForSilence) {
      this.#context.report({
        id: 'iax-no-unquelch',
        clause: `${personAt(leg, side)} lets ${name} go without taking it off hold (UNQUELCH)`,
        message: record,
        range: kindPlace,
        related: [own.heldWith],
      });
    }
  }

  #afterRelease({ record, frame, leg, side }: PlacedFrame): void {
    const { released } = leg;
    if (released === undefined || released === record || released.side !== side) return;
    const isHangUp = frame.command === 'HANGUP';
    this.#context.report({
      id: isHangUp ? 'iax-hangup-after-txrel' : 'iax-ping-after-txrel',
      clause: `${personAt(leg, side)} sends ${frame.title} to ${personAt(leg, otherSide(side))}, whom it has let go`,
      message: record,
      range: kindPlace,
      related: [released],
    });
  }
}

function newer<Message extends { readonly index: number }>(a: Message | undefined, b: Message | undefined): Message | undefined {
  return (a?.index ?? -1) > (b?.index ?? -1) ? a : b;
}
