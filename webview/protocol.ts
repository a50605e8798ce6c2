/**
 * What the extension and the panel say to each other. The extension does all the thinking: it sends finished rows and
 * finished sentences; the panel draws them and reports what the person does.
 */

import type { LadderFromPanel, LadderOptions, LadderToPanel } from './ladder-protocol';

export type * from './ladder-protocol';

export type LabPhase = 'stopped' | 'starting' | 'running' | 'stopping';

/** The verdict of one transfer. */
export interface PanelTransfer {
  readonly id: string;
  readonly verdict: 'pending' | 'success' | 'failed';
  /** `Blind transfer, Bob gives Alice to Charlie` */
  readonly title: string;
  /** The verdict's sentence; what goes on, while it is pending. */
  readonly reason: string;
  /** The message to look at: the one that decided, or else the first. */
  readonly message: string | undefined;
}

/** The file that a ladder is of, where it is not the lab's. */
export interface PanelFile {
  readonly name: string;
  /** Stands where the ladder would be, when there is nothing to draw. */
  readonly words: string;
  /** What was not as it should be in it; empty when nothing was. */
  readonly remark: string;
}

/** What the panel shows around its diagrams. */
export interface PanelView {
  readonly phase: LabPhase;
  /** Undefined for the lab's own trace. */
  readonly file?: PanelFile | undefined;
  /** The newest, newest first. */
  readonly transfers: readonly PanelTransfer[];
  /** How many more there are. */
  readonly olderTransfers: number;
  /** Who hears whom, a sentence for each phone. */
  readonly hearing: readonly string[];
  /** The methods there are messages of, for the filter. */
  readonly methods: readonly string[];
}

export type ToPanel =
  | LadderToPanel
  | { readonly type: 'view'; readonly view: PanelView }
  /** The message that the trace editor's cursor is in. */
  | { readonly type: 'mark'; readonly id: string | undefined };

/** What the panel's buttons ask for. */
export type PanelAction = 'start' | 'place-call' | 'clear' | 'export' | 'open-trace' | 'open-map' | 'open-transfer' | 'open-earlier';

export type FromPanel =
  /** The page is there; with what it remembers of its last time. */
  | { readonly type: 'ready'; readonly options: Partial<LadderOptions> }
  | LadderFromPanel
  /** Show a message in the trace; with the focus there, or left in the panel. */
  | { readonly type: 'open'; readonly id: string; readonly focus: boolean }
  | { readonly type: 'action'; readonly action: PanelAction }
  /** Something failed in the browser half; for the log. */
  | { readonly type: 'trouble'; readonly text: string };

/** What the panel keeps across a reload of its window. */
export interface PanelMemory {
  /** The address of the trace that it shows. */
  readonly source?: string | undefined;
  readonly follow: boolean;
  readonly options?: LadderOptions | undefined;
  readonly look?: LadderLook | undefined;
  /** What is looked for, when something is. */
  readonly search?: string | undefined;
  /** The row that stood at the top, and how far from it, in pixels. */
  readonly anchor?: { readonly id: string; readonly offset: number } | undefined;
}

/** How the panel shows the ladder; nobody else needs to know. */
export interface LadderLook {
  /** 1 is life size. */
  readonly zoom: number;
  readonly time: 'none' | 'relative' | 'delta' | 'absolute';
  readonly colour: 'kind' | 'dialog' | 'transfer';
  readonly table: boolean;
}
