import type { TransferKind } from '../../trace';
import type { MachineParties, MachineState, MachineTransition, TransferEvent, TransferMachine } from './machine';

type Row = readonly [from: string, on: TransferEvent, to: string];

function transitions(...rows: readonly Row[]): readonly MachineTransition[] {
  return rows.map(([from, on, to]) => ({ from, on, to }));
}

function state(id: string, title: (parties: MachineParties) => string): MachineState {
  return { id, title };
}

const talking = state('talking', ({ transferor, transferee }) => `${transferor} and ${transferee} talk`);
const held = state('held', ({ transferee }) => `${transferee} is on hold`);
const asked = state('asked', ({ transferor, transferee }) => `${transferor} asks ${transferee} to call`);
const refused = state('refused', ({ transferee }) => `${transferee} refuses`);
const agreed = state('agreed', ({ transferee }) => `${transferee} agrees`);
const calling = state('calling', ({ transferee, target }) => `${transferee} calls ${target}`);
const ringing = state('ringing', ({ target }) => `${target} rings`);
const connected = state('connected', ({ transferee, target }) => `${transferee} and ${target} are connected`);
const missed = state('missed', ({ target }) => `The call to ${target} fails`);
const told = state('told', ({ transferor }) => `${transferor} knows that it worked`);
const toldFailure = state('told_failure', ({ transferor }) => `${transferor} knows that it failed`);
const back = state('back', ({ transferor, transferee }) => `${transferor} takes ${transferee} back`);
const gone = state('gone', ({ transferor, transferee }) => `The call of ${transferor} and ${transferee} ends`);

/** From the REFER on, attended or not: RFC 3515 section 2.4, RFC 5589 sections 6 and 7. */
const byRefer: readonly Row[] = [
  ['asked', 'accepted', 'agreed'],
  ['asked', 'refused', 'refused'],
  // The INVITE may overtake the 202 (RFC 3515 section 2.4.4).
  ['asked', 'call', 'calling'],
  ['agreed', 'call', 'calling'],
  ['calling', 'rings', 'ringing'],
  ['calling', 'answered', 'connected'],
  ['ringing', 'answered', 'connected'],
  ['calling', 'fails', 'missed'],
  ['ringing', 'fails', 'missed'],
  // Where the new call is out of sight, behind a B2BUA, its news is all there is.
  ['agreed', 'told-success', 'told'],
  ['agreed', 'told-failure', 'told_failure'],
  ['connected', 'told-success', 'told'],
  ['connected', 'first-ends', 'gone'],
  ['told', 'first-ends', 'gone'],
  ['missed', 'told-failure', 'told_failure'],
  ['missed', 'first-ends', 'gone'],
  ['told_failure', 'resume', 'back'],
  ['told_failure', 'first-ends', 'gone'],
  ['refused', 'resume', 'back'],
  ['refused', 'first-ends', 'gone'],
];
const afterRefer = [asked, refused, agreed, calling, ringing, connected, missed, told, toldFailure, back, gone];

/** RFC 5589 section 6. */
const blind: TransferMachine = {
  states: [talking, held, ...afterRefer],
  transitions: transitions(['talking', 'hold', 'held'], ['held', 'resume', 'talking'], ['talking', 'asked', 'asked'], ['held', 'asked', 'asked'], ...byRefer),
};

const consulting = state('consulting', ({ transferor, target }) => `${transferor} calls ${target}`);
const consultRings = state('consult_rings', ({ transferor, target }) => `${target} rings for ${transferor}`);
const consulted = state('consulted', ({ transferor, target }) => `${transferor} talks to ${target}`);

const consultation: readonly Row[] = [
  ['talking', 'hold', 'held'],
  ['held', 'resume', 'talking'],
  ['held', 'consult', 'consulting'],
  // Some do not hold the first call before they place another.
  ['talking', 'consult', 'consulting'],
  ['consulting', 'consult-rings', 'consult_rings'],
  ['consulting', 'consult-answered', 'consulted'],
  ['consult_rings', 'consult-answered', 'consulted'],
  ['consult_rings', 'consult-fails', 'held'],
  ['consulted', 'asked', 'asked'],
];

/** RFC 5589 section 7. */
const attended: TransferMachine = {
  states: [talking, held, consulting, consultRings, consulted, ...afterRefer],
  transitions: transitions(...consultation, ...byRefer),
};

/** RFC 5589 section 7.6: completed while the consultation rings; the call is waited for, called off, or replaced early. */
const blonde: TransferMachine = {
  states: [talking, held, consulting, consultRings, consulted, state('called_off', ({ transferor, target }) => `${transferor} calls ${target} no more`), ...afterRefer],
  transitions: transitions(
    ...consultation,
    ['consult_rings', 'asked', 'asked'],
    ['consult_rings', 'consult-called-off', 'called_off'],
    ['called_off', 'asked', 'asked'],
    ...byRefer,
  ),
};

/** RFC 3261 sections 8.1.3.4 and 21.3. */
const redirect: TransferMachine = {
  states: [
    state('first_call', ({ transferor, transferee }) => `${transferee} calls ${transferor}`),
    state('first_rings', ({ transferor }) => `${transferor} rings`),
    state('redirected', ({ transferor, transferee, target }) => `${transferor} sends ${transferee} on to ${target}`),
    calling,
    ringing,
    connected,
    missed,
  ],
  transitions: transitions(
    ['first_call', 'first-rings', 'first_rings'],
    ['first_call', 'redirected', 'redirected'],
    ['first_rings', 'redirected', 'redirected'],
    ['redirected', 'call', 'calling'],
    ['calling', 'rings', 'ringing'],
    ['calling', 'answered', 'connected'],
    ['ringing', 'answered', 'connected'],
    ['calling', 'fails', 'missed'],
    ['ringing', 'fails', 'missed'],
    // The next Contact of the redirection (RFC 3261 section 8.1.3.4).
    ['missed', 'call', 'calling'],
  ),
};

/** RFC 3891 sections 3 and 4, RFC 5359 section 2.16. Whoever answered first is taken over from. */
const pickUp: TransferMachine = {
  states: [
    state('first_call', ({ transferor, transferee }) => `${transferee} and ${transferor} have a call`),
    state('first_rings', ({ transferor }) => `${transferor} rings`),
    state('taking', ({ target, transferee }) => `${target} asks ${transferee} for it`),
    connected,
    state('missed', ({ transferee }) => `${transferee} refuses`),
    gone,
  ],
  transitions: transitions(
    ['first_call', 'first-rings', 'first_rings'],
    ['first_call', 'call', 'taking'],
    ['first_rings', 'call', 'taking'],
    ['taking', 'answered', 'connected'],
    ['taking', 'fails', 'missed'],
    ['connected', 'first-ends', 'gone'],
  ),
};

/** Of a transfer system without a machine here: only that it began, and how its new call went. */
const unknown: TransferMachine = {
  states: [state('begun', ({ transferor, transferee, target }) => `${transferor} gives ${transferee} to ${target}`), calling, ringing, connected, missed],
  transitions: transitions(['begun', 'call', 'calling'], ['begun', 'answered', 'connected'], ['calling', 'rings', 'ringing'], ['calling', 'answered', 'connected'], ['ringing', 'answered', 'connected'], ['calling', 'fails', 'missed']),
};

/** A new transfer system adds its machine here, and its events to `event.ts`. */
const machines: Readonly<Partial<Record<TransferKind, TransferMachine>>> = { blind, attended, blonde, redirect, 'pick-up': pickUp };

export function machineOf(kind: TransferKind): TransferMachine {
  return machines[kind] ?? unknown;
}
