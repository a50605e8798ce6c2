import type { Milliseconds } from '../../core';
import { formatAddress, sameAddress } from '../../net';
import { type CallRecord, otherSide, type Side } from '../call';
import type { Horizon } from '../horizon';
import type { PartyRecord } from '../party';

/** A switch that passes a call on dials at once; a person who is being called and calls somebody does not. */
const atOnce: Milliseconds = 250;
/** So many calls that ring at one address are looked at. */
const mostWaiting = 50;

/**
 * Joins the two calls of a host that passes one on as the other, so that it can be said who talks to whom (IAX2 reference 6.2:
 * the one in the middle). Nothing on the wire says so: it is the call dialled while another has just come in, first of all one
 * for the same number.
 */
export class Bridges {
  /** Calls that have come in at an address and are not answered, by that address. */
  readonly #incoming = new Map<string, CallRecord[]>();

  /** The incoming call that this new one passes on, if any; both then know each other. */
  onNew(call: CallRecord): CallRecord | undefined {
    const from = formatAddress(call.invite.source);
    const waiting = this.#incoming.get(from)?.filter((incoming) => isWaiting(incoming, call.startedAt)) ?? [];
    const number = calledNumber(call);
    const passedOn = waiting.findLast((incoming) => calledNumber(incoming) === number) ?? waiting.at(-1);
    if (passedOn !== undefined) join(passedOn, 'callee', call, 'caller');
    const at = formatAddress(call.invite.destination);
    this.#incoming.set(at, [...(this.#incoming.get(at) ?? []).filter((other) => other.isOpen), call].slice(-mostWaiting));
    return passedOn;
  }

  forget(horizon: Horizon): void {
    for (const [at, calls] of this.#incoming) if (calls.every((call) => !call.isOpen || horizon.isPastCall(call))) this.#incoming.delete(at);
  }

  /** The person at the far end of what is behind this end of a call: that end itself when nothing is behind it. */
  farParty(call: CallRecord, side: Side): PartyRecord {
    const seen = new Set<CallRecord>();
    let [current, end] = [call, side];
    for (let next = current.behind[end]; next !== undefined && !seen.has(next); next = current.behind[end]) {
      seen.add(next);
      end = next.behind.caller === current ? 'callee' : 'caller';
      current = next;
    }
    return current[end];
  }
}

/** Puts two calls of one host behind each other. */
export function join(a: CallRecord, sideOfA: Side, b: CallRecord, sideOfB: Side): void {
  a.behind[sideOfA] = b;
  b.behind[sideOfB] = a;
}

/** Lets a call take the place of another in what is behind one of its ends. */
export function inherit(successor: CallRecord, side: Side, before: CallRecord, sideBefore: Side): void {
  const neighbour = before.behind[sideBefore];
  if (neighbour === undefined) return;
  const end: Side = neighbour.behind.caller === before ? 'caller' : 'callee';
  join(successor, side, neighbour, end);
}

function isWaiting(incoming: CallRecord, now: Milliseconds): boolean {
  if (!incoming.isOpen || incoming.behind.callee !== undefined) return false;
  // The frame that let it in may have been sent several times.
  return now - (incoming.leg?.messages.at(-1)?.at ?? incoming.startedAt) <= atOnce;
}

function calledNumber({ invite }: CallRecord): string {
  return invite.iax?.element('calledNumber') ?? '';
}

/** The side of a call that is at an address. */
export function sideAt(call: CallRecord, address: { readonly host: string; readonly port: number }): Side {
  const { leg } = call;
  if (leg === undefined) return 'caller';
  return sameAddress(leg.caller.address, address) ? 'caller' : otherSide('caller');
}
