/** Who is connected to whom at one moment: parties, and the calls between them. */
export interface DialogMap {
  /** The lab's phones in their own order, then everybody else in order of appearance: nobody changes place. */
  readonly nodes: readonly MapNode[];
  /** In the order in which the calls began; those of the past, which only keep their place, stand among them. */
  readonly links: readonly MapLink[];
  /** How many parties without a call were left out, because there are so many. */
  readonly hidden: number;
}

/** What somebody does now. */
export type MapActivity = 'idle' | 'calling' | 'ringing' | 'talking' | 'held';

export interface MapNode {
  /** A plain word that no text of a stranger's can change, the same as long as the trace lasts. */
  readonly id: string;
  /** Unescaped. */
  readonly name: string;
  /** The phone's name when it is one of the lab, else empty. */
  readonly phone: string;
  /** Whether it joins calls of others: a B2BUA. */
  readonly isServer: boolean;
  readonly activity: MapActivity;
}

export type LinkState = 'calling' | 'ringing' | 'up' | 'past';

/** One call, or where calls of the past have been. */
export interface MapLink {
  /** The call's id; of a link of the past, one that says between whom. */
  readonly id: string;
  /** The caller's node, and the callee's. */
  readonly from: string;
  readonly to: string;
  readonly state: LinkState;
  /** Who has put the other on hold. */
  readonly holds: readonly ('caller' | 'callee')[];
  /** The call of the trace; undefined when it is past. */
  readonly callId: string | undefined;
  /** The server that passed the INVITE on, by name; empty when it went straight. */
  readonly through: string;
  /** The bridge that joins it with another call at a B2BUA: `bridge 1`; empty where there is none or it is not known. */
  readonly bridge: string;
  /** Unescaped: `talking`, `bob holds, through proxy`. */
  readonly label: string;
}
