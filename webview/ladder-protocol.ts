/**
 * What the extension and the panel say to each other about the ladder. The extension decides what is shown (rows, their
 * order, their words); the panel decides where it stands on the screen. Every text is visible text, not yet escaped.
 */

/** One lifeline. */
export interface PanelLane {
  /** A plain word, such as `p0`. */
  readonly id: string;
  readonly name: string;
  readonly addresses: readonly string[];
  /** Its part in the newest transfer. */
  readonly role: 'none' | 'transferor' | 'transferee' | 'target';
  readonly state: 'none' | 'idle' | 'calling' | 'ringing' | 'talking' | 'holding' | 'held';
  /** With whom, for every state but `none` and `idle`. */
  readonly peers: readonly string[];
}

/** A failure of the field, found in a message. */
export interface PanelLint {
  /** `T3` */
  readonly id: string;
  readonly text: string;
}

/** One arrow. */
export interface PanelArrow {
  readonly kind: 'message';
  /** The message it stands for, as the trace names it. */
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly arrow: 'request' | 'response' | 'lost';
  /** What stands over it. */
  readonly words: string;
  /** How it is coloured. */
  readonly tone: 'request' | 'provisional' | 'success' | 'redirect' | 'failure' | 'broken';
  /** Milliseconds since the trace's start. */
  readonly at: number;
  /** The dialog, or the call, that it belongs to. */
  readonly dialog?: string | undefined;
  /** The newest transfer that it belongs to. */
  readonly transfer?: string | undefined;
  readonly lints?: readonly PanelLint[] | undefined;
  /** How many repeats are folded into it. */
  readonly folded?: number | undefined;
  /** It is a repeat itself, of the message of this id. */
  readonly repeats?: string | undefined;
}

/** Something worth knowing between two messages. */
export interface PanelNoteRow {
  readonly kind: 'note';
  readonly id: string;
  /** Ids of lanes. */
  readonly over: readonly string[];
  readonly words: string;
  readonly tone: 'plain' | 'success' | 'failed';
  /** The message it stands behind. */
  readonly message?: string | undefined;
  readonly at: number;
}

/** A voice that is heard. */
export interface PanelStream {
  readonly kind: 'stream';
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly words: string;
  readonly at: number;
  readonly goesOn: boolean;
}

/** What the rows below it have in common. */
export interface PanelHeading {
  readonly kind: 'heading';
  readonly id: string;
  readonly words: string;
  readonly at: number;
}

export type PanelRow = PanelArrow | PanelNoteRow | PanelStream | PanelHeading;

/** What of the trace is shown, and in which order; the person chooses, the extension carries it out. */
export interface LadderOptions {
  /** One method alone; empty for all. */
  readonly method: string;
  /** A filter as typed. */
  readonly query: string;
  readonly grouping: 'none' | 'transfer' | 'call';
  /** Whether the addresses of one host share a lane. */
  readonly byHost: boolean;
  /** Whether notes say what the arrows say themselves: calls up and over, the steps of a transfer. */
  readonly details: boolean;
  /** Ids of the lanes left out, with their messages. */
  readonly hidden: readonly string[];
  /** Ids of the lanes that come first, in this order. */
  readonly order: readonly string[];
  /** Ids of the messages whose repeats are shown. */
  readonly unfolded: readonly string[];
  /** Nothing new is shown until further notice. */
  readonly paused: boolean;
}

/** Messages before the first row that the trace holds no longer, how many of them are in files, and how many files. */
export interface PanelEarlier {
  readonly messages: number;
  readonly inFiles: number;
  readonly files: number;
}

/** The difference between the ladder that the panel has and the one it is to have. */
export interface LadderPatch {
  /** The panel's ladder is empty before it. */
  readonly reset: boolean;
  /** Rows changed in their places. */
  readonly changed: readonly (readonly [index: number, row: PanelRow])[];
  /** So many rows at the beginning leave first: every index is that of the rest. */
  readonly gone?: number | undefined;
  /** From here on, `removed` rows go and `added` come. */
  readonly from: number;
  readonly removed: number;
  readonly added: readonly PanelRow[];
  /** All of them, when any has changed. */
  readonly lanes?: readonly PanelLane[] | undefined;
  /** Ids of lanes that are left out, with their names, when that has changed. */
  readonly hidden?: readonly (readonly [id: string, name: string])[] | undefined;
  /** What the trace has forgotten, when that has changed. */
  readonly earlier?: PanelEarlier | undefined;
  /** How dialogs and transfers are called that are new in it, or have another name. */
  readonly names: Readonly<Record<string, string>>;
  /** Dialogs and transfers that have no row any more. */
  readonly unnamed?: readonly string[] | undefined;
  /** When the trace began, in milliseconds since 1970; undefined where nobody knows. */
  readonly origin?: number | undefined;
  readonly options: LadderOptions;
  /** What is wrong with the filter. */
  readonly problems: readonly PanelProblem[];
  /** Messages that wait, while it is paused. */
  readonly waiting: number;
}

/** Something wrong with a filter or a search: where in its text, and a sentence. */
export interface PanelProblem {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** What a search has found: the ids of rows in their order, of which the panel has the first `kept` already. */
export interface PanelFound {
  /** What was looked for. */
  readonly text: string;
  readonly kept: number;
  readonly ids: readonly string[];
  readonly problems: readonly PanelProblem[];
}

/** One line of a comparison: a message of each call, or of one of them. */
export interface PanelPair {
  readonly left?: PanelSide | undefined;
  readonly right?: PanelSide | undefined;
  readonly isSame: boolean;
}

export interface PanelSide {
  /** The message, as the trace names it. */
  readonly id: string;
  readonly words: string;
  /** Whether the caller sent it. */
  readonly isForward: boolean;
  /** Milliseconds since its call began. */
  readonly at: number;
}

/** Two calls side by side, and the calls there are to choose from. */
export interface PanelComparison {
  readonly calls: readonly (readonly [id: string, name: string])[];
  readonly left: string;
  readonly right: string;
  readonly pairs: readonly PanelPair[];
  /** Index of the first pair that differs; -1 when none does. */
  readonly firstDifference: number;
}

/** What is chosen in a tree: messages and lanes, by their ids. */
export interface PanelChosen {
  readonly messages: readonly string[];
  readonly lanes: readonly string[];
  /** The message to bring into view, if any; where its row is not shown, the first of the others. */
  readonly first?: string | undefined;
}

export type LadderToPanel =
  | { readonly type: 'comparison'; readonly comparison: PanelComparison }
  | { readonly type: 'ladder'; readonly patch: LadderPatch }
  | { readonly type: 'open-finder' }
  | { readonly type: 'found'; readonly found: PanelFound }
  /** Somebody looks for something in the trace editor: look for the same; an empty text ends it. */
  | { readonly type: 'find'; readonly text: string }
  | { readonly type: 'chosen'; readonly chosen: PanelChosen };

export type LadderFromPanel =
  /** Compare two calls; without ids, the two newest. */
  | { readonly type: 'compare'; readonly left: string; readonly right: string }
  | { readonly type: 'arrange'; readonly options: Partial<LadderOptions> }
  /** Look for a text, as typed, in everything there is; nothing is looked for any more when it is empty. */
  | { readonly type: 'search'; readonly text: string };
