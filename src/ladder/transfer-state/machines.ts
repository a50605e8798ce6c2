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

/** TRANSFER of IAX2, which nobody answers: the other end goes on by itself (IAX2 reference 6.7). */
const handover: TransferMachine = {
  states: [talking, held, asked, refused, state('handed_over', ({ transferor }) => `${transferor} has left`), calling, ringing, connected, missed],
  transitions: transitions(
    ['talking', 'hold', 'held'],
    ['held', 'resume', 'talking'],
    ['talking', 'asked', 'asked'],
    ['held', 'asked', 'asked'],
    ['asked', 'refused', 'refused'],
    ['asked', 'first-ends', 'handed_over'],
    ['asked', 'call', 'calling'],
    ['handed_over', 'call', 'calling'],
    ['calling', 'rings', 'ringing'],
    ['calling', 'answered', 'connected'],
    ['ringing', 'answered', 'connected'],
    ['calling', 'fails', 'missed'],
    ['ringing', 'fails', 'missed'],
  ),
  words: { asked: 'TRANSFER', refused: 'UNSUPPORT', 'first-ends': 'HANGUP', call: 'NEW', rings: 'RINGING', answered: 'ANSWER', fails: 'REJECT or HANGUP', hold: 'QUELCH or HOLD', resume: 'UNQUELCH or UNHOLD' },
};

/** Native transfer of IAX2: the middle tells each end of the other and leaves when both have found each other (RFC 5456 section 6.5). */
const native: TransferMachine = {
  states: [
    state('between', ({ transferor, transferee, target }) => `${transferor} is between ${transferee} and ${target}`),
    state('first_told', ({ transferee, target }) => `${transferee} is told of ${target}`),
    state('other_told', ({ transferee, target }) => `${target} is told of ${transferee}`),
    state('both_told', () => 'Both are told of each other'),
    state('found', ({ transferee, target }) => `${transferee} and ${target} have found each other`),
    state('first_ready', ({ transferee }) => `${transferee} is ready`),
    state('other_ready', ({ target }) => `${target} is ready`),
    state('both_ready', () => 'Both are ready'),
    state('refused', () => 'One of them refuses'),
    state('released', ({ transferor }) => `${transferor} lets them go`),
    state('media_released', ({ transferor }) => `${transferor} keeps the signalling only`),
  ],
  transitions: transitions(
    ['between', 'first-told', 'first_told'],
    ['between', 'other-told', 'other_told'],
    ['first_told', 'other-told', 'both_told'],
    ['other_told', 'first-told', 'both_told'],
    ['first_told', 'refused', 'refused'],
    ['other_told', 'refused', 'refused'],
    ['both_told', 'refused', 'refused'],
    ['both_told', 'found', 'found'],
    ['both_told', 'first-ready', 'first_ready'],
    ['both_told', 'other-ready', 'other_ready'],
    ['found', 'first-ready', 'first_ready'],
    ['found', 'other-ready', 'other_ready'],
    ['first_ready', 'other-ready', 'both_ready'],
    ['other_ready', 'first-ready', 'both_ready'],
    ['both_ready', 'released', 'released'],
    ['both_ready', 'media-released', 'media_released'],
  ),
  words: { refused: 'TXREJ or UNSUPPORT' },
};

/** Of a transfer system without a machine here: only that it began, and how its new call went. */
const unknown: TransferMachine = {
  states: [state('begun', ({ transferor, transferee, target }) => `${transferor} gives ${transferee} to ${target}`), calling, ringing, connected, missed],
  transitions: transitions(['begun', 'call', 'calling'], ['begun', 'answered', 'connected'], ['calling', 'rings', 'ringing'], ['calling', 'answered', 'connected'], ['ringing', 'answered', 'connected'], ['calling', 'fails', 'missed']),
};

/** A new transfer system adds its machine here, and its events to `event.ts`. */
const machines: Readonly<Partial<Record<TransferKind, TransferMachine>>> = { blind, attended, blonde, redirect, 'pick-up': pickUp, native, 'native-media': native };

/** `isIax`: whether it was made by frames of IAX2, which has a blind transfer of its own. */
export function machineOf(kind: TransferKind, isIax: boolean): TransferMachine {
  return kind === 'blind' && isIax ? handover : (machines[kind] ?? unknown);
}
