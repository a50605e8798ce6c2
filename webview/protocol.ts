/**
 * What the extension and the panel say to each other. The extension does all the thinking: it sends a finished diagram
 * and finished sentences; the panel draws them and reports what the person does.
 */

export type LabPhase = 'stopped' | 'starting' | 'running' | 'stopping';

/** One arrow of the ladder. */
export interface PanelRow {
  /** The message it stands for, as the trace names it. */
  readonly id: string;
  /** What a screen reader says: `INVITE, alice to bob`. */
  readonly label: string;
  /** How it is coloured. */
  readonly tone: 'request' | 'provisional' | 'success' | 'redirect' | 'failure' | 'broken';
  /** Which failures of the field show in it: `T3`. */
  readonly lints: readonly string[];
}

export type PanelNote = 'plain' | 'success' | 'failed';

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

/** Everything the panel shows. */
export interface PanelView {
  readonly phase: LabPhase;
  /** Mermaid's text; empty when there is nothing to draw. */
  readonly diagram: string;
  /** How many lanes the diagram has. */
  readonly lanes: number;
  /** The arrows of the diagram, in its order. */
  readonly rows: readonly PanelRow[];
  /** What the notes between them are about, in the diagram's order. */
  readonly notes: readonly PanelNote[];
  /** How many older rows are not drawn. */
  readonly above: number;
  /** Newest first. */
  readonly transfers: readonly PanelTransfer[];
  /** Who hears whom, a sentence for each phone. */
  readonly hearing: readonly string[];
  /** The methods there are messages of, for the filter. */
  readonly methods: readonly string[];
  /** The method shown alone; empty for all. */
  readonly method: string;
}

export type ToPanel =
  | { readonly type: 'view'; readonly view: PanelView }
  /** The message that the trace editor's cursor is in. */
  | { readonly type: 'mark'; readonly id: string | undefined };

/** What the panel's buttons ask for. */
export type PanelAction = 'start' | 'place-call' | 'clear' | 'export' | 'open-trace';

export type FromPanel =
  | { readonly type: 'ready' }
  /** Show a message in the trace; with the focus there, or left in the panel. */
  | { readonly type: 'open'; readonly id: string; readonly focus: boolean }
  | { readonly type: 'filter'; readonly method: string }
  | { readonly type: 'action'; readonly action: PanelAction }
  /** Something failed in the browser half; for the log. */
  | { readonly type: 'trouble'; readonly text: string };

/** What the panel keeps across a reload of its window. */
export interface PanelMemory {
  readonly follow: boolean;
  /** The row that stood at the top, and how far from it, in pixels. */
  readonly anchor?: { readonly id: string; readonly offset: number } | undefined;
}
