import type * as vscode from 'vscode';
import type { LineRange } from '../../capture';
import type { TraceModel } from '../../trace';

/** One trace that panels show: that of the lab, of a document, or of a capture. */
export interface TraceSource {
  /** What it is known by, over a restart as well: the live trace's address, or that of the file. */
  readonly uri: vscode.Uri;
  /** Of the file; empty for the live trace. */
  readonly name: string;
  readonly isLive: boolean;
  /** Undefined as long as there is none, or where it could not be read; another one when it was read again. */
  readonly trace: TraceModel | undefined;
  /** When it began, in milliseconds since 1970; undefined where nobody knows. */
  readonly origin: number | undefined;
  /** Stands where the ladder would be, when there is nothing to draw; empty for the live trace, of which the panel knows more. */
  readonly words: string;
  /** What was not as it should be in the file, in a sentence or two; empty when nothing was. */
  readonly remark: string;
  /** It has grown, was read again, or has other words. */
  readonly onDidChange: vscode.Event<void>;
  /** Resolves when it was read for the first time, with or without success. */
  whenRead(): Promise<void>;
  /** Its text, opened but not shown. Rejects when there is none. */
  document(): Thenable<vscode.TextDocument>;
  /** Where each message stands in that text, by its id, as far as the text has it already. */
  placesIn(document: vscode.TextDocument): ReadonlyMap<string, LineRange>;
}
