/** What a message means for the transfer that it belongs to. */
export type TransferEvent =
  /** In the first call: the other is put on hold, or taken back. */
  | 'hold'
  | 'resume'
  | 'first-rings'
  | 'redirected'
  | 'first-ends'
  /** In the consultation call. */
  | 'consult'
  | 'consult-rings'
  | 'consult-answered'
  | 'consult-fails'
  | 'consult-called-off'
  /** The REFER and what is answered to it. */
  | 'asked'
  | 'accepted'
  | 'refused'
  /** In the new call. */
  | 'call'
  | 'rings'
  | 'answered'
  | 'fails'
  /** News of it to the transferor, by NOTIFY. */
  | 'told-success'
  | 'told-failure'
  /** Of IAX2's native transfer: TXREQ in the first call and in the other, TXACC, TXREADY from each end, and the end of it. */
  | 'first-told'
  | 'other-told'
  | 'found'
  | 'first-ready'
  | 'other-ready'
  | 'released'
  | 'media-released';

/** Who a state is about, as a sentence names them. */
export interface MachineParties {
  readonly transferor: string;
  readonly transferee: string;
  readonly target: string;
}

export interface MachineState {
  readonly id: string;
  readonly title: (parties: MachineParties) => string;
}

export interface MachineTransition {
  readonly from: string;
  readonly on: TransferEvent;
  readonly to: string;
}

/**
 * What a transfer of one kind goes through. The first state is the one it begins in; every machine ends in the verdict,
 * which may come in any state and is no transition of its own.
 */
export interface TransferMachine {
  readonly states: readonly MachineState[];
  readonly transitions: readonly MachineTransition[];
  /** What stands at its transitions, where that is not what it is in SIP. */
  readonly words?: Readonly<Partial<Record<TransferEvent, string>>>;
}

/** What stands at a transition that was not taken: the messages that could take it, in SIP where there are two. */
export const eventWords: Readonly<Record<TransferEvent, string>> = {
  hold: 'hold',
  resume: 'resume',
  'first-rings': '180',
  redirected: '3xx',
  'first-ends': 'BYE or CANCEL',
  consult: 'INVITE',
  'consult-rings': '180',
  'consult-answered': '2xx',
  'consult-fails': '4xx-6xx',
  'consult-called-off': 'CANCEL',
  asked: 'REFER',
  accepted: '2xx',
  refused: '3xx-6xx',
  call: 'INVITE',
  rings: '180',
  answered: '2xx',
  fails: '3xx-6xx',
  'told-success': 'NOTIFY 2xx',
  'told-failure': 'NOTIFY 3xx-6xx',
  'first-told': 'TXREQ',
  'other-told': 'TXREQ',
  found: 'TXACC',
  'first-ready': 'TXREADY',
  'other-ready': 'TXREADY',
  released: 'TXREL',
  'media-released': 'TXMEDIA',
};
