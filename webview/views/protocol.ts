/**
 * What the extension and a page with one diagram (the dialog map, or the state of a transfer) say to each other. As with the
 * ladder, the extension does the thinking: it sends a finished diagram, and what each part of it is.
 */

export type DiagramKind = 'map' | 'transfer' | 'picture';

/** Something that can be done with a party or a call: a command of the palette, with its arguments. */
export interface ViewAction {
  readonly command: string;
  readonly title: string;
  /** A codicon. */
  readonly icon: string;
  readonly phone: string;
  /** The call of that phone; undefined for what the phone does as a whole. */
  readonly call: string | undefined;
}

/** Actions that belong together: those of a phone, or those of one of its calls. */
export interface ActionGroup {
  readonly title: string;
  readonly actions: readonly ViewAction[];
}

/** A party of the map, or a call between two. */
export interface MapPart {
  /** As the diagram names it. */
  readonly id: string;
  readonly kind: 'party' | 'call';
  /** What a screen reader says: `bob, talking`, `alice and bob: talking`. */
  readonly label: string;
  readonly tone: 'idle' | 'calling' | 'ringing' | 'talking' | 'held';
  readonly groups: readonly ActionGroup[];
  /** The message that began the call. */
  readonly message: string | undefined;
}

export interface MapView {
  readonly kind: 'map';
  /** Mermaid's text; empty when there is nobody to show. */
  readonly diagram: string;
  readonly parts: readonly MapPart[];
  /** How many parties without a call were left out. */
  readonly hidden: number;
  /** Stands where the diagram will be. */
  readonly welcome: string;
  /** Whether it is of a trace in a file, in which nothing can be done any more. */
  readonly isFile: boolean;
}

/** One move of a transfer, or a state that it was in. */
export interface TransferMove {
  readonly label: string;
  /** `0.120 s` */
  readonly time: string;
  /** The state it led to. */
  readonly to: string;
  readonly message: string | undefined;
}

export interface TransferLine {
  /** The words that stand at it. */
  readonly label: string;
  /** The moves that took this way, as indexes; none for a way that was not taken. */
  readonly moves: readonly number[];
}

export interface TransferStateView {
  readonly id: string;
  readonly label: string;
  readonly reached: 'taken' | 'now' | 'ahead';
  /** The move that led here first, as an index; undefined when none did. */
  readonly move: number | undefined;
}

export interface TransferView {
  readonly kind: 'transfer';
  readonly diagram: string;
  readonly states: readonly TransferStateView[];
  /** In the order in which the diagram draws them, without the line from the start. */
  readonly lines: readonly TransferLine[];
  readonly moves: readonly TransferMove[];
  readonly verdict: 'pending' | 'success' | 'failed';
  readonly title: string;
  readonly reason: string;
  /** All there are, newest first, for the choice. */
  readonly transfers: readonly { readonly id: string; readonly title: string }[];
  /** Which one was chosen; empty for whichever is the newest. */
  readonly chosen: string;
  readonly welcome: string;
}

/** A whole diagram, to be drawn once and sent back as a file. */
export interface PictureView {
  readonly kind: 'picture';
  readonly diagram: string;
  readonly format: 'svg' | 'png';
  /** Stands there meanwhile. */
  readonly welcome: string;
}

export type DiagramView = MapView | TransferView | PictureView;

export type ToDiagram = { readonly type: 'view'; readonly view: DiagramView };

export type FromDiagram =
  /** The page is there; with the transfer that it showed before it was hidden. */
  | { readonly type: 'ready'; readonly transfer: string }
  | { readonly type: 'choose'; readonly transfer: string }
  /** Show a message in the trace; with the focus there, or left in the page. */
  | { readonly type: 'open'; readonly id: string; readonly focus: boolean }
  | { readonly type: 'run'; readonly command: string; readonly phone: string; readonly call: string | undefined }
  /** The picture: SVG as it is, PNG in Base64. */
  | { readonly type: 'picture'; readonly data: string }
  /** Something failed in the browser half; for the log. */
  | { readonly type: 'trouble'; readonly text: string };

/** What a page keeps while it is hidden, and over a restart. */
export interface DiagramMemory {
  readonly kind: DiagramKind;
  /** The address of the trace that it shows. */
  readonly source: string;
  /** The chosen transfer; empty for the newest. */
  readonly transfer: string;
  /** The chosen part of the map; empty for none. */
  readonly part: string;
}
